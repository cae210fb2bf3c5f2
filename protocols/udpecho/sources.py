"""To whom a datagram service must not answer. Pure.

A source address is a claim: anybody can write any. An answer sent to a false one
hits somebody else (a reflector), and two services that answer each other never
stop (a loop; CERT advisory CA-1996-01). Hence the rules, first that holds first:

===========  ==================================================================
reason       the datagram claims to come from
===========  ==================================================================
port         a port below 1024: echo, chargen, time, DNS and all other services
             that may answer an answer (RFC 6335, section 6: system ports)
self         our own port number: this service, or its like on another host
multicast    a group (RFC 1112, section 7.2: never a source)
broadcast    everybody (RFC 1122, section 3.2.1.3)
unspecified  nobody (the same; RFC 4291, section 2.5.2)
reserved     class E (RFC 1112, section 4)
===========  ==================================================================
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

# RFC 6335, section 6: 0 to 1023 are the system ports.
FIRST_USER_PORT = 1024

# Addresses whose kind is remembered; what it saves is the parsing, some 1.4 us.
_REMEMBERED = 4096


@lru_cache(_REMEMBERED)
def unfitAddress(host: str) -> str | None:
    """Why C{host}, a literal address, can't be answered; C{None} if it can."""
    try:
        address = ip_address(host)
    except ValueError:
        return "unspecified"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return unfitAddress(str(address.ipv4_mapped))
    if str(address) == "255.255.255.255":
        return "broadcast"
    if isinstance(address, IPv4Address) and address.is_reserved:
        return "reserved"
    for reason in ("multicast", "unspecified"):
        if getattr(address, f"is_{reason}"):
            return reason
    return None


class SourceRules:
    """The table above, for a service on a port.

    @param ownPort: the port that we listen on.
    @param allowedPorts: system ports that are answered all the same.
    """

    def __init__(self, ownPort: int, allowedPorts: frozenset[int]) -> None:
        self._ownPort = ownPort
        self._allowedPorts = allowedPorts

    def refusal(self, host: str, port: int) -> str | None:
        """Why a datagram from there is dropped; C{None} if it is answered."""
        if port < FIRST_USER_PORT and (port == 0 or port not in self._allowedPorts):
            return "port"
        if port == self._ownPort:
            return "self"
        return unfitAddress(host)
