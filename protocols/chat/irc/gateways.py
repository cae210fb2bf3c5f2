"""Gateways that speak for others (WEBIRC). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address


class Gateways:
    """Who may say whose connection it brings.

    @param networks: where gateways are.
    @param password: what they say; nobody is one if it is empty.
    """

    def __init__(
        self, networks: Sequence[IPv4Network | IPv6Network], password: str
    ) -> None:
        self._networks = tuple(networks)
        self._password = password.encode()

    def knows(self, address: str, password: str) -> bool:
        """Whether who comes from C{address} and says C{password} is one."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        isThere = any(
            found in network
            for network in self._networks
            if network.version == found.version
        )
        isRight = compare_digest(password.encode(), self._password)
        return isThere and bool(self._password) and isRight
