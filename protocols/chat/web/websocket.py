"""A WebSocket as the transport of a protocol of lines.

The protocol inside sees what it sees on a socket: C{dataReceived} with lines,
C{transport.write} of lines, producers, a close that waits for what was written.
Between the two stand frames, the close handshake (RFC 6455, section 7), pings, and
the bounds of each.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import (
    IConsumer,
    IPushProducer,
    ISSLTransport,
    ITransport,
)
from twisted.python.failure import Failure
from zope.interface import alsoProvides, implementer

from protocols.chat.web.closing import Closing
from protocols.chat.web.frames import (
    CLOSE,
    GOING_AWAY,
    PING,
    POLICY,
    PONG,
    FrameError,
    FrameReader,
    Received,
    closeCode,
    frame,
)
from protocols.chat.web.framing import CRLF, LineFraming
from protocols.chat.web.keepalive import Keepalive
from protocols.chat.web.pressure import Pressure
from protocols.rate import TokenBucket

# Pings and pongs of a peer, a second in the long run and at once: a keepalive
# needs one in half a minute.
CONTROL_RATE, CONTROL_BURST = 1.0, 20.0


@implementer(ITransport, IConsumer, IPushProducer)
class WebSocket(Closing):
    """The transport of one protocol.

    @param transport: of the connection that carries it, behind the handshake.
    @param inner: the protocol; it is connected by L{open}.
    @param clock: an C{IReactorTime}.
    @param peer: the address of the other side, if that is not the transport's.
    """

    _rest = b""
    _pressure: Pressure | None = None

    def __init__(
        self,
        transport: Any,
        inner: Any,
        framing: LineFraming,
        clock: Any,
        peer: Any = None,
    ) -> None:
        self._transport = transport
        self._peer = peer
        self._inner = inner
        self._framing = framing
        self._clock = clock
        self._reader = FrameReader()
        self._controls: TokenBucket | None = None
        self._keepalive = Keepalive(clock, self._ping, self.abortConnection)
        if ISSLTransport.providedBy(transport):
            alsoProvides(self, ISSLTransport)

    # What the connection calls

    def open(self) -> None:
        """The handshake is done."""
        self._keepalive.start()
        self._inner.makeConnection(self)

    def dataReceived(self, data: bytes) -> None:
        """Octets have come: all lines of a segment are handed over together."""
        if self._peerEnded or self._ended:
            return
        self._keepalive.heard()
        messages: list[bytes] = []
        try:
            for received in self._reader.feed(data):
                if self._peerEnded or self._ended:
                    return
                if received.opcode < CLOSE:
                    messages.append(received.payload)
                else:
                    self._handOver(messages)
                    self._control(received)
        except FrameError as error:
            self._handOver(messages)
            self.fail(error.code, str(error))
        else:
            self._handOver(messages)

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone."""
        self.disconnecting = self._ended = True
        self._keepalive.stop()
        self._cancelDeadline()
        self._inner.connectionLost(reason)

    def goAway(self, hook: str) -> None:
        """The server wants an end: by a hook of the protocol, if it has it."""
        self.code = GOING_AWAY
        getattr(self._inner, hook, self.loseConnection)()

    # What the protocol calls

    def write(self, data: bytes) -> None:
        """Send lines, each with its CRLF; half of one waits for the other half."""
        if self.disconnecting:
            return
        if self._rest or not data.endswith(CRLF):
            whole, end, self._rest = (self._rest + data).rpartition(CRLF)
            data = whole + end
        frames = self._framing.framesOf(data)
        if frames:
            self._transport.write(frames)

    def writeRest(self) -> None:
        """Send the line that has no end: there will be none."""
        if self._rest:
            self.write(CRLF)

    def writeSequence(self, data: Any) -> None:
        """Send the pieces as one."""
        self.write(b"".join(data))

    def getPeer(self) -> Any:
        """The address of the other side."""
        return self._transport.getPeer() if self._peer is None else self._peer

    def getHost(self) -> Any:
        """The address of this side."""
        return self._transport.getHost()

    def getPeerCertificate(self) -> Any:
        """The peer's, where there is TLS."""
        return self._transport.getPeerCertificate()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """From now on C{producer} writes."""
        self._pressure = Pressure(producer)
        self._transport.registerProducer(self._pressure, streaming)

    def unregisterProducer(self) -> None:
        """Nobody but the protocol writes from now on."""
        self._pressure = None
        self._transport.unregisterProducer()

    def pauseProducing(self) -> None:
        """Hear no more: not even whether the peer is still there."""
        self._keepalive.stop()
        self._transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Hear again."""
        if not self.disconnecting:
            self._keepalive.start()
        self._transport.resumeProducing()

    def stopProducing(self) -> None:
        """End, as sockets do when they are somebody's producer."""
        self.loseConnection()

    # Within

    def _handOver(self, messages: list[bytes]) -> None:
        """Lines that end in CRLF already are forgiven."""
        if messages and not self.disconnecting:
            lines = [line.removesuffix(b"\n").removesuffix(b"\r") for line in messages]
            messages.clear()
            self._inner.dataReceived(CRLF.join([*lines, b""]))

    def _control(self, received: Received) -> None:
        if received.opcode == CLOSE:
            self._peerCloses(closeCode(received.payload))
        elif self.disconnecting:
            return
        elif not self._mayControl():
            self.fail(POLICY, "too many pings")
        elif received.opcode == PING and not self._isUnread:
            self._transport.write(frame(PONG, received.payload))

    def _mayControl(self) -> bool:
        if self._controls is None:
            self._controls = TokenBucket(CONTROL_RATE, CONTROL_BURST)
        return self._controls.take(self._clock.seconds())

    @property
    def _isUnread(self) -> bool:
        """Whether the peer does not read: it gets no answers that would wait."""
        return self._pressure is not None and self._pressure.isUnread

    def _ping(self) -> None:
        if not self._isUnread:
            self._transport.write(frame(PING))
