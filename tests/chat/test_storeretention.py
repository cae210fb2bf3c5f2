"""L{protocols.chat.storeretention}: what is too much, or too old, goes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.spans import MAX_PAGE, Span
from protocols.chat.store import ChatStore
from protocols.chat.storepruning import PRUNE_EVERY, SLICE_PAUSE
from protocols.chat.storeretention import SLICE, Retention, RetentionError
from tests.chat.stores import (
    NOW,
    ThreadClock,
    ids,
    openStore,
    outcome,
    pathFor,
    posting,
)


class RetentionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ThreadClock()
        self.path = pathFor(self)
        self.now = NOW

    def keep(self, retention: Retention, *rooms: str) -> ChatStore:
        """A store that has kept one posting in each room after the other."""
        store = openStore(
            self, self.clock, self.path, retention=retention, now=lambda: self.now
        )
        for number, room in enumerate(rooms, 1):
            store.append(posting(number, room=room))
        outcome(store.flush())
        return store

    def prune(self) -> None:
        self.clock.pump([SLICE_PAUSE] * 40)

    def kept(self, store: ChatStore, room: str = "#a") -> list[int]:
        return ids(outcome(store.page(room, Span.latest(MAX_PAGE))))

    def test_count(self) -> None:
        store = self.keep(Retention(maxMessages=3), *("#a", "#b", "#a", "#a", "#b"))
        self.prune()
        self.assertEqual(self.kept(store), [3, 4])
        self.assertEqual(self.kept(store, "#b"), [5])

    def test_each(self) -> None:
        """A talkative room does not push the quiet ones out."""
        store = self.keep(Retention(maxEach=2), "#b", *["#a"] * 5, "#b")
        self.prune()
        self.assertEqual(self.kept(store), [5, 6])
        self.assertEqual(self.kept(store, "#b"), [1, 7])

    def test_age(self) -> None:
        store = self.keep(Retention(maxAge=10), *["#a"] * 5)
        self.now = posting(3).time + 10
        self.prune()
        self.assertEqual(self.kept(store), [3, 4, 5])
        self.now += 100
        self.clock.advance(PRUNE_EVERY)
        self.assertEqual(self.kept(store), [])

    def test_slices(self) -> None:
        store = self.keep(Retention(maxMessages=10), *["#a"] * (2 * SLICE + 15))
        for left in (SLICE + 15, 15, 10, 10):
            self.clock.advance(SLICE_PAUSE)
            with closing(sqlite3.connect(self.path)) as connection:
                ((count,),) = connection.execute("SELECT count(*) FROM posting")
            self.assertEqual(count, left)
        self.assertEqual(len(self.kept(store)), 10)

    def test_nothingIsLeftOfIt(self) -> None:
        """Not in the index, and not in the list of rooms."""
        store = self.keep(Retention(maxMessages=1), "#b", "#a")
        self.prune()
        self.assertEqual(outcome(store.search(["#b"], "hello")), [])
        self.assertEqual(ids(outcome(store.search(["#a", "#b"], "hello"))), [2])
        with closing(sqlite3.connect(self.path)) as connection:
            names = connection.execute("SELECT name FROM target").fetchall()
            self.assertEqual(names, [("#a",)])
            connection.execute("INSERT INTO word (word) VALUES ('integrity-check')")

    def test_idsAreNotUsedAgain(self) -> None:
        store = self.keep(Retention(maxAge=1), *["#a"] * 5)
        store.append(posting(10**6))
        outcome(store.flush())
        self.now = NOW + 10**6
        self.prune()
        self.assertEqual(self.kept(store), [])
        outcome(store.close())
        store = openStore(self, self.clock, self.path)
        self.assertGreaterEqual(store.highestId(), 10**6)

    def test_everything(self) -> None:
        """Without bounds nobody even looks."""
        store = self.keep(Retention(0, 0, 0), *["#a"] * 5)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(len(self.kept(store)), 5)

    def test_fault(self) -> None:
        """It is tried again with the next look."""
        store = self.keep(Retention(maxMessages=1), "#a", "#a")
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("PRAGMA busy_timeout=10")
        (connection,) = store._threads._idleWriters
        connection.execute("PRAGMA busy_timeout=1")
        other.execute("BEGIN IMMEDIATE")
        self.clock.advance(SLICE_PAUSE)
        self.assertEqual(len(self.kept(store)), 2)
        other.execute("COMMIT")
        self.clock.advance(PRUNE_EVERY)
        self.assertEqual(len(self.kept(store)), 1)

    def test_faultOfOurs(self) -> None:
        """It is logged, and does not end the pruning."""
        store = self.keep(Retention(maxMessages=1), "#a", "#a")
        self.now, later = float("nan"), self.now
        store._pruning._retention = Retention(maxMessages=1, maxAge=1)
        self.clock.advance(SLICE_PAUSE)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.now = later
        self.clock.advance(PRUNE_EVERY)
        self.assertEqual(len(self.kept(store)), 1)

    def test_bounds(self) -> None:
        for bad in ({"maxMessages": -1}, {"maxEach": -1}, {"maxAge": -0.5}):
            self.assertRaises(RetentionError, Retention, **bad)
        self.assertRaises(RetentionError, Retention, maxAge=float("nan"))
        self.assertTrue(Retention())
        self.assertFalse(Retention(0, 0, 0))
