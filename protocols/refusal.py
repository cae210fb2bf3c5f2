"""How a connection is refused: accept, say a last word, close."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.kernel import socketTransport

# Seconds for the peer to read why it was refused and to close.
LAST_WORD_TIME = 2.0


@implementer(IHalfCloseableProtocol)
class Refusal(Protocol):
    """Says why there is no place, and goes.

    To close a socket on which the peer's octets wait unread makes the kernel
    send a reset, and a reset makes the peer's kernel drop the last word. So our
    side is half-closed first and the peer's octets are read and dropped, until
    it closes too or L{LAST_WORD_TIME} is over.

    @param word: the last word; without one the connection is aborted.
    @param refusals: a set that this object is in while it lasts.
    """

    def __init__(self, word: bytes, clock: Any, refusals: set[Refusal]) -> None:
        self._word = word
        self._clock = clock
        self._refusals = refusals
        self._deadline: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Say it."""
        transport: Any = self.transport
        if not self._word:
            self.abort()
            return
        self._refusals.add(self)
        self._deadline = self._clock.callLater(LAST_WORD_TIME, self.abort)
        transport.write(self._word)
        if socketTransport(transport) is transport:
            transport.loseWriteConnection()
        else:
            transport.loseConnection()

    def readConnectionLost(self) -> None:
        """The peer has read it and closed."""
        transport: Any = self.transport
        transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """The last word is out; the peer's close comes next."""

    def abort(self) -> None:
        """Go at once."""
        transport: Any = self.transport
        transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone."""
        self._refusals.discard(self)
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
