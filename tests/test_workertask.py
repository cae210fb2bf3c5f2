"""L{protocols.workertask}, L{protocols.workerlimits}, L{protocols.workerrestarts}."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.limits import Limits
from protocols.workerlimits import shareOf, suffices
from protocols.workerrestarts import FIRST_DELAY, MOST_DEATHS, STEADY, Restarts
from protocols.workertask import Task, tcpKey, udpKey, unixKey

counts = st.integers(1, 64)


class TaskTests(SynchronousTestCase):
    @given(st.lists(st.text()), st.dictionaries(st.text(), st.lists(st.integers())))
    def test_asALine(self, words: list[str], sockets: dict[str, list[int]]) -> None:
        path = ["/a", ""]
        task = Task(2, 4, "echo", words, "a.reactor", path, "/", None, 5, sockets)
        line = task.toLine()
        self.assertEqual(line.index(b"\n"), len(line) - 1)
        self.assertEqual(Task.fromLine(line), task)

    def test_noTask(self) -> None:
        for line in (b"", b"\n", b"{", b"\xff"):
            self.assertRaises(ValueError, Task.fromLine, line)

    def test_keysAreDifferent(self) -> None:
        keys = {
            *(tcpKey(25, ""), tcpKey(25, "::1"), tcpKey(2, ""), udpKey(25, "")),
            *(unixKey("/a"), unixKey(b"/a"), unixKey("25 ")),
        }
        self.assertEqual(len(keys), 7)


class ShareTests(SynchronousTestCase):
    @given(counts, st.integers(0, 100_000), st.floats(0, 1e6))
    def test_allTogetherAreTheWhole(self, count: int, most: int, rate: float) -> None:
        whole = Limits(maxConnections=most, acceptRate=rate)
        each = [shareOf(whole, number, count) for number in range(1, count + 1)]
        self.assertEqual(sum(share.maxConnections for share in each), most)
        self.assertAlmostEqual(
            sum(share.acceptRate for share in each), rate, delta=rate / 1e9
        )

    @given(counts, st.integers(0, 1000))
    def test_noLimitOnlyForNoLimit(self, count: int, most: int) -> None:
        """A share of 0 connections would be no limit at all."""
        whole = Limits(maxConnections=most)
        shares = [shareOf(whole, n, count).maxConnections for n in range(1, count + 1)]
        unlimited = most > 0 and 0 in shares
        self.assertEqual(unlimited, not suffices(whole, count))

    def test_whatHoldsForOnePeerIsEachOnesOwn(self) -> None:
        whole = Limits(maxPerPeer=7, idleTimeout=5, lifetime=9, exempt=("10.0.0.0/8",))
        share = shareOf(whole, 1, 2)
        self.assertEqual((share.maxPerPeer, share.idleTimeout), (7, 5))
        self.assertEqual((share.lifetime, share.exempt), (9, ("10.0.0.0/8",)))


class RestartTests(SynchronousTestCase):
    def test_atOnceAtFirst(self) -> None:
        self.assertEqual(Restarts().died(0), 0)

    def test_longerEachTime_andThenNoMore(self) -> None:
        restarts = Restarts()
        delays = [restarts.died(0.1) for _ in range(MOST_DEATHS + 1)]
        expected = [0, *(FIRST_DELAY * 2**n for n in range(MOST_DEATHS - 1)), None]
        self.assertEqual(delays, expected)

    def test_whoHasWorkedIsForgiven(self) -> None:
        restarts = Restarts()
        for _ in range(100):
            self.assertEqual(restarts.died(STEADY), 0)
            self.assertEqual(restarts.died(STEADY - 0.1), FIRST_DELAY)

    @given(st.lists(st.floats(0, 100), max_size=50))
    def test_givesUpOnlyAfterThatManyInARow(self, lives: list[float]) -> None:
        restarts = Restarts()
        for place, lived in enumerate(lives):
            if restarts.died(lived) is None:
                since = lives[max(0, place - MOST_DEATHS + 1) : place + 1]
                self.assertTrue(all(each < STEADY for each in since))
                return
