"""Deliveries that keep nothing beyond the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import IO

from zope.interface import implementer

from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IContentless, IDelivery
from protocols.smtp.message import Message
from protocols.smtp.reading import EVERYTHING, HEADER_ROOM, Query, Stored, subjectOf
from protocols.smtp.replies import Reply
from protocols.smtp.retention import Retention
from protocols.smtp.waiting import Arrivals

_FORGOTTEN = Reply(250, "OK, and forgotten", "2.0.0")

# What a mail catcher keeps in memory: the newest of each.
MAX_MESSAGES = 1000
MAX_OCTETS = 256 * 1024 * 1024


@implementer(IDelivery)
class MemoryDelivery:
    """Keeps messages in memory, and forgets the oldest when there are too many.

    It is a L{protocols.smtp.reading.MailStore} as well.

    @param maxMessages: messages kept, 1 or more.
    @param maxOctets: octets kept, contents only; one message is kept in any case.
    @param retention: both and an age, in place of them.
    @param inboxes: which inboxes a message is found in.
    @ivar octets: of all contents.
    @ivar arrivals: L{Arrivals}, for those who wait for mail.
    """

    isInMemory = True

    def __init__(
        self,
        maxMessages: int = MAX_MESSAGES,
        maxOctets: int = MAX_OCTETS,
        *,
        retention: Retention | None = None,
        inboxes: Inboxes | None = None,
    ) -> None:
        self.octets = 0
        self.arrivals = Arrivals()
        self._kept: dict[int, Message] = {}
        self._stored: dict[int, Stored] = {}
        self._last = 0
        self._inboxes = inboxes or Inboxes()
        self._retention = retention or Retention(maxMessages, 0.0, maxOctets)

    @property
    def messages(self) -> list[Message]:
        """All L{Message}s, oldest first."""
        return list(self._kept.values())

    def messageReceived(self, message: Message) -> None:
        """Keep a copy of it."""
        kept = Message(
            message.envelope,
            message.content,
            lint=message.lint,
            resolved=message.resolved,
        )
        self._last += 1
        self._kept[self._last] = kept
        self.octets += message.size
        self.delete(self._surplus(message.envelope.receivedAt))
        if self.arrivals.waiting:
            self.arrivals.announce(self._read(self._last, kept))

    def clear(self) -> None:
        """Forget them all."""
        self.delete(list(self._kept))

    # As a MailStore

    def find(self, query: Query = EVERYTHING) -> list[Stored]:
        """The messages that are meant, oldest first."""
        kept = list(self._kept.items())
        every = (self._read(number, message) for number, message in kept)
        return [stored for stored in every if query.matches(stored)]

    def open(self, number: int) -> IO[bytes]:
        """The content of a message.

        @raise KeyError: there is none of that number.
        """
        return BytesIO(self._kept[number].content)

    def delete(self, numbers: Iterable[int]) -> int:
        """Forget messages; how many there were of them."""
        count = 0
        for number in numbers:
            message = self._kept.pop(number, None)
            self._stored.pop(number, None)
            if message is not None:
                self.octets -= message.size
                count += 1
        return count

    def close(self) -> None:
        """There is nothing to be closed."""

    def _surplus(self, now: float) -> list[int]:
        return self._retention.surplus(
            self._oldest(), len(self._kept), self.octets, now
        )

    def _oldest(self) -> Iterator[tuple[int, float, int]]:
        for number, message in self._kept.items():
            yield number, message.envelope.receivedAt, message.size

    def _read(self, number: int, message: Message) -> Stored:
        stored = self._stored.get(number)
        if stored is None:
            envelope = message.envelope
            subject = subjectOf(message.content[:HEADER_ROOM])
            boxes = self._inboxes.of(envelope)
            stored = Stored(
                number, envelope, message.size, message.lint, boxes, subject
            )
            self._stored[number] = stored
        return stored


@implementer(IDelivery, IContentless)
class DiscardingDelivery:
    """Takes every message and keeps none: to measure, and to be tested against."""

    def messageReceived(self, message: Message) -> Reply:
        """Forget it, and say so."""
        return _FORGOTTEN
