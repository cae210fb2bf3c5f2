"""What was said, for who comes later: in a room's memory, and in a store. Wire."""

from __future__ import annotations

from dataclasses import replace

from twisted.internet.defer import Deferred, succeed

from protocols.chat.events import Posting
from protocols.chat.history import Span
from protocols.chat.lobby import Lobby
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import REMEMBERED
from protocols.chat.storeinterface import Store


def talkOf(one: str, other: str) -> str:
    """Where what two people say to each other is kept: by both their names."""
    return "|".join(sorted((key(one), key(other))))


class Records:
    """Keeps what is said, and finds it.

    @param store: see L{protocols.chat.storeinterface.Store}.
    @param lobby: whose rooms they are.
    """

    def __init__(self, store: Store, lobby: Lobby) -> None:
        self.store = store
        self._lobby = lobby
        self._marks: dict[str, dict[str, float]] = {}

    def record(self, posting: Posting) -> None:
        """Keep something that was said, if it is to be read."""
        if posting.kind not in REMEMBERED:
            return
        if posting.room[0] not in "#@+":
            posting = replace(posting, room=talkOf(posting.sender, posting.room))
        elif posting.room[0] != "#":
            return
        else:
            self._keep(posting.room)
        self.store.append(posting)

    def _keep(self, name: str) -> None:
        """A room where something was said is there again after a restart."""
        room = self._lobby.room(name)
        if room is not None and not room.isKept:
            self._lobby.roomChanged(room)

    def page(self, place: str, span: Span) -> Deferred[list[Posting]]:
        """A page of a room, or of a talk; from memory if it is all there."""
        room = self._lobby.room(place)
        if room is not None and room.history.covers(span):
            return succeed(room.history.page(span))
        return self.store.page(place, span)

    def find(self, place: str, number: int) -> Deferred[Posting | None]:
        """Something that was said, by its number."""
        found = self.page(place, Span.around(number, 1))

        def only(postings: list[Posting]) -> Posting | None:
            return next((each for each in postings if each.id == number), None)

        return found.addCallback(only)

    def redact(self, posting: Posting) -> None:
        """Forget something that was said."""
        room = self._lobby.room(posting.room)
        if room is not None:
            room.history.redact(posting.id)
        self.store.redact(posting.id)

    def marks(self, person: Person) -> dict[str, float]:
        """How far somebody has read, by the key of what; of an account together."""
        if person.marks is None:
            account = key(person.account) if person.account else ""
            person.marks = self._marks.setdefault(account, {}) if account else {}
        return person.marks

    def mark(self, person: Person, target: str, time: float) -> None:
        """Somebody has read so far."""
        self.marks(person)[key(target)] = time
        if person.account:
            self.store.setReadMarker(key(person.account), key(target), time)

    def loadMarks(self, person: Person) -> Deferred[None]:
        """Somebody has logged in: what other clients of theirs have read."""
        person.marks = None
        marks = self.marks(person)

        def loaded(kept: dict[str, float]) -> None:
            for target, time in kept.items():
                marks[target] = max(time, marks.get(target, 0.0))

        return self.store.readMarkers(key(person.account)).addCallback(loaded)
