"""Which part of what was said is meant. Pure.

Ids grow over the whole server, and times do not go back: an id or a time is a
point in every room's history alike. Whoever asks for a page names a L{Span}
between such points; for a ring or a store it comes down to one or two L{Range}s
of ids. The spans are those of CHATHISTORY (IRCv3, "chathistory" extension).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Union

from protocols.chat.events import Posting

# All ids are below: SQLite's integers have 63 bits and a sign, and one bit is left
# for what is added to an id.
MAX_ID = 2**62

# Postings of a page. IRC servers allow 100 to 1,000 (the CHATHISTORY token of
# RPL_ISUPPORT); 1,000 of the longest lines are 8 MiB.
MAX_PAGE = 1000


def milliseconds(time: float) -> int:
    """The milliseconds of C{time}, in seconds; what IRC's server-time keeps.

    @raise ValueError: it is not a number.
    @raise OverflowError: it is infinite.
    """
    whole = round(time * 1000)
    return whole if 0 <= whole <= MAX_ID else min(max(whole, 0), MAX_ID)


@dataclass(frozen=True)
class Moment:
    """A point in a history.

    @param time: seconds since 1970.
    """

    time: float


Point = Union[int, Moment]  # noqa: UP007
"""An id, or a time."""


@dataclass(frozen=True)
class Range:
    """Ids that are wanted: C{low <= id < high}, and at most C{limit} of them.

    @ivar newest: the highest are, should there be more; else the lowest.
    """

    low: int
    high: int
    limit: int
    newest: bool


@dataclass(frozen=True)
class Span:
    """A page of a history; made by L{latest}, L{before} and so on.

    The points themselves do not belong to it, but for L{around}. However it is
    asked for, a page has its oldest posting first.

    @ivar kind: C{latest}, C{before}, C{after}, C{around} or C{between}.
    @ivar limit: postings at most, 0 to L{MAX_PAGE}.
    @raise ValueError: C{limit} is something else.
    """

    kind: str
    low: Point
    high: Point
    limit: int

    def __post_init__(self) -> None:
        if not 0 <= self.limit <= MAX_PAGE:
            raise ValueError(f"a page has 0 to {MAX_PAGE} postings")

    @classmethod
    def latest(cls, limit: int, after: Point = 0) -> Span:
        """The last ones, as far as they come after a point."""
        return cls("latest", after, MAX_ID, limit)

    @classmethod
    def before(cls, point: Point, limit: int) -> Span:
        """The last ones before a point."""
        return cls("before", 0, point, limit)

    @classmethod
    def after(cls, point: Point, limit: int) -> Span:
        """The first ones after a point."""
        return cls("after", point, MAX_ID, limit)

    @classmethod
    def around(cls, point: Point, limit: int) -> Span:
        """What is at a point, and as many before it as behind."""
        return cls("around", point, point, limit)

    @classmethod
    def between(cls, one: Point, other: Point, limit: int) -> Span:
        """Those between two points; those next to C{one}, should there be more."""
        return cls("between", one, other, limit)

    def ranges(self, firstAt: Callable[[int], int]) -> tuple[Range, ...]:
        """The ids that are meant, in their order.

        @param firstAt: the first id at or after some milliseconds since 1970;
            L{MAX_ID} if there is none.
        """
        low, behindLow = _ends(self.low, firstAt)
        high, behindHigh = _ends(self.high, firstAt)
        if self.kind == "around":
            half = self.limit // 2
            return (
                Range(0, low, half, True),
                Range(low, MAX_ID, self.limit - half, False),
            )
        if self.kind == "between" and self._isBackwards(low, high):
            return (Range(behindHigh, low, self.limit, True),)
        newest = self.kind in ("latest", "before")
        return (Range(behindLow, high, self.limit, newest),)

    def _isBackwards(self, low: int, high: int) -> bool:
        """Whether it begins at the later point; ids tell if one is a time."""
        if isinstance(self.low, Moment) and isinstance(self.high, Moment):
            return self.low.time > self.high.time
        return low > high


def _ends(point: Point, firstAt: Callable[[int], int]) -> tuple[int, int]:
    """The first id that is not before a point, and the first one behind it."""
    if isinstance(point, Moment):
        at = milliseconds(point.time)
        return firstAt(at), firstAt(at + 1)
    number = min(max(point, 0), MAX_ID)
    return number, number + 1


def cut(postings: Iterable[Posting], wanted: Range) -> list[Posting]:
    """Those of C{postings} that are wanted, each once, oldest first."""
    found = {
        posting.id: posting
        for posting in postings
        if wanted.low <= posting.id < wanted.high
    }
    ids = sorted(found)
    ids = ids[max(len(ids) - wanted.limit, 0) :] if wanted.newest else ids
    return [found[number] for number in ids[: wanted.limit]]


def inRoom(room: str, posting: Posting) -> Posting:
    """A posting, with the room's name as C{room} writes it."""
    return posting if posting.room == room else replace(posting, room=room)


def octetsOf(posting: Posting) -> int:
    """What a posting counts for where octets are bounded: its texts."""
    text = posting.sender + posting.tags + posting.text
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
