"""Which addresses are one peer. Pure."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

# A site is given at least a /64 (RFC 6177, section 2), so who has one address of
# it may use them all.
_PREFIX_BITS = 64

# Peers whose network is remembered; what it saves is the parsing, some 1.4 us.
_REMEMBERED = 4096


@lru_cache(_REMEMBERED)
def networkOf(host: str) -> str:
    """The network that counts as one peer with C{host}.

    @param host: a literal address, with or without a zone (C{fe80::1%eth0}).
    @return: an IPv4 address as it is, also when it came mapped into IPv6; the
        /64 of an IPv6 address; anything else (a UNIX path, nothing) as it is.
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    network = int(address) >> _PREFIX_BITS << _PREFIX_BITS
    return f"{IPv6Address(network)}/{_PREFIX_BITS}"
