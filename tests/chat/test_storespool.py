"""L{protocols.chat.storespool}: what waits, in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.spans import octetsOf
from protocols.chat.storespool import GAP, MAX_GAPS, MAX_NOTES, Gap, Spool
from tests.chat.stores import ids, posting


class GapTests(SynchronousTestCase):
    def test_words(self) -> None:
        last = posting(7, room="#b")
        gap = Gap(last, 1).posting
        self.assertEqual((gap.id, gap.time, gap.room), (7, last.time, "#b"))
        self.assertEqual((gap.kind, gap.sender), (GAP, ""))
        self.assertEqual(gap.text, "1 message is missing here")
        self.assertEqual(Gap(last, 2).posting.text, "2 messages are missing here")


class SpoolTests(SynchronousTestCase):
    @given(st.lists(st.sampled_from(["add", "take", "done", "restore"]), max_size=60))
    def test_nothingIsLostOrDoubled(self, steps: list[str]) -> None:
        """As long as it is not full; and nothing is out of order."""
        spool, written, number, isOut = Spool(), list[int](), 0, False
        for step in steps:
            if step == "add":
                number += 1
                spool.add(posting(number))
            elif step == "take" and not isOut:
                taken, isOut = ids(spool.take(3).postings), True
            elif step == "done" and isOut:
                spool.done()
                written, isOut = written + taken, False
            elif step == "restore" and isOut:
                spool.restore()
                isOut = False
            waiting = ids(spool.waitingIn("#a"))
            self.assertEqual(written + waiting, list(range(1, number + 1)))

    @given(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=80),
        st.integers(0, 6),
    )
    def test_bounds(self, sizes: list[tuple[str, int]], taken: int) -> None:
        """What is missing is counted, room by room."""
        spool = Spool(most=8, maxOctets=200)
        for number, (room, size) in enumerate(sizes, 1):
            spool.add(posting(number, "x" * size, f"#{room}"))
            if number == 20:
                spool.take(taken)
            if number == 40:
                spool.restore()
        if 20 <= len(sizes) < 40:
            spool.restore()
        batch = spool.take(1000)
        kept = ids(batch.postings)
        self.assertEqual(kept, sorted(set(kept)))
        self.assertLessEqual(len(kept), 8)
        self.assertLessEqual(sum(map(octetsOf, batch.postings)), 200)
        lost: dict[str, list[int]] = {}
        for number, (room, _) in enumerate(sizes, 1):
            if number not in kept:
                lost.setdefault(f"#{room}", []).append(number)
        gaps = {room: (gap.last.id, gap.count) for room, gap in batch.gaps.items()}
        expected = {room: (numbers[-1], len(numbers)) for room, numbers in lost.items()}
        self.assertEqual(gaps, expected)
        self.assertEqual(spool.dropped, sum(map(len, lost.values())))

    def test_theNewestAreKept(self) -> None:
        spool = Spool(most=3)
        for number in range(1, 10):
            spool.add(posting(number))
        self.assertEqual(ids(spool.take(9).postings), [7, 8, 9])

    def test_gapsAreBounded(self) -> None:
        spool = Spool(most=0)
        for number in range(1, MAX_GAPS + 10):
            spool.add(posting(number, room=f"#{number}"))
        self.assertEqual(len(spool.take(0).gaps), MAX_GAPS)

    def test_notes(self) -> None:
        """The last of each is written; a read marker does not go back."""
        spool = Spool()
        self.assertFalse(spool)
        spool.noteRoom("#A", "1")
        spool.noteRoom("#a", "2")
        spool.noteMarker("ann", "#a", 5)
        spool.noteMarker("ann", "#a", 4)
        self.assertTrue(spool)
        batch = spool.take(9)
        self.assertFalse(spool)
        self.assertTrue(batch)
        self.assertEqual(batch.rooms, {"#a": ("#a", "2")})
        self.assertEqual(batch.markers, {("ann", "#a"): 5})

    def test_notesThatAreOut(self) -> None:
        """They are seen; and if they were not written, the newer ones are."""
        spool = Spool()
        spool.noteRoom("#a", "1")
        spool.noteRoom("#b", "1")
        spool.noteMarker("ann", "#a", 5)
        spool.take(9)
        self.assertEqual(spool.markersOf("ann"), {"#a": 5})
        self.assertEqual(spool.markersOf("bob"), {})
        spool.noteRoom("#b", None)
        spool.noteMarker("ann", "#a", 3)
        self.assertEqual(spool.markersOf("ann"), {"#a": 5})
        rooms = {"#a": ("#a", "1"), "#b": ("#b", None)}
        self.assertEqual(spool.rooms(), rooms)
        spool.restore()
        batch = spool.take(9)
        self.assertEqual(batch.rooms, rooms)
        self.assertEqual(batch.markers, {("ann", "#a"): 5})
        spool.done()
        self.assertEqual((spool.rooms(), spool.markersOf("ann")), ({}, {}))

    def test_redactions(self) -> None:
        """They hold while they are out, and when they were not written."""
        spool = Spool()
        spool.add(posting(1))
        spool.add(posting(2))
        spool.noteRedaction(1)
        self.assertEqual(ids(spool.waitingIn("#a")), [2])
        self.assertEqual(list(spool.take(9).redacted), [1])
        self.assertEqual((spool.redacted(), ids(spool.waitingIn("#a"))), ({1}, [2]))
        spool.restore()
        spool.noteRedaction(2)
        self.assertEqual(list(spool.take(9).redacted), [1, 2])
        spool.done()
        self.assertEqual(spool.redacted(), set())

    def test_notesAreBounded(self) -> None:
        spool = Spool()
        for number in range(MAX_NOTES + 5):
            spool.noteMarker("ann", str(number), 1)
            spool.noteMarker("ann", "5", 1)
        markers = spool.take(0).markers
        self.assertEqual(len(markers), MAX_NOTES)
        self.assertIn(("ann", str(MAX_NOTES + 4)), markers)

    def test_discard(self) -> None:
        spool = Spool()
        spool.add(posting(1))
        spool.take(9)
        spool.discard()
        self.assertEqual((spool.dropped, spool.waitingIn("#a")), (1, []))
