"""L{protocols.chat.backplane.spool}: what waits until it has come back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane import spool as spools
from protocols.chat.backplane.spool import BusSpool, Waiting
from protocols.chat.backplane.words import Draft


def put(spool: BusSpool, room: str = "#a", size: int = 10) -> Waiting:
    draft = Draft(room, "hello", "ann") if room else None
    waiting = Waiting(spool.nextSerial(), room, b"x" * size, draft=draft)
    spool.add(waiting)
    return waiting


class SpoolTests(SynchronousTestCase):
    def test_sentAndBack(self) -> None:
        spool = BusSpool()
        one, two = put(spool), put(spool)
        self.assertEqual(spool.takeUnsent(1), [one])
        self.assertEqual(spool.underWay, 1)
        self.assertIs(spool.came(one.serial), one)
        self.assertIsNone(spool.came(one.serial))
        self.assertEqual(spool.takeUnsent(5), [two])
        self.assertEqual(spool.takeUnsent(5), [])
        self.assertEqual((len(spool), spool.underWay), (1, 1))

    def test_lost(self) -> None:
        """Words are sent again; what others are told anyway is not."""
        spool = BusSpool()
        words, state = put(spool), put(spool, "")
        spool.takeUnsent(5)
        last = put(spool)
        spool.lost()
        self.assertEqual([words.isSent, state in spool], [False, False])
        self.assertEqual(spool.takeUnsent(5), [words, last])

    def test_tooMuch(self) -> None:
        spool = BusSpool(most=2)
        put(spool), put(spool), put(spool, "#b"), put(spool, "#b"), put(spool, "#b")
        self.assertEqual(len(spool), 2)
        gaps = [(at, gap.last.room, gap.count) for at, gap in spool.takeGaps()]
        self.assertEqual(gaps, [(2, "#a", 2), (3, "#b", 1)])
        self.assertEqual(spool.takeGaps(), [])

    def test_first(self) -> None:
        spool = BusSpool()
        spool.nextSerial()
        last = put(spool)
        first = Waiting(1, "#a", b"x")
        spool.addFirst([first])
        self.assertEqual(spool.takeUnsent(5), [first, last])
        self.assertIs(spool.came(1), first)

    def test_whatMayHaveArrivedIsNotMissing(self) -> None:
        spool = BusSpool(most=1)
        put(spool)
        spool.takeUnsent(1)
        put(spool), put(spool, "ann"), put(spool, "")
        self.assertEqual([gap.count for _, gap in spool.takeGaps()], [1])

    def test_gapsAreBounded(self) -> None:
        self.patch(spools, "MAX_GAPS", 2)
        spool = BusSpool(most=1)
        for number in range(10):
            put(spool, f"#{number}")
        self.assertEqual(len(spool.gaps), 2)

    @given(st.lists(st.integers(0, 60), max_size=60), st.integers(1, 9))
    def test_bounds(self, sizes: list[int], most: int) -> None:
        spool = BusSpool(most, maxOctets=100)
        for size in sizes:
            put(spool, size=size)
            self.assertLessEqual(len(spool), most)
            self.assertLessEqual(sum(len(each.message) for each in spool), 100)
        kept = [each.serial for each in spool]
        self.assertEqual(kept, sorted(kept))
        dropped = sum(gap.count for _, gap in spool.takeGaps())
        self.assertEqual(dropped + len(spool), len(sizes))
