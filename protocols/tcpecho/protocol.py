"""The Echo Protocol over TCP (RFC 862)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.hooks import Hooked, waitFor


@implementer(IHalfCloseableProtocol, IPushProducer)
class EchoProtocol(Protocol):
    """Sends back each octet that it receives, in order (RFC 862).

    Override L{echoed} to send something else back. It may take its time and
    return a Deferred or a coroutine: what comes meanwhile waits its turn.

    A client that sends and does not read fills the transport's buffer to its
    high-water mark, 64 KiB in Twisted; then we stop reading, the client's window
    closes, and what a connection costs stays bounded (RFC 9293, section 3.8.6).
    After the client's FIN everything that it sent is still echoed before we
    close: TCP is two streams, and only one of them has ended.
    """

    log = Logger()
    _awaited: Deferred[Any] | None = None
    _kept = b""
    _ended = False

    def echoed(self, data: bytes) -> bytes | Hooked:
        """What goes back for C{data}, one or more octets as they came.

        @return: octets, C{None} for nothing, or a Deferred or coroutine of either.
        """
        return data

    def makeConnection(self, transport: Any) -> None:
        """Register for back-pressure, then C{connectionMade}."""
        transport.registerProducer(self, True)
        super().makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Send it back, after all that came before it."""
        if self._awaited is not None:
            self._kept += data
            return
        answer = self.echoed(data)
        if isinstance(answer, bytes):
            self.transport.write(answer)  # type: ignore[union-attr]
        elif answer is not None:
            self._wait(answer)

    def readConnectionLost(self) -> None:
        """The client's FIN: it will say no more, but may yet want to hear."""
        self._ended = True
        if self._awaited is None:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """Never: we close both ways at once."""

    def loseConnection(self) -> None:
        """Close, once everything has been sent.

        While a producer is registered a TLS transport takes more for granted.
        """
        transport: Any = self.transport
        transport.unregisterProducer()
        transport.loseConnection()

    def pauseProducing(self) -> None:
        """The client does not read: read no more of it."""
        self.transport.pauseProducing()  # type: ignore[union-attr]

    def resumeProducing(self) -> None:
        """The client has read; but a hook that waits comes first."""
        if self._awaited is None:
            self.transport.resumeProducing()  # type: ignore[union-attr]

    def stopProducing(self) -> None:
        """The transport is going; there is nothing to stop."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nobody is left to answer."""
        if self._awaited is not None:
            self._awaited.cancel()

    def _wait(self, answer: Any) -> None:
        """Read no more until the hook has its answer."""
        self._awaited = waitFor(answer)
        self.pauseProducing()
        self._awaited.addCallbacks(self._answered, self._failed)

    def _answered(self, answer: bytes | None) -> None:
        self._awaited = None
        if answer:
            self.transport.write(answer)  # type: ignore[union-attr]
        kept, self._kept = self._kept, b""
        if kept:
            self.dataReceived(kept)
        if self._awaited is None:
            self._caughtUp()

    def _caughtUp(self) -> None:
        if self._ended:
            self.loseConnection()
        else:
            self.resumeProducing()

    def _failed(self, failure: Failure) -> None:
        """RFC 862 has no word for an error: all we can do is to end."""
        self._awaited = None
        if not failure.check(CancelledError):
            self.log.failure("{who!r}.echoed failed", failure, who=type(self))
        self.loseConnection()


class EchoFactory(Factory):
    """Makes L{EchoProtocol}s; set C{protocol} for a subclass of it."""

    protocol = EchoProtocol
    noisy = False
