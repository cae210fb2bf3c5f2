"""The last of what was said, in memory. Pure.

What part of it is wanted is said by a L{protocols.chat.spans.Span}.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

from protocols.chat.events import Posting
from protocols.chat.spans import (
    MAX_ID,
    MAX_PAGE,
    Moment,
    Point,
    Range,
    Span,
    milliseconds,
    octetsOf,
)
from protocols.chat.speech import Said, Speech, octetsIn, postingsOf

__all__ = ["MAX_ID", "MAX_PAGE", "Moment", "Point", "Range", "Ring", "Span"]

# Postings too many before the oldest are dropped, as long as nobody asks; and dropped
# places at the beginning of the lists before they are cut off.
_SLACK = 64


class Ring:
    """The last postings of a room, in memory.

    What is new is kept as it comes, and put in order when somebody asks: in a busy
    room most of it is dropped before that. A page takes O(log n) and its own length
    then. Times that go back count as the latest one before them.

    @param most: postings that are kept.
    @param maxOctets: octets of their texts, in UTF-8.
    @param since: an id up to which there may be postings that never were in
        here: the store's highest one, after a restart.
    """

    def __init__(self, most: int, maxOctets: int, since: int = 0) -> None:
        self._most = most
        self._maxOctets = maxOctets
        self._octets = 0
        self._highest = since
        self._new: deque[Said] = deque()
        self._newCount = self._newOctets = 0
        # Parallel lists; what stands before the start has been dropped.
        self._ids: list[int] = []
        self._times: list[int] = []
        self._postings: list[Posting] = []
        self._sizes: list[int] = []
        self._start = 0
        self._lists = (self._ids, self._times, self._postings, self._sizes)
        # The last one that was dropped, or may be missing.
        self._dropped = since
        self._droppedTime = MAX_ID if since else -1

    def __len__(self) -> int:
        self._catchUp()
        return len(self._ids) - self._start

    def _catchUp(self) -> None:
        if self._new:
            self._settle()

    @property
    def highest(self) -> int:
        """The last id there was, or C{since}."""
        return self._highest

    def endsWith(self, said: Said) -> bool:
        """Whether this very posting, or speech, is what came last."""
        if self._new:
            return self._new[-1] is said
        return bool(self._postings) and self._postings[-1] is said

    def append(self, said: Said) -> None:
        """Keep a posting, or several, and drop the oldest if they are too many.

        @raise ValueError: the (first) id is not higher than the last one's.
        """
        number = said.id
        if number <= self._highest:
            raise ValueError(f"id {number} comes behind {self._highest}")
        count, octets = _sizeOf(said)
        self._highest = number + count - 1
        self._new.append(said)
        self._newCount += count
        self._newOctets += octets
        kept = len(self._ids) - self._start + self._newCount
        keptOctets = self._octets + self._newOctets
        if kept > self._most + _SLACK or keptOctets > self._maxOctets:
            self._dropOldest()

    def page(self, span: Span) -> list[Posting]:
        """The postings of C{span} that are here, oldest first."""
        self._catchUp()
        found: list[Posting] = []
        for wanted in span.ranges(self._firstAt):
            first, end = self._places(wanted)
            found += self._postings[first:end]
        return found

    def last(self, n: int) -> list[Posting]:
        """The last C{n}, oldest first."""
        self._catchUp()
        return self._postings[max(len(self._postings) - n, self._start) :]

    def find(self, number: int) -> Posting | None:
        """The posting of that id, if it is here."""
        self._catchUp()
        place = bisect_left(self._ids, number, self._start)
        isHere = place < len(self._ids) and self._ids[place] == number
        return self._postings[place] if isHere else None

    def redact(self, number: int) -> Posting | None:
        """Forget the posting of that id, and return it, if it is here."""
        posting = self.find(number)
        if posting is not None:
            place = bisect_left(self._ids, number, self._start)
            self._octets -= self._sizes[place]
            for each in self._lists:
                del each[place]
        return posting

    def holds(self, number: int) -> bool:
        """Whether all that came after the id C{number} is here."""
        self._catchUp()
        return number >= self._dropped

    def covers(self, span: Span) -> bool:
        """Whether L{page} is the whole of C{span}: nobody else has more of it."""
        self._catchUp()
        if span.kind == "between" and (
            self._isGone(span.low) or self._isGone(span.high)
        ):
            return False  # which of them comes first is not known
        return all(map(self._coversRange, span.ranges(self._firstAt)))

    def _isGone(self, point: Point) -> bool:
        """Whether what is at a time may have been dropped."""
        if not isinstance(point, Moment):
            return False
        return milliseconds(point.time) <= self._droppedTime

    def _coversRange(self, wanted: Range) -> bool:
        if wanted.low > self._dropped or not self._dropped:
            return True
        first, end = self._places(wanted)
        return wanted.newest and end - first == wanted.limit

    def _places(self, wanted: Range) -> tuple[int, int]:
        """Where those that are wanted stand in the lists."""
        first = bisect_left(self._ids, wanted.low, self._start)
        end = bisect_left(self._ids, wanted.high, first)
        if wanted.newest:
            return max(first, end - wanted.limit), end
        return first, min(end, first + wanted.limit)

    def _firstAt(self, time: int) -> int:
        """The first id at a time; 0, which is never here, if that was dropped."""
        if time <= self._droppedTime:
            return 0
        place = bisect_left(self._times, time, self._start)
        return self._ids[place] if place < len(self._ids) else MAX_ID

    def _settle(self) -> None:
        """Put what has come lately behind the others, and drop what is too much."""
        new = [posting for said in self._new for posting in postingsOf(said)]
        self._new.clear()
        self._newCount = self._newOctets = 0
        if self._droppedTime == MAX_ID:
            self._droppedTime = milliseconds(new[0].time)
        isEmpty = len(self._ids) == self._start
        last = self._droppedTime if isEmpty else self._times[-1]
        for posting in new:
            last = max(last, milliseconds(posting.time))
            self._times.append(last)
            self._sizes.append(octetsOf(posting))
        self._octets += sum(self._sizes[-len(new) :])
        self._postings += new
        self._ids += [posting.id for posting in new]
        self._dropOldest()

    def _dropOldest(self) -> None:
        """Drop what is too much.

        Of what is new the sender's name is not counted; it is found when it is put in
        order.
        """
        start, sizes, end = self._start, self._sizes, len(self._ids)
        octets = self._octets + self._newOctets
        least = end + self._newCount - self._most
        while start < end and (start < least or octets > self._maxOctets):
            octets -= sizes[start]
            start += 1
        if start > self._start:
            self._octets = octets - self._newOctets
            self._dropTo(start)
        if self._newCount > self._most or self._newOctets > self._maxOctets:
            self._dropUnasked()

    def _dropTo(self, start: int) -> None:
        """Drop what stands before a place of the lists."""
        self._dropped, self._droppedTime = self._ids[start - 1], self._times[start - 1]
        self._start = start
        if start > _SLACK and start > len(self._ids) - start:
            for each in self._lists:
                del each[:start]
            self._start = 0

    def _dropUnasked(self) -> None:
        """Drop what is new, and has as much behind it as may be kept."""
        new = self._new
        while new:
            count, octets = _sizeOf(new[0])
            left, leftOctets = self._newCount - count, self._newOctets - octets
            if left < self._most and leftOctets <= self._maxOctets:
                return
            said = new.popleft()
            self._newCount, self._newOctets = left, leftOctets
            before = -1 if self._droppedTime == MAX_ID else self._droppedTime
            self._dropped = said.id + count - 1
            self._droppedTime = max(before, milliseconds(said.time))


def _sizeOf(said: Said) -> tuple[int, int]:
    """How many postings, and octets of their texts; tags may be much longer."""
    if isinstance(said, Speech):
        return len(said), said.octets
    octets = octetsIn(said.text)
    return 1, octets + octetsIn(said.tags) if said.tags else octets
