"""The sending half of a stream transport in memory: buffer, producer, close."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IConsumer
from zope.interface import implementer

# Twisted's own: twisted.internet.abstract.FileDescriptor.bufferSize, 2**2**2**2.
# A socket transport pauses a push producer when its buffer holds more than this.
HIGH_WATER = 65536


class WriteAfterCloseError(AssertionError):
    """Something was written to a connection that had been closed before.

    A socket would drop it in silence, or send it, depending on the transport
    and the moment.
    """


@implementer(IConsumer)
class Outgoing:
    """What is on its way to the peer, and who produces it.

    @ivar connected: false from the moment that the connection is lost.
    @ivar disconnecting: a close was asked for.
    @ivar aborted: the close that was asked for is an abort.
    @ivar writeEnded: the half-close that was asked for is done.
    @ivar lateWrites: what was written when it could no longer be sent.
    @ivar producer: the registered producer, or C{None}.
    @ivar streaming: whether it is a push producer.
    @ivar producerPaused: whether it has been told to pause.
    """

    connected = True
    disconnecting = False
    aborted = False
    writeEnded = False
    producer: Any = None
    streaming = False
    producerPaused = False
    _writeEnding = False
    _drained = False

    def __init__(
        self, highWater: int, closeWaitsForProducer: bool, refuseLateWrites: bool
    ) -> None:
        self.highWater = highWater
        self.lateWrites: list[bytes] = []
        self._closeWaitsForProducer = closeWaitsForProducer
        self._refuseLateWrites = refuseLateWrites
        self._outgoing = bytearray()

    @property
    def unread(self) -> int:
        """Octets that were written and that the peer has not read."""
        return len(self._outgoing)

    def write(self, data: bytes) -> None:
        """Send C{data}; above the high water, a push producer is paused.

        @raise TypeError: C{data} is no bytes.
        @raise WriteAfterCloseError: the connection is lost or aborted, its
            writing side is closed, or C{loseConnection} was called and no
            producer is registered that may have to finish its work.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"Data must be bytes, not {type(data).__name__}")
        if self._tooLate():
            self._writtenLate(bytes(data))
        elif self.connected and not self._writeEnding and not self.aborted:
            self._outgoing += data
            if data:
                # What was read before has emptied the buffer, but it is empty no more.
                self._drained = False
            self._pauseProducer()

    def _tooLate(self) -> bool:
        if not self.connected or self._writeEnding or self.aborted:
            return self._refuseLateWrites
        closing = self.disconnecting and self.producer is None
        return self._refuseLateWrites and closing

    def _writtenLate(self, data: bytes) -> None:
        self.lateWrites.append(data)
        raise WriteAfterCloseError(f"written after the close: {data[:200]!r}")

    # How it ends

    def loseConnection(self) -> None:
        """Close when everything is sent, and when no producer has more."""
        if self.connected:
            self.disconnecting = True

    def abortConnection(self) -> None:
        """Close at once; what was not sent yet is dropped."""
        if self.connected:
            self.disconnecting = self.aborted = True
            self._outgoing.clear()

    def loseWriteConnection(self) -> None:
        """Close our side (FIN) when everything is sent; the peer may go on."""
        self._writeEnding = True

    def _closeIsDue(self) -> bool:
        if self._outgoing or not self.disconnecting:
            return False
        if self.producer is None:
            return True
        return self.streaming and not self._closeWaitsForProducer

    def _writeEndIsDue(self) -> bool:
        return self._writeEnding and not self.writeEnded and not self._outgoing

    def _dropAll(self) -> None:
        self._outgoing.clear()
        producer, self.producer = self.producer, None
        if producer is not None:
            producer.stopProducing()

    # The producer

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """From now on C{producer} writes.

        On a connection that is lost it is told to stop instead.

        @raise RuntimeError: another one is registered.
        """
        if self.producer is not None:
            raise RuntimeError(
                f"{producer!r} can't be registered: {self.producer!r} still is"
            )
        if not self.connected:
            producer.stopProducing()
            return
        self.producer, self.streaming = producer, streaming
        self.producerPaused = False
        if not streaming:
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """Nobody but the protocol writes from now on; may be called again."""
        self.producer = None

    def stopConsuming(self) -> None:
        """The producer has nothing more: close."""
        self.unregisterProducer()
        self.loseConnection()

    def _pauseProducer(self) -> None:
        if self.producer is None or not self.streaming:
            return
        if len(self._outgoing) > self.highWater:
            self.producerPaused = True
            self.producer.pauseProducing()

    def _take(self, size: int | None) -> bytes:
        data = bytes(self._outgoing[:size])
        del self._outgoing[: len(data)]
        self._drained = bool(data) and not self._outgoing
        return data

    def _producerIsDue(self) -> bool:
        if self.producer is None or not self._drained:
            return False
        return self.producerPaused or not self.streaming

    def _resumeProducer(self) -> None:
        self._drained = self.producerPaused = False
        self.producer.resumeProducing()
