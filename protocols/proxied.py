"""Connections that come by a proxy, which says whose they are.

It stands in front of everything else, TLS and the guard included: what is behind
it is given the client's address for the peer's, and the reader of the header is
gone then, so that it costs nothing further.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.proxyheader import ProxyHeader, ProxyHeaderError, parseProxyHeader

# Seconds for a header: a proxy sends it at once, in one segment.
HEADER_TIMEOUT = 5.0

# Connections whose header has not come: more are aborted. They are our own
# proxies', and each is here for one turn of the reactor.
MAX_WAITING = 1000


class ProxiedFactory(Factory):
    """Reads the header of connections from trusted proxies.

    Who comes from one of the networks has to begin with a header; from anywhere
    else the octets of a header are just octets, for nobody may say who they are.

    @param factory: what serves the clients.
    @param networks: where the proxies are.
    @param clock: an C{IReactorTime}.
    """

    noisy = False
    log = Logger()

    def __init__(
        self,
        factory: Any,
        networks: Sequence[IPv4Network | IPv6Network],
        clock: Any,
    ) -> None:
        self.factory = factory
        self.clock = clock
        self.waiting: set[_HeaderReader] = set()
        self._networks = tuple(networks)

    def doStart(self) -> None:
        """The factory's."""
        self.factory.doStart()

    def doStop(self) -> None:
        """The factory's; who has not said yet whose it is has no more to say."""
        self.factory.doStop()
        for reader in list(self.waiting):
            reader.transport.abortConnection()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A reader of a header for a proxy; the factory's own for anybody else."""
        if self._isProxy(str(getattr(addr, "host", "") or "")):
            return _HeaderReader(self)
        return self.factory.buildProtocol(addr)

    def _isProxy(self, host: str) -> bool:
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)


class _HeaderReader(Protocol):
    """Reads one header, and makes way."""

    factory: ProxiedFactory
    transport: Any

    def __init__(self, factory: ProxiedFactory) -> None:
        self.factory = factory
        self._kept = b""

    def connectionMade(self) -> None:
        late = self.factory.clock.callLater(HEADER_TIMEOUT, self._refuse, "it is late")
        self._late = late
        if len(self.factory.waiting) >= MAX_WAITING:
            self.transport.abortConnection()
        else:
            self.factory.waiting.add(self)

    def dataReceived(self, data: bytes) -> None:
        self._kept += data
        try:
            header = parseProxyHeader(self._kept)
        except ProxyHeaderError as error:
            self._refuse(str(error))
            return
        if header is not None:
            self._makeWay(header, self._kept[header.length :])

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._leave()

    def _leave(self) -> None:
        self.factory.waiting.discard(self)
        if self._late.active():
            self._late.cancel()

    def _refuse(self, why: str) -> None:
        """Whoever it is, it is not the proxy that it should be."""
        peer = self.transport.getPeer()
        self.factory.log.warn(
            "{peer} is a proxy, but {why}", event="proxyRefused", peer=peer, why=why
        )
        self.transport.abortConnection()

    def _makeWay(self, header: ProxyHeader, rest: bytes) -> None:
        self._leave()
        transport = self.transport
        address = transport.getPeer()
        if header.host:
            kind = IPv6Address if ":" in header.host else IPv4Address
            address = kind("TCP", header.host, header.port)
            transport.getPeer = lambda: address
        protocol = self.factory.factory.buildProtocol(address)
        if protocol is None:
            transport.abortConnection()
            return
        transport.protocol = protocol
        protocol.makeConnection(transport)
        if rest and not transport.disconnecting:
            transport.protocol.dataReceived(rest)
