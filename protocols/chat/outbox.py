"""What is to be told in a room, until the reactor's turn is over. Pure.

An event is written once for each dialect, and everybody gets one C{bytes} object
with all that happened meanwhile. Comings and goings of a turn, or in a large room of
some, are told together, and who came and went within it is not told at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from itertools import accumulate
from typing import Any

from protocols.chat.events import Came, Dialect, Event, Renamed, Source, Went
from protocols.chat.names import key
from protocols.chat.people import Person

# Members of a room who are told of comings and goings in the same turn. In a larger
# one that is done at most once in so many seconds for each member: a delivery costs
# about 10 microseconds, so a fifth of the time goes into it when thousands come.
FEW = 200
PACE = 5e-5

# Arrivals that are written together for those who came before them in a turn: 500 who
# come in one would otherwise be 7 MiB of their own copies.
BLOCK = 32

# An event, and who is not told of it: they know, or are told elsewhere.
Entry = tuple[Event, Collection[Person]]

# Of those who left in a turn: who, how, and who is not told.
Leaving = tuple[Source, str, str, bool, Collection[Person]]


class Outbox:
    """What a room has to tell.

    @param room: its name.
    @param soon: has a function called when the reactor's turn is over.
    @param members: who is told; looked at when the turn is over.
    @ivar now: the seconds since 1970.
    @ivar later: has a function called after so many seconds; if C{None}, comings and
        goings are told in each turn, in large rooms too.
    """

    now: Callable[[], float] = float
    later: Callable[[float, Callable[[], None]], object] | None = None
    _toldAt = 0.0
    _pacing = False

    def __init__(
        self,
        room: str,
        soon: Callable[[Callable[[], None]], None],
        members: dict[str, Person],
    ) -> None:
        self._room = room
        self._soon = soon
        self._members = members
        self._waiting = False
        self._entries: list[Entry] = []
        self._came: dict[Person, int] = {}
        self._went: dict[Person, Leaving] = {}
        self._wentNames: set[str] = set()
        self._renaming: Entry | None = None
        self._moved: Person | None = None

    def post(self, event: Event, without: Collection[Person] = ()) -> None:
        """Tell all but some."""
        self._entries.append((event, without))
        if not self._waiting:
            self._waiting = True
            self._soon(self.flush)

    @property
    def hasWords(self) -> bool:
        """Whether something waits besides comings and goings."""
        return bool(self._entries)

    @property
    def hasQuits(self) -> bool:
        """Whether somebody has gone altogether, which may be told only here."""
        return any(isQuit for _, _, _, isQuit, _ in self._went.values())

    def hasGone(self, name: str) -> bool:
        """Whether it waits to be told that somebody of that name has left."""
        return bool(self._wentNames) and key(name) in self._wentNames

    def seen(self) -> None:
        """Somebody has been told who is in the room: coming and going show now."""
        self._moved = None

    def isUnseen(self, person: Person) -> bool:
        """Whether nobody knows that C{person} came, nor will, should they go now."""
        return person in self._came and self._moved is person

    def came(self, person: Person) -> None:
        """C{person} is in the room from now on."""
        self._moves(person, self._went)
        if self._went.pop(person, None) is None:
            self._nameIsUsed(person.name)
            self._came[person] = len(self._entries)
        self._flushSoon()

    def went(
        self,
        person: Person,
        reason: str,
        parting: str = "",
        isQuit: bool = False,
        without: Collection[Person] = (),
    ) -> None:
        """C{person} is not any more."""
        self._moves(person, self._came)
        if self._came.pop(person, None) is None:
            self._went[person] = (person.source, reason, parting, isQuit, without)
            self._wentNames.add(key(person.name))
        self._flushSoon()

    def renamed(self, person: Person, new: str, without: Collection[Person]) -> None:
        """C{person} has another name; several in a row are told as one."""
        self._nameIsUsed(new)
        if person in self._came:
            self.flush()
        source, entries = person.source, self._entries
        if entries and entries[-1] is self._renaming:
            last, others = entries[-1]
            assert isinstance(last, Renamed)
            isNew = len(entries) in self._came.values()
            if person in others and last.new == source.name and not isNew:
                entries.pop()
                source = last.source
        self.post(Renamed(self._room, source, new, self.now()), without)
        self._renaming = entries[-1]

    def flush(self) -> None:
        """Tell what waits."""
        self._waiting = False
        self._toldAt = self.now()
        self._renaming = self._moved = None
        entries, self._entries = self._entries, []
        came, self._came = self._came, {}
        went, self._went = self._went, {}
        self._wentNames.clear()
        entries.extend(self._departures(went))
        if entries or came:
            self._handOut(entries, came)
        for person in came:
            person.rest()

    def _handOut(self, entries: list[Entry], came: dict[Person, int]) -> None:
        """Most get the same; who is left out of something, or came, their own."""
        arrivals = tuple(person.source for person in came)
        now = self.now() if came else 0.0
        number = {person: at for at, person in enumerate(came)}
        left = _leftOut(entries)
        alone = came.keys() | left.keys()
        written: dict[Dialect, _Written] = {}
        for member in list(self._members.values()):
            dialect = member.dialect
            theirs = written.get(dialect)
            if theirs is None:
                theirs = _Written(self._room, dialect, arrivals, entries, now)
                written[dialect] = theirs
            if member in alone:
                later, first = number.get(member, -1) + 1, came.get(member, 0)
                theirs.tellPart(member, later, first, left.get(member, ()))
            elif member.outlet is not None:
                theirs.outlets.append(member.outlet)
            elif theirs.whole:
                member.deliver(theirs.whole)
        for theirs in written.values():
            theirs.tellAll()

    def _departures(self, went: dict[Person, Leaving]) -> Iterable[Entry]:
        together: dict[tuple[str, str, bool], list[Source]] = {}
        now = self.now() if went else 0.0
        for source, reason, parting, isQuit, without in went.values():
            if without:
                event = Went(self._room, (source,), reason, parting, isQuit, now)
                yield event, without
            else:
                together.setdefault((reason, parting, isQuit), []).append(source)
        for (reason, parting, isQuit), sources in together.items():
            yield Went(self._room, tuple(sources), reason, parting, isQuit, now), ()

    def _moves(self, person: Person, opposite: Collection[Person]) -> None:
        """Coming and going cancel out, unless others came meanwhile and saw."""
        if person in opposite and self._moved is not person:
            self.flush()
        self._moved = person

    def _nameIsUsed(self, name: str) -> None:
        """Who left must not be told of after another has taken their name.

        Programs take names for the same that only look like it.
        """
        if self.hasGone(name):
            self.flush()

    def _flushSoon(self) -> None:
        """Tell of comings and goings; in a large room with a pause in between."""
        pace = PACE * len(self._members) if len(self._members) > FEW else 0.0
        if self._waiting or self._pacing:
            return
        wait = min(self._toldAt + pace - self.now(), pace)
        if self.later is not None and wait > 0:
            self._pacing = True
            self.later(wait, self._paced)
        else:
            self._waiting = True
            self._soon(self.flush)

    def _paced(self) -> None:
        self._pacing = False
        self.flush()


def _leftOut(entries: list[Entry]) -> dict[Person, list[int]]:
    """Who is not told of something, and of which entries, by their places."""
    left: dict[Person, list[int]] = {}
    for at, (_, without) in enumerate(entries):
        for person in without:
            left.setdefault(person, []).append(at)
    return left


class _Written:
    """A turn's events in one dialect.

    Programs are told of each arrival, people of all together.

    @ivar whole: what everybody gets who was there all the time.
    @ivar outlets: of those among them who have one, see L{Person.outlet}.
    """

    def __init__(
        self,
        room: str,
        dialect: Dialect,
        arrivals: tuple[Source, ...],
        entries: list[Entry],
        time: float,
    ) -> None:
        self._room, self._dialect = room, dialect
        self._arrivals = arrivals
        self._time = time
        self._each = [
            dialect.write(Came(room, (source,), time))
            for source in (arrivals if dialect.tellsOnce else ())
        ]
        words = [dialect.write(event) for event, _ in entries]
        self._ends = [0, *accumulate(map(len, words))]
        self._words = b"".join(words)
        self.whole = self.arrivalsFrom(0) + self._words
        self.outlets: list[Any] = []

    def tellAll(self) -> None:
        """Send C{whole} to all C{outlets}."""
        if self.outlets and self.whole:
            self.outlets[0].writeToAll(self.outlets, self.whole)

    def tellPart(
        self, member: Person, later: int, first: int, left: Collection[int]
    ) -> None:
        """Send somebody what they do not know; see the methods below."""
        block = -(-later // BLOCK)
        if self._each and block < len(self._blocks):
            until = block * BLOCK
            pieces = [b"".join(self._each[later:until]), *self._blocks[block:]]
        else:
            pieces = [self.arrivalsFrom(later)]
        for octets in (*pieces, self.wordsFor(first, left)):
            if octets:
                member.deliver(octets)

    @cached_property
    def _blocks(self) -> list[bytes]:
        """Arrivals by L{BLOCK}: who came before them shares these octets."""
        starts = range(0, len(self._each), BLOCK)
        return [b"".join(self._each[at : at + BLOCK]) for at in starts]

    def arrivalsFrom(self, number: int) -> bytes:
        """Who came, without the first C{number}."""
        if self._each:
            return b"".join(self._each[number:])
        later = self._arrivals[number:]
        came = Came(self._room, later, self._time)
        return self._dialect.write(came) if later else b""

    def wordsFor(self, first: int, left: Collection[int]) -> bytes:
        """The other events from number C{first} on, but for those in C{left}."""
        ends, words = self._ends, self._words
        pieces, begin = [], ends[first]
        for at in left:
            if at >= first:
                pieces.append(words[begin : ends[at]])
                begin = ends[at + 1]
        return b"".join([*pieces, words[begin:]])
