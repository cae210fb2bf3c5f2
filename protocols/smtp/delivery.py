"""Deliveries that keep nothing beyond the process."""

from __future__ import annotations

from collections import deque

from zope.interface import implementer

from protocols.smtp.interfaces import IDelivery, Message
from protocols.smtp.replies import Reply

# What a mail catcher keeps in memory: the newest of each.
MAX_MESSAGES = 1000
MAX_OCTETS = 256 * 1024 * 1024


@implementer(IDelivery)
class MemoryDelivery:
    """Keeps messages in memory, and forgets the oldest when there are too many.

    @param maxMessages: messages kept, 1 or more.
    @param maxOctets: octets kept, contents only; one message is kept in any case.
    @ivar messages: the L{Message}s, oldest first.
    """

    def __init__(
        self, maxMessages: int = MAX_MESSAGES, maxOctets: int = MAX_OCTETS
    ) -> None:
        self.messages: deque[Message] = deque()
        self.octets = 0
        self._maxMessages = maxMessages
        self._maxOctets = maxOctets

    def messageReceived(self, message: Message) -> None:
        """Keep a copy of it."""
        kept = Message(message.envelope, message.content, lint=message.lint)
        self.messages.append(kept)
        self.octets += message.size
        while len(self.messages) > 1 and self._isTooMuch():
            self.octets -= self.messages.popleft().size

    def clear(self) -> None:
        """Forget them all."""
        self.messages.clear()
        self.octets = 0

    def _isTooMuch(self) -> bool:
        return len(self.messages) > self._maxMessages or self.octets > self._maxOctets


@implementer(IDelivery)
class DiscardingDelivery:
    """Takes every message and keeps none: to measure, and to be tested against."""

    def messageReceived(self, message: Message) -> Reply:
        """Forget it, and say so."""
        return Reply(250, "OK, and forgotten", "2.0.0")
