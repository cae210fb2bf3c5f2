"""What was said, for who comes later: in a room's memory, and in a store. Wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex

from twisted.internet.defer import Deferred, succeed

from protocols.chat.events import Posting
from protocols.chat.history import Ring, Span
from protocols.chat.lobby import Lobby
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import REMEMBERED
from protocols.chat.speech import Said, Speech, postingsOf
from protocols.chat.storeinterface import Store
from protocols.chat.storememory import MemoryStore
from protocols.hooks import isUnchanged


def ownerOf(person: Person) -> str:
    """Whose talks somebody may read: an account's, or else this session's only.

    Whoever takes a name that is free again is somebody else.
    """
    if person.account:
        return ownerCalled(person.account)
    if not person.session:
        person.session = key(f"{ownerCalled(person.name)}?{token_hex(8)}")
    return person.session


def ownerCalled(account: str) -> str:
    """Whose talks an account's are; what stands between two owners is not in it."""
    return key(account).replace("|", ",")


def isSession(owner: str) -> bool:
    """Whether an owner is not an account, whose names have no C{?}."""
    return "?" in owner


def _talk(one: str, other: str) -> str:
    return "|".join(sorted((one, other)))


class Records:
    """Keeps what is said, and finds it.

    @param store: see L{protocols.chat.storeinterface.Store}.
    @param lobby: whose rooms they are.
    """

    def __init__(self, store: Store, lobby: Lobby) -> None:
        self.store = store
        self._lobby = lobby
        self._marks: dict[str, dict[str, float]] = {}
        self._share: Callable[[str, Ring], None] | None = None
        kind = type(store)
        if isinstance(store, MemoryStore) and isUnchanged(kind, MemoryStore, "append"):
            # A subclass is told of all that is appended.
            lobby.ringOf, self._share = store.ringOf, store.share

    def record(self, posting: Posting) -> None:
        """Keep something that was said, if it is to be read."""
        if not posting.room.startswith("#"):
            return
        if posting.kind in REMEMBERED:
            self._keep(posting)
        else:
            self.tagged(posting, posting.room)

    def recordSpeech(self, speech: Speech) -> None:
        """The same of several things, said to a room."""
        self._keep(speech)

    def _keep(self, said: Said) -> None:
        """Keep what was said in a room.

        A room where that was is there again after a restart. What is only in memory
        is there once, for the room and the store.
        """
        place = key(said.room)
        room = self._lobby.rooms.get(place)
        if room is None:
            self._append(said)
            return
        if not room.isKept and self._lobby.keeper is not None:
            self._lobby.roomChanged(room)
        if self._share is None or not room.history.endsWith(said):
            self._append(said)
        else:
            self._share(place, room.history)

    def _append(self, said: Said) -> None:
        for posting in postingsOf(said):
            self.store.append(posting)

    def recordTalk(self, posting: Posting, one: Person, other: Person) -> None:
        """Keep something that was said in private, for these two."""
        place = _talk(ownerOf(one), ownerOf(other))
        if posting.kind in REMEMBERED:
            self.store.append(replace(posting, room=place))
        else:
            self.tagged(posting, place)

    def tagged(self, posting: Posting, place: str) -> None:
        """Something was said that only programs read; L{Chronicle} may keep it."""

    def talk(self, person: Person, name: str) -> str:
        """Where what C{person} and who is called C{name} said is kept."""
        other = self._lobby.find(name)
        return _talk(ownerOf(person), ownerOf(other) if other else ownerCalled(name))

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
