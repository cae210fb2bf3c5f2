"""What somebody says, until it comes back from the bus. Wire."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from protocols.chat.backplane.store import SharedStore
from protocols.chat.events import Posting
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person
from protocols.chat.records import Records
from protocols.chat.storeinterface import Store


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
    """Keeps what comes back from the bus, and nothing before that.

    @param store: see L{Records}; its accounts and marks may be those of all nodes.
    """

    def __init__(self, store: Store | SharedStore, lobby: Lobby) -> None:
        inner = store.inner if isinstance(store, SharedStore) else store
        super().__init__(inner, lobby)
        whole: Any = store
        self.store = whole

    def record(self, posting: Posting) -> None:
        """See L{Records.record}."""
        if not isinstance(posting, Draft):
            super().record(posting)

    def marked(self, account: str, target: str, time: float) -> None:
        """Somebody has read something, at another node."""
        marks = self._marks.get(account)
        if marks is not None:
            marks[target] = max(time, marks.get(target, 0.0))

    def recordTalk(self, posting: Posting, one: Person, other: Person) -> None:
        """See L{Records.recordTalk}; the bus tells where it is kept."""


def awaitEcho(person: Person, serial: int) -> None:
    """Somebody has said something, and may wait until it comes back."""
    begin = getattr(person, "awaitEcho", None)
    if begin is not None:
        begin(serial)


def isEchoFor(person: Person, serial: int) -> bool:
    """Whether somebody waits for what they have said, to have it in an answer."""
    return serial in getattr(person, "awaited", ())


def echo(person: Person, posting: Posting, serial: int) -> None:
    """Give it to them; see L{protocols.chat.backplane.labels.Labelled}."""
    labelled: Any = person
    labelled.cameBack(serial, posting)


def hearsOwn(person: Person) -> bool:
    """Whether somebody's program wants to see what it says itself, as others do."""
    has = getattr(person, "has", None)
    return has is not None and bool(has("echo-message"))
