"""Whether the peer of a WebSocket reads what it is sent."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Pressure:
    """Passes on to a producer whether the peer reads, and remembers it.

    @ivar isUnread: it does not.
    """

    __slots__ = ("_producer", "isUnread")

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self.isUnread = False

    def pauseProducing(self) -> None:
        """The peer does not read."""
        self.isUnread = True
        self._producer.pauseProducing()

    def resumeProducing(self) -> None:
        """It has read, or more is wanted."""
        self.isUnread = False
        self._producer.resumeProducing()

    def stopProducing(self) -> None:
        """Nobody will read any more."""
        self._producer.stopProducing()
