"""TLS listeners whose certificates can be renewed while people are connected.

Twisted's C{ssl:} and C{tls:} endpoints read keys and certificates when they
begin to listen. Here such an endpoint is asked to listen on a reactor that only
records what it was asked for: that yields the factory which speaks TLS, made by
Twisted itself from the whole endpoint string. The real port hands its
connections to whichever such factory is newest, so that to renew a certificate
is to make the factory again: who is connected keeps the old one.

A door may ask its clients for certificates. They are not what a certificate of a
server is: people make them themselves, and nobody signs them. So any will do, also
one that has expired; what a client proves by it is that it has the key, and the
fingerprint says whether it is the same client again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from OpenSSL.SSL import VERIFY_PEER
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import (
    IAddress,
    IListeningPort,
    IProtocolFactory,
    IStreamServerEndpoint,
)
from twisted.internet.protocol import Factory
from twisted.protocols.tls import BufferingTLSTransport, TLSMemoryBIOFactory
from zope.interface import implementer

TLS_KINDS = frozenset(("ssl", "tls"))

# Certificates above a client's own: where a company signs them there are two or
# three. Each takes up to a millisecond (RSA with 16,384 bits), during which nobody
# else is served; OpenSSL has 100 KiB of them otherwise.
MAX_CHAIN = 4


class _Asked(NamedTuple):
    port: int
    factory: Any
    backlog: int
    interface: str


class _RecordingReactor:
    """Records the one port that an endpoint asks for; opens none."""

    def __init__(self) -> None:
        self.asked: list[_Asked] = []

    def listenTCP(
        self, port: int, factory: Any, backlog: int = 50, interface: str = ""
    ) -> None:
        self.asked.append(_Asked(port, factory, backlog, interface))

    def listenSSL(
        self,
        port: int,
        factory: Any,
        contextFactory: Any,
        backlog: int = 50,
        interface: str = "",
    ) -> None:
        secure = TLSMemoryBIOFactory(contextFactory, False, factory)
        self.listenTCP(port, secure, backlog, interface)


class AskingTransport(BufferingTLSTransport):
    """TLS that asks a client for a certificate, and takes whatever there is.

    The client need not have one (RFC 8446, section 4.4.2.4; RFC 5246, section
    7.4.6). Sessions are not resumed, as Twisted's contexts have it: with the
    session, a certificate could come from another connection than its proof.
    """

    def makeConnection(self, transport: Any) -> None:
        """Ask, before the client has said anything."""
        super().makeConnection(transport)
        connection = self.getHandle()
        if connection is not None:
            connection.set_verify(VERIFY_PEER, _accept)


def _accept(
    connection: object, certificate: object, error: int, depth: int, isFine: int
) -> bool:
    """Self-signed, expired, for something else: none of that ends a handshake.

    It is called with an error at the end of a chain before its signatures are
    looked at, so nobody has us look at many.
    """
    return depth <= MAX_CHAIN


class _NewestFactory(Factory):
    """Leaves each connection to the newest of its factories."""

    noisy = False

    def __init__(self, newest: Any) -> None:
        self.newest = newest

    def doStart(self) -> None:
        self.newest.doStart()

    def doStop(self) -> None:
        self.newest.doStop()

    def buildProtocol(self, addr: IAddress | None) -> Any:
        return self.newest.buildProtocol(addr)


@implementer(IStreamServerEndpoint)
class RenewableTLSEndpoint:
    """A TLS endpoint string that can be told to read its certificates again.

    @param reactor: to listen on.
    @param description: a Twisted server endpoint string, C{ssl:} or C{tls:}.
    @ivar inFront: puts a factory in front of TLS; C{None} for none.
    @ivar asks: whether clients are asked for certificates; to be set before it
        listens.
    @raise Exception: whatever Twisted says of a description that is wrong, or
        of files that can't be read or hold no certificate.
    """

    def __init__(self, reactor: Any, description: str) -> None:
        self._reactor = reactor
        self._description = description
        self._listening: list[tuple[IProtocolFactory, _NewestFactory]] = []
        self.inFront: Callable[[Any], Any] | None = None
        self.asks = False
        self._secure(Factory())

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; the Deferred has fired already."""
        asked = self._secure(protocolFactory)
        newest = _NewestFactory(asked.factory)
        outermost = newest if self.inFront is None else self.inFront(newest)
        port = self._reactor.listenTCP(
            asked.port, outermost, backlog=asked.backlog, interface=asked.interface
        )
        self._listening.append((protocolFactory, newest))
        return succeed(port)

    def renew(self) -> None:
        """Read keys and certificates again, for connections from now on.

        @raise Exception: as for making the endpoint; the old ones stay.
        """
        for factory, newest in self._listening:
            newest.newest = self._secure(factory).factory

    def _secure(self, factory: Any) -> _Asked:
        recording: Any = _RecordingReactor()
        serverFromString(recording, self._description).listen(factory)
        asked: _Asked = recording.asked[0]
        if self.asks:
            asked.factory.protocol = AskingTransport
        return asked
