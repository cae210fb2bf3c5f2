"""L{protocols.chat.spans}: pages by id and time."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import Posting
from protocols.chat.history import Ring
from protocols.chat.spans import (
    MAX_ID,
    MAX_PAGE,
    Moment,
    Point,
    Range,
    Span,
    cut,
    inRoom,
    milliseconds,
    octetsOf,
)

# Ids with holes (other rooms have those), and times that several share.
TIMES = {2: 10.0, 3: 10.0, 5: 10.5, 8: 12.0, 9: 12.0, 12: 12.001, 20: 30.0}


def posting(number: int, time: float = 0.0, text: str = "x") -> Posting:
    return Posting("#a", text, "ann", id=number, time=time)


def ringOf(most: int = 100, maxOctets: int = 10_000) -> Ring:
    ring = Ring(most, maxOctets)
    for number, time in TIMES.items():
        ring.append(posting(number, time))
    return ring


def ids(postings: list[Posting]) -> list[int]:
    return [each.id for each in postings]


points = st.one_of(
    st.integers(-1, 25),
    st.sampled_from(
        [0.0, 9.9, 10.0, 10.2, 10.5, 12.0, 12.0005, 12.001, 30.0, 31.0]
    ).map(Moment),
)
limits = st.integers(0, 9)
spans = st.one_of(
    st.builds(Span.latest, limits, points),
    st.builds(Span.before, points, limits),
    st.builds(Span.after, points, limits),
    st.builds(Span.around, points, limits),
    st.builds(Span.between, points, points, limits),
)


def isBefore(point: Point) -> Callable[[Posting], bool]:
    """Written from the specification, with nothing of what is tested."""
    if isinstance(point, Moment):
        return lambda each: round(each.time * 1000) < round(point.time * 1000)
    return lambda each: each.id < point


def isBehind(point: Point) -> Callable[[Posting], bool]:
    if isinstance(point, Moment):
        return lambda each: round(each.time * 1000) > round(point.time * 1000)
    return lambda each: each.id > point


def expected(postings: list[Posting], span: Span) -> list[Posting]:
    """The page of a span, from all postings there are."""
    low, high, n = span.low, span.high, span.limit
    if span.kind == "around":
        before = list(filter(isBefore(low), postings))
        return [*_last(before, n // 2), *postings[len(before) :][: n - n // 2]]
    backwards = sum(map(isBefore(low), postings)) > sum(map(isBefore(high), postings))
    if span.kind == "between" and backwards:
        return _last(_inside(postings, high, low), n)
    inside = _inside(postings, low, high)
    return _last(inside, n) if span.kind in ("latest", "before") else inside[:n]


def _inside(postings: list[Posting], low: Point, high: Point) -> list[Posting]:
    return [each for each in postings if isBehind(low)(each) and isBefore(high)(each)]


def _last(postings: list[Posting], n: int) -> list[Posting]:
    return postings[len(postings) - n :] if n < len(postings) else postings


class SpanTests(SynchronousTestCase):
    """CHATHISTORY's subcommands (IRCv3, chathistory)."""

    def check(self, span: Span, *numbers: int) -> None:
        self.assertEqual(ids(ringOf().page(span)), list(numbers))

    def test_latest(self) -> None:
        self.check(Span.latest(2), 12, 20)
        self.check(Span.latest(10, after=9), 12, 20)
        self.check(Span.latest(1, after=Moment(10.5)), 20)

    def test_before(self) -> None:
        self.check(Span.before(9, 2), 5, 8)
        self.check(Span.before(Moment(12.0), 2), 3, 5)
        self.check(Span.before(2, 5))

    def test_after(self) -> None:
        self.check(Span.after(5, 2), 8, 9)
        self.check(Span.after(Moment(12.0), 5), 12, 20)
        self.check(Span.after(20, 5))

    def test_around(self) -> None:
        self.check(Span.around(8, 1), 8)
        self.check(Span.around(8, 3), 5, 8, 9)
        self.check(Span.around(7, 2), 5, 8)
        self.check(Span.around(Moment(12.0), 4), 3, 5, 8, 9)

    def test_between(self) -> None:
        """The points do not belong to it; it begins at the first one named."""
        self.check(Span.between(2, 9, 2), 3, 5)
        self.check(Span.between(9, 2, 2), 5, 8)
        self.check(Span.between(Moment(10.0), 20, 9), 5, 8, 9, 12)
        self.check(Span.between(5, 5, 9))

    def test_pointsOutOfRange(self) -> None:
        self.check(Span.after(-(10**30), 1), 2)
        self.check(Span.before(10**30, 1), 20)
        self.check(Span.after(Moment(-5), 1), 2)
        self.check(Span.before(Moment(1e300), 1), 20)

    def test_limit(self) -> None:
        self.assertEqual(Span.latest(MAX_PAGE).limit, MAX_PAGE)
        for limit in (-1, MAX_PAGE + 1):
            self.assertRaises(ValueError, Span.latest, limit)

    def test_milliseconds(self) -> None:
        self.assertEqual(milliseconds(1700000000.123), 1700000000123)
        self.assertRaises(ValueError, milliseconds, float("nan"))
        self.assertRaises(OverflowError, milliseconds, float("inf"))


class CutTests(SynchronousTestCase):
    def test_eachOnceInOrder(self) -> None:
        some = [posting(n) for n in (5, 3, 9, 3, 7)]
        self.assertEqual(ids(cut(some, Range(0, 9, 2, False))), [3, 5])
        self.assertEqual(ids(cut(some, Range(0, MAX_ID, 2, True))), [7, 9])
        self.assertEqual(cut(some, Range(0, MAX_ID, 0, True)), [])

    def test_inRoom(self) -> None:
        one = posting(1)
        self.assertIs(inRoom("#a", one), one)
        self.assertEqual(inRoom("#A", one).room, "#A")

    def test_octets(self) -> None:
        self.assertEqual(octetsOf(Posting("#a", "héé", "ann", tags="+x")), 10)
