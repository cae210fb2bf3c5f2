"""L{protocols.chat.history}: rings that hold the last of what was said."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import Posting
from protocols.chat.history import Ring
from protocols.chat.spans import (
    Moment,
    Span,
    octetsOf,
)
from protocols.chat.speech import postingsOf
from tests.chat.test_spans import TIMES, expected, ids, posting, ringOf, spans


class RingTests(SynchronousTestCase):
    @given(spans)
    def test_pages(self, span: Span) -> None:
        ring = ringOf()
        postings = ring.last(100)
        self.assertEqual(ring.page(span), expected(postings, span))
        self.assertTrue(ring.covers(span))

    @given(spans, st.integers(0, 7), st.booleans())
    def test_coveredPagesAreWhole(self, span: Span, most: int, later: bool) -> None:
        """What a ring that has dropped some says of itself is true."""
        ring = ringOf(most)
        if later:
            ring = Ring(100, 10_000, since=8)
            for number in (9, 12, 20):
                ring.append(posting(number, TIMES[number]))
        if ring.covers(span):
            whole = expected(ringOf().last(100), span)
            self.assertEqual(ids(ring.page(span)), ids(whole))

    def test_coversWhatItCan(self) -> None:
        ring = ringOf(most=3)
        self.assertEqual(ids(ring.last(9)), [9, 12, 20])
        for span in (
            Span.latest(3),
            Span.latest(9, after=8),
            Span.before(20, 2),
            Span.after(8, 9),
            Span.around(12, 3),
            Span.between(8, 20, 9),
            Span.between(20, 8, 9),
            Span.after(Moment(12.0), 9),
        ):
            self.assertTrue(ring.covers(span), span)
        for span in (
            Span.latest(4),
            Span.before(20, 3),
            Span.after(7, 1),
            Span.around(9, 3),
            Span.after(Moment(11.0), 1),
            Span.between(8, Moment(0.0), 1),
            Span.between(Moment(12.0), Moment(0.0), 1),
        ):
            self.assertFalse(ring.covers(span), span)

    def test_holds(self) -> None:
        ring = ringOf(most=3)
        self.assertEqual(
            [ring.holds(n) for n in (0, 7, 8, 9, 99)], [False] * 2 + [True] * 3
        )
        self.assertTrue(Ring(3, 100).holds(0))
        self.assertFalse(Ring(3, 100, since=7).holds(6))

    def test_findAndRedact(self) -> None:
        ring = ringOf(most=5)
        self.assertEqual([ring.find(n) for n in (2, 3, 7, 21)], [None] * 4)
        self.assertEqual(ring.find(8), ring.redact(8))
        self.assertEqual((ring.find(8), ring.redact(8)), (None, None))
        self.assertEqual(ids(ring.page(Span.around(9, 4))), [5, 9, 12])
        self.assertTrue(ring.covers(Span.after(3, 9)))

    @given(st.lists(st.sampled_from(sorted(TIMES)), max_size=7), spans)
    def test_redactedPages(self, gone: list[int], span: Span) -> None:
        """As if it had never been; but no id is given twice."""
        ring = ringOf()
        for number in gone:
            ring.redact(number)
        left = [posting(n, time) for n, time in TIMES.items() if n not in gone]
        self.assertEqual(ring.page(span), expected(left, span))
        self.assertEqual((len(ring), ring.highest), (len(left), 20))
        self.assertRaises(ValueError, ring.append, posting(20))
        ring.append(posting(21, 99.0))
        self.assertEqual(ids(ring.last(1)), [21])

    def test_last(self) -> None:
        ring = ringOf()
        self.assertEqual(ids(ring.last(2)), [12, 20])
        self.assertEqual(ring.last(0), [])
        self.assertEqual((len(ring.last(99)), len(ring)), (7, 7))

    @given(st.lists(st.integers(0, 50), max_size=300), st.integers(0, 9))
    def test_bounds(self, sizes: list[int], most: int) -> None:
        """The newest that fit, by count and by octets."""
        ring = Ring(most, 100)
        kept: list[Posting] = []
        for number, size in enumerate(sizes, 1):
            kept.append(posting(number, text="é" * size))
            ring.append(kept[-1])
            while len(kept) > most or sum(map(octetsOf, kept)) > 100:
                kept.pop(0)
            self.assertEqual(ring.last(1000), kept)
        self.assertEqual(ring.highest, len(sizes))

    def test_boundsUnasked(self) -> None:
        """What nobody has asked for is bounded too, with the tags of programs."""
        ring, one = Ring(500, 10_000), Posting("#tea", "x", tags="t" * 999)
        for number in range(1, 600):
            ring.append(replace(one, id=number))
        kept = [posting for said in ring._new for posting in postingsOf(said)]
        self.assertLessEqual(sum(map(octetsOf, kept)), 11_000)

    def test_whatWasDroppedIsForgotten(self) -> None:
        ring = Ring(10, 10_000)
        for number in range(1, 1001):
            ring.append(posting(number, float(number)))
            if number > 10:
                self.assertEqual(
                    ids(ring.last(99)), list(range(number - 9, number + 1))
                )
                span = Span.after(Moment(number - 5.0), 2)
                self.assertEqual(ids(ring.page(span)), [number - 4, number - 3])
        self.assertLess(len(ring._postings), 200)

    def test_idsGrow(self) -> None:
        ring = ringOf()
        self.assertRaises(ValueError, ring.append, posting(20))
        self.assertRaises(ValueError, Ring(1, 9, since=5).append, posting(5))
        self.assertRaises(ValueError, Ring(1, 9).append, posting(0))

    def test_timeThatGoesBack(self) -> None:
        ring = Ring(9, 100)
        for number, time in ((1, 10.0), (2, 20.0), (3, 15.0), (4, 25.0)):
            ring.append(posting(number, time))
        self.assertEqual(ids(ring.page(Span.before(Moment(16), 9))), [1])
        self.assertEqual(ids(ring.page(Span.after(Moment(16), 9))), [2, 3, 4])

    def test_emptyAfterARestart(self) -> None:
        ring = Ring(9, 100, since=10)
        self.assertFalse(ring.covers(Span.latest(1)))
        self.assertFalse(ring.covers(Span.after(Moment(5.0), 1)))
        self.assertTrue(ring.covers(Span.after(10, 1)))
        self.assertEqual(ring.page(Span.latest(5)), [])

    def test_largeRingsAreFast(self) -> None:
        """A page takes as long as it is, not as long as the ring is."""
        ring = Ring(100_000, 1 << 30)
        for number in range(1, 150_001):
            ring.append(posting(number, number / 1000))
        began = perf_counter()
        for number in range(60_000, 61_000):
            ring.page(Span.around(number, 10))
            ring.page(Span.after(Moment(number / 1000), 10))
        self.assertLess(perf_counter() - began, 1.0)
