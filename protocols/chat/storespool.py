"""What waits to be written, in bounded memory. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from protocols.chat.events import Posting
from protocols.chat.spans import inRoom, octetsOf
from protocols.chat.storeinterface import targetOf

# Postings, and octets of their texts, that wait. 27,000 a second can be written
# (measured), so a store that works is not that far behind; while it does not,
# these are about 20 MiB.
MAX_POSTINGS = 20_000
MAX_OCTETS = 8 * 1024 * 1024

# Rooms of which it is known that some postings are missing, in one fault.
MAX_GAPS = 1000

# Rooms' fields and read markers that wait, each: the newest of each is enough, so
# these are as many as there are rooms and people.
MAX_NOTES = 20_000

GAP = "gap"
"""The C{kind} of a posting that stands for some that are missing."""


@dataclass
class Batch:
    """What is written as one.

    @ivar postings: in the order of their ids.
    @ivar gaps: stand for postings that were dropped, by target.
    @ivar rooms: names and fields, by target; the fields are JSON, or C{None}.
    @ivar markers: milliseconds, by account and target.
    @ivar redacted: ids of postings that are to be forgotten.
    """

    postings: list[Posting] = field(default_factory=list)
    gaps: dict[str, Gap] = field(default_factory=dict)
    rooms: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    markers: dict[tuple[str, str], int] = field(default_factory=dict)
    redacted: dict[int, None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        notes = self.gaps or self.rooms or self.markers or self.redacted
        return bool(self.postings or notes)

    @property
    def waiting(self) -> Iterable[Posting]:
        """All postings, gaps with them."""
        yield from (gap.posting for gap in self.gaps.values())
        yield from self.postings


@dataclass(frozen=True)
class Gap:
    """Postings of a room that were dropped.

    @ivar last: the last of them.
    @ivar count: how many.
    """

    last: Posting
    count: int = 0

    @property
    def posting(self) -> Posting:
        """What is kept in their place."""
        lost = "1 message is" if self.count == 1 else f"{self.count} messages are"
        return Posting(
            self.last.room,
            f"{lost} missing here",
            id=self.last.id,
            time=self.last.time,
            kind=GAP,
        )


class Spool:
    """Takes what is to be written, and gives it out in batches.

    When it is full, the oldest postings are dropped, and each room has a posting
    of the kind L{GAP} in the place of its own: the newest are what people go on
    talking about.

    @param most: postings that wait.
    @param maxOctets: octets of their texts.
    @ivar added: postings that were ever added.
    @ivar dropped: those of them that were dropped.
    """

    def __init__(self, most: int = MAX_POSTINGS, maxOctets: int = MAX_OCTETS) -> None:
        self._most = most
        self._maxOctets = maxOctets
        self._octets = 0
        self._postings: deque[Posting] = deque()
        self._notes = Batch()
        self._out = Batch()
        self.dropped = 0
        self.added = 0

    def __len__(self) -> int:
        """Postings that wait and are not in the batch that is out."""
        return len(self._postings)

    def __bool__(self) -> bool:
        return bool(self._postings or self._notes)

    def add(self, posting: Posting) -> None:
        """A posting is to be written."""
        self.added += 1
        self._postings.append(posting)
        self._octets += octetsOf(posting)
        if self._octets > self._maxOctets or len(self._postings) > self._most:
            self._trim()

    def noteRoom(self, name: str, fields: str | None) -> None:
        """A room's fields are to be written."""
        _put(self._notes.rooms, targetOf(name), (name, fields))

    def noteMarker(self, account: str, target: str, time: int) -> None:
        """A read marker is to be written, unless a higher one is."""
        place = account, target
        _put(self._notes.markers, place, max(time, self._notes.markers.get(place, 0)))

    def noteRedaction(self, number: int) -> None:
        """A posting is to be forgotten, whether it has been written or not."""
        _put(self._notes.redacted, number, None)

    def take(self, most: int) -> Batch:
        """A batch of C{most} postings at most; it is out until L{done}."""
        out, self._notes = self._notes, Batch()
        count = min(most, len(self._postings))
        out.postings = [self._postings.popleft() for _ in range(count)]
        self._octets -= sum(map(octetsOf, out.postings))
        self._out = out
        return out

    def done(self) -> None:
        """The batch has been written."""
        self._out = Batch()

    def discard(self) -> None:
        """The batch never will be."""
        self.dropped += len(self._out.postings)
        self._out = Batch()

    def restore(self) -> None:
        """The batch has not been written, and waits again."""
        out, self._out = self._out, Batch()
        self._postings.extendleft(reversed(out.postings))
        self._octets += sum(map(octetsOf, out.postings))
        notes = self._notes
        for target, gap in out.gaps.items():
            later = notes.gaps.get(target, Gap(gap.last))
            notes.gaps[target] = Gap(later.last, gap.count + later.count)
        notes.rooms = {**out.rooms, **notes.rooms}
        notes.redacted = {**out.redacted, **notes.redacted}
        for place, time in out.markers.items():
            notes.markers[place] = max(time, notes.markers.get(place, 0))
        self._trim()

    def waitingIn(self, room: str) -> list[Posting]:
        """All postings of a room that may not be written yet, by id."""
        target, hidden = targetOf(room), self.redacted()
        everything = (self._out.waiting, self._notes.waiting, self._postings)
        return [
            inRoom(room, posting)
            for some in everything
            for posting in some
            if targetOf(posting.room) == target and posting.id not in hidden
        ]

    def redacted(self) -> set[int]:
        """The ids of postings that may still be in the file, but are not shown."""
        return {*self._out.redacted, *self._notes.redacted}

    def markersOf(self, account: str) -> dict[str, int]:
        """An account's read markers that may not be written yet."""
        found: dict[str, int] = {}
        for markers in (self._out.markers, self._notes.markers):
            for (owner, target), time in markers.items():
                if owner == account:
                    found[target] = max(time, found.get(target, 0))
        return found

    def rooms(self) -> dict[str, tuple[str, str | None]]:
        """The rooms' fields that may not be written yet."""
        return {**self._out.rooms, **self._notes.rooms}

    def room(self, target: str) -> tuple[str, str | None] | None:
        """One of them."""
        return self._notes.rooms.get(target) or self._out.rooms.get(target)

    def _trim(self) -> None:
        while len(self._postings) > self._most or self._octets > self._maxOctets:
            posting = self._postings.popleft()
            self._octets -= octetsOf(posting)
            self.dropped += 1
            self._markGap(posting)

    def _markGap(self, posting: Posting) -> None:
        gaps, target = self._notes.gaps, targetOf(posting.room)
        earlier = gaps.get(target)
        if earlier is None and len(gaps) >= MAX_GAPS:
            return
        gap = earlier or Gap(posting)
        # What comes back unwritten is older than what was dropped meanwhile.
        last = max(gap.last, posting, key=attrgetter("id"))
        gaps[target] = Gap(last, gap.count + 1)


def _put(notes: dict, place: object, value: object) -> None:  # type: ignore[type-arg]
    """Note something; what was noted longest ago goes, should it be too much."""
    if place not in notes and len(notes) >= MAX_NOTES:
        del notes[next(iter(notes))]
    notes[place] = value
