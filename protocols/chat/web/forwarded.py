"""Whose a request is that a proxy passes on (C{X-Forwarded-For}). Pure.

Each proxy writes whom it has heard a request from behind what is there already. So
the end is true, as far as the proxies are ours; what stands in front of the first
stranger is only what that stranger says.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

FIELD = "x-forwarded-for"

# Addresses that are looked at, from the end: a chain of proxies of one's own is
# short.
MAX_PROXIES = 8

Network = IPv4Network | IPv6Network


def sourceOf(peer: str, said: Sequence[str], proxies: Sequence[Network]) -> str:
    """The address that a request comes from.

    @param peer: the address of the connection.
    @param said: the elements of the field, in their order.
    @param proxies: where our proxies are; nobody else is believed.
    """
    source = peer
    for each in [*said[-MAX_PROXIES:]][::-1]:
        if not _isIn(_address(source), proxies):
            break
        address = _address(each)
        if address is None:
            break
        source = str(address)
    return source


def checkNetwork(text: str) -> Network:
    """A network in CIDR notation.

    @raise ValueError: it is none; the message says what was expected.
    """
    for kind in (IPv4Network, IPv6Network):
        try:
            return kind(text)
        except ValueError:
            continue
    raise ValueError(f"expected a network such as 10.0.0.0/8, got {text!r}")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Also with a port, as some proxies write it; C{None} for anything else."""
    host = text.strip().strip('"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _isIn(
    address: IPv4Address | IPv6Address | None, networks: Sequence[Network]
) -> bool:
    return address is not None and any(
        address in network for network in networks if network.version == address.version
    )
