"""How a WebSocket ends (RFC 6455, section 7)."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol

from protocols.chat.web.frames import NORMAL, closeFrame
from protocols.chat.web.keepalive import Keepalive
from protocols.lingering import closeLingering

# Seconds for the peer to answer a close, and then to read what is left.
CLOSE_TIME = 5.0


class Closing:
    """The part of L{protocols.chat.web.websocket.WebSocket} that ends it.

    Whoever wants the end says so with a close, and the other side answers with
    one; then the server closes the connection. Neither waits for ever.

    @ivar disconnecting: the end has begun; what is written now is dropped.
    @ivar code: that the peer is told at the end.
    """

    disconnecting = False
    code = NORMAL
    _peerEnded = False
    _ended = False
    _deadline: Any = None
    _transport: Any
    _inner: Any
    _clock: Any
    _keepalive: Keepalive

    def unregisterProducer(self) -> None:
        """The transport's own."""
        raise NotImplementedError

    def writeRest(self) -> None:
        """The transport's own: send the line that has no end."""
        raise NotImplementedError

    def loseConnection(self) -> None:
        """Send what was written, then close as section 7 has it."""
        self._close(self.code, "")
        if self._peerEnded:
            self._end()

    def abortConnection(self) -> None:
        """End at once; what was not sent yet is lost."""
        self._disconnect()
        self._ended = True
        self._transport.abortConnection()

    def fail(self, code: int, reason: str) -> None:
        """The peer breaks the rules: say so, and end (section 7.1.7)."""
        self._close(code, reason)
        self._end()

    def connectionEnded(self) -> None:
        """FIN without a close: nothing that is said now would be heard."""
        self._disconnect()
        self._windDeadline()
        self._transport.loseConnection()

    def _peerCloses(self, code: int) -> None:
        """What the protocol still has to say goes before our own close."""
        self._peerEnded = True
        if self.disconnecting:
            self._end()
            return
        self.code = code
        self._keepalive.stop()
        if IHalfCloseableProtocol.providedBy(self._inner):
            self._windDeadline()
            self._inner.readConnectionLost()
        else:
            self.loseConnection()

    def _close(self, code: int, reason: str) -> None:
        if not self.disconnecting:
            self.writeRest()
            self._disconnect()
            self._transport.write(closeFrame(code, reason))
            self._windDeadline()

    def _disconnect(self) -> None:
        self.disconnecting = True
        self._keepalive.stop()
        self.unregisterProducer()
        self._transport.resumeProducing()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            closeLingering(self._transport, self._clock)

    def _windDeadline(self) -> None:
        self._cancelDeadline()
        self._deadline = self._clock.callLater(CLOSE_TIME, self._overdue)

    def _overdue(self) -> None:
        """No close has come: ours is the last. Nor is that read: enough."""
        if self._ended:
            self._transport.abortConnection()
        else:
            self._close(self.code, "")
            self._end()
            self._windDeadline()

    def _cancelDeadline(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
