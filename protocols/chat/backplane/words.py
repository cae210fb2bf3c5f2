"""What somebody says, until it comes back from the bus. Wire."""

from __future__ import annotations

from dataclasses import dataclass, fields

from protocols.chat.events import Posting
from protocols.chat.people import Person
from protocols.chat.records import Records


@dataclass(frozen=True)
class Draft(Posting):
    """Something that has been said, and has no place yet in the order of all.

    No door writes it: it is told, kept and echoed when it comes back.
    """

    @classmethod
    def of(cls, posting: Posting) -> Draft:
        """The same without its number."""
        said = {each.name: getattr(posting, each.name) for each in fields(Posting)}
        return cls(**{**said, "id": 0})

    @property
    def line(self) -> bytes:
        """See L{Posting.line}."""
        return b""

    def finished(self, number: int, text: str | None = None) -> Posting:
        """The same, with its number."""
        return Posting(
            self.room,
            self.text if text is None else text,
            self.sender,
            self.isAction,
            number,
            self.time,
            self.kind,
            self.account,
            self.mask,
            self.tags,
        )


class SharedRecords(Records):
    """Keeps what comes back from the bus, and nothing before that."""

    def record(self, posting: Posting) -> None:
        """See L{Records.record}."""
        if not isinstance(posting, Draft):
            super().record(posting)

    def recordTalk(self, posting: Posting, one: Person, other: Person) -> None:
        """See L{Records.recordTalk}; the bus tells where it is kept."""


def hearsOwn(person: Person) -> bool:
    """Whether somebody's program wants to see what it says itself, as others do."""
    has = getattr(person, "has", None)
    return has is not None and bool(has("echo-message"))
