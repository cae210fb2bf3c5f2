"""A stream transport that sends once a turn of the reactor.

Twisted's transports ask to be told when they can write, which they nearly always
can: each reply costs two changes of what is polled for, and a round of polling.
This one is listed by its reactor instead, which sends when it has served all that
was ready; only what the kernel did not take is polled for.

What is sent, and when a producer is paused, or a connection half closed or lost,
remains Twisted's: whatever is not plain goes through its C{doWrite}.
"""

from __future__ import annotations

from errno import EWOULDBLOCK
from typing import TYPE_CHECKING, Any

from twisted.internet.abstract import FileDescriptor
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST

from protocols.lean.sending import IDLE, LISTED, POLLED, writeToAll

if TYPE_CHECKING:
    from twisted.internet.tcp import Connection
else:
    Connection = object

# Octets asked for at a time: Twisted's 64 KiB, and this once they were all there. A
# stream of 1 MiB messages takes 309 for 532 microseconds each with it, but 669 with
# 256 KiB (measured): from 128 KiB on the C library maps memory anew for each read,
# and so for the shortest message too (mallopt(3), M_MMAP_THRESHOLD).
MOST_ROOM = 120 << 10

# Octets that a message must have to be counted in what a turn holds: it costs less
# to send several together, but not when they are many (see C{MOST_HELD}).
MUCH = 1 << 10


class LeanStream(Connection):
    """What comes before a kind of transport of Twisted's.

    @ivar sendsAtOnce: for L{protocols.immediate}, which has nothing to add.
    @ivar writeToAll: for who has the same to say to many of these.
    """

    sendsAtOnce = True
    writeToAll = staticmethod(writeToAll)
    reactor: Any
    producer: Any
    _sending = IDLE
    _room = _full = FileDescriptor.bufferSize

    def prepare(self) -> None:
        """Make what is looked at for each message an attribute of this instance.

        Python finds those several times as fast as the defaults of a class.
        """
        self.TLS = False
        self.producer = None
        self.producerPaused = False
        self.dataBuffer = b""
        self.disconnecting = 0
        self._writeDisconnecting = self._writeDisconnected = False
        self._sending, self._room, self._full = self._sending, self._room, self._full

    @property
    def bufferSize(self) -> int:
        """Octets received at a time, and unsent before a producer is paused."""
        return self._full

    @bufferSize.setter
    def bufferSize(self, size: int) -> None:
        self._full = self._room = size

    def doRead(self) -> Any:
        """Hand on what has arrived; the reactor calls this."""
        try:
            data = self.socket.recv(self._room)
        except OSError as error:
            return None if error.errno == EWOULDBLOCK else CONNECTION_LOST
        if not data:
            return CONNECTION_DONE
        self.protocol.dataReceived(data)
        if len(data) >= MUCH:
            self._muchArrived(len(data))
        return None

    def _muchArrived(self, octets: int) -> None:
        if octets == self._room == FileDescriptor.bufferSize:
            self._room = MOST_ROOM
        self.reactor.hold(octets)

    def write(self, data: bytes) -> None:
        """Have octets sent at the end of the turn.

        @raise TypeError: they are no C{bytes}.
        """
        if self.TLS or not isinstance(data, bytes):
            super().write(data)
        elif data and self.connected and not self._writeDisconnected:
            self._tempDataBuffer.append(data)
            self._tempDataLen = unsent = self._tempDataLen + len(data)
            if unsent + len(self.dataBuffer) > self._full:
                self._maybePauseProducer()
            if not self._sending:
                self._sending = LISTED
                self.reactor.written.append(self)

    def startWriting(self) -> None:
        """Something is to be sent, or the connection to be made or closed."""
        if not self.connected:
            self.reactor.addWriter(self)
        elif not self._sending:
            self._sending = LISTED
            self.reactor.written.append(self)

    def stopWriting(self) -> None:
        """Nothing is to be sent any more."""
        if self._sending == POLLED:
            self.reactor.removeWriter(self)
        self._sending = IDLE

    def abortConnection(self) -> None:
        """End it at once; what was not sent yet is dropped.

        It is no longer plain to write, so that nothing is sent until it is lost.
        """
        super().abortConnection()
        self._writeDisconnecting = True

    def isAwaited(self) -> bool:
        """Whether the producer waits to be told that all has been sent."""
        return self.producer is not None and (
            not self.streamingProducer or self.producerPaused
        )

    def keep(self, data: bytes, sent: int) -> None:
        """The kernel has taken so many of these octets; the rest when it can."""
        self.dataBuffer, self.offset = data, sent
        self.reactor.addWriter(self)

    def sendSlowly(self) -> Any:
        """Send, or close, in Twisted's way.

        @return: why the connection is lost, if it is.
        """
        if not self.connected or self._aborting:
            return None
        if self.isAwaited() and not (self.dataBuffer or self._tempDataBuffer):
            self.producerPaused = False
            self.producer.resumeProducing()
            return None
        why = self.doWrite()
        if not why and not self._sending and (self.dataBuffer or self._tempDataBuffer):
            self.reactor.addWriter(self)
        return why
