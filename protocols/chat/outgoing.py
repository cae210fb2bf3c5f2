"""What waits for somebody who does not read: bounded, and nobody else's trouble."""

from __future__ import annotations

from typing import Any

from protocols.hooks import isUnchanged

# Octets for one person; the transport holds 64 KiB more, the kernel some as well.
# An hour of talk in a lively room.
MAX_QUEUED = 256 * 1024

# Seconds that it may wait without anything being read.
MAX_WAITED = 60.0


class OutgoingQueue:
    """The part of the protocol that sends, or keeps for a while.

    The transport says when its buffer is full (C{pauseProducing}); from then on
    octets are kept here, and counted, until it has been read.

    @ivar outlet: see L{protocols.chat.people.Person}: the transport, unless something
        is kept here, or a subclass looks at what is sent.
    """

    _queue: list[bytes] | None = None
    _queued = 0
    _pausedAt = 0.0
    _transport: Any
    factory: Any
    outlet: Any = None

    def makeConnection(self, transport: Any) -> None:
        """The person is there."""
        self._openOutlet(transport)
        super().makeConnection(transport)  # type: ignore[misc]

    def _openOutlet(self, transport: Any) -> None:
        isOpen = isUnchanged(type(self), OutgoingQueue, "deliver")
        if isOpen and hasattr(type(transport), "writeToAll"):
            self.outlet = transport

    def deliver(self, octets: bytes) -> None:
        """Send, or keep if the person does not read just now."""
        if self._queue is None:
            self._transport.write(octets)
            return
        self._queue.append(octets)
        self._queued += len(octets)
        waited = self.factory.clock.seconds() - self._pausedAt
        if self._queued > MAX_QUEUED or waited > MAX_WAITED:
            self._queue, self._queued = [], 0
            self.queueFull()

    def queueFull(self) -> None:
        """They have not read for too long."""
        raise NotImplementedError

    def sendQueued(self) -> None:
        """Hand over what was kept."""
        queue, self._queue, self._queued = self._queue, None, 0
        self._openOutlet(self._transport)
        if queue:
            self._transport.write(b"".join(queue))

    def pauseProducing(self) -> None:
        """The person does not read."""
        if self._queue is None:
            self._queue = []
            self.outlet = None
            self._pausedAt = self.factory.clock.seconds()
        super().pauseProducing()  # type: ignore[misc]

    def resumeProducing(self) -> None:
        """The person has read."""
        self.sendQueued()
        if self._queue is None:
            super().resumeProducing()  # type: ignore[misc]
