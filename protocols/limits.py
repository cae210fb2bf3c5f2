"""The limits of one listener, checked when they are made. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network

# Below the 1,024 open files that most systems allow a process by default.
MAX_CONNECTIONS = 1000

# Postfix's smtpd_client_connection_count_limit; the same figure serves people
# behind one address and stops a single host from taking every place.
MAX_PER_PEER = 50

# RFC 5321, section 4.5.3.2.7, asks a server to wait at least five minutes for
# the next command; no protocol here needs longer without saying so itself.
IDLE_TIMEOUT = 300.0

# A listener takes so many connections a second for long, and twice as many at
# once: every place that there is, once a second. It is there to keep a flood of
# connections from taking the time of those who are connected already.
ACCEPT_RATE = 1000.0


class LimitError(ValueError):
    """A limit that can't be: C{limit} is its name, the message says why."""

    def __init__(self, limit: str, expected: str) -> None:
        super().__init__(f"{limit}: expected {expected}")
        self.limit = limit
        self.expected = expected


@dataclass(frozen=True)
class Limits:
    """How many connections, for how long, how fast and from whom.

    0 means no limit, for each of them.

    @param maxConnections: connections at the same time.
    @param maxPerPeer: the same, from one peer: an IPv4 address, an IPv6 /64.
    @param idleTimeout: seconds without an octet in either direction.
    @param lifetime: seconds from accept to end.
    @param acceptRate: connections a second, in the long run; twice the rate may
        come at once.
    @param exempt: networks that C{maxPerPeer} does not count, in CIDR notation.
    @raise LimitError: a number is below 0, or a network is none.
    """

    maxConnections: int = MAX_CONNECTIONS
    maxPerPeer: int = MAX_PER_PEER
    idleTimeout: float = IDLE_TIMEOUT
    lifetime: float = 0.0
    acceptRate: float = ACCEPT_RATE
    exempt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self)[:-1]:
            if not 0 <= getattr(self, field.name) < float("inf"):
                raise LimitError(field.name, "a number, 0 (no limit) or more")
        self.exemptNetworks()

    def exemptNetworks(self) -> list[IPv4Network | IPv6Network]:
        """The networks of C{exempt}."""
        try:
            return [ip_network(network) for network in self.exempt]
        except ValueError:
            expected = "networks in CIDR notation, such as 10.0.0.0/8"
            raise LimitError("exempt", expected) from None
