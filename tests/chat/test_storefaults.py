"""L{protocols.chat.storeflushing}: disks that are full, or broken."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from protocols.chat.spans import Span
from protocols.chat.storeflushing import (
    FIRST_PAUSE,
    FLUSH_AFTER,
    LONGEST_PAUSE,
)
from protocols.chat.storeinterface import StoreError
from protocols.chat.storeretention import Retention
from protocols.chat.storespool import GAP, Spool
from tests.chat.storefiles import FileTestCase
from tests.chat.stores import (
    ids,
    outcome,
    posting,
)


class FaultTests(FileTestCase):
    """A disk that is full, or locked: the chat goes on, and nothing is lost."""

    def lock(self) -> sqlite3.Connection:
        other = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        return other

    def test_writtenLater(self) -> None:
        store = self.open()
        other = self.lock()
        store.append(posting(1))
        store.setReadMarker("ann", "#a", 5.0)
        store.saveRoom("#a", {"topic": "old"})
        self.clock.advance(FLUSH_AFTER)
        store.append(posting(2))
        store.setReadMarker("ann", "#a", 3.0)
        store.saveRoom("#a", {"topic": "new"})
        self.assertEqual(self.page(store), [1, 2])
        self.assertEqual(self.written(), [])
        other.close()
        self.clock.advance(FIRST_PAUSE)
        self.assertEqual(self.written(), [1, 2])
        self.assertEqual(outcome(store.readMarker("ann", "#a")), 5.0)
        self.assertEqual(store.loadRooms(), [("#a", {"topic": "new"})])

    def test_logged(self) -> None:
        """Once when it begins, and once when it is over."""
        store = self.open()
        other = self.lock()
        store.append(posting(1))
        for _ in range(100):
            self.clock.advance(1)
        begun = "error: The chat's history can't be written: {why}"
        self.assertEqual(self.said(), [begun])
        self.assertEqual(self.logged[-1]["why"], "database is locked")
        other.close()
        self.clock.advance(LONGEST_PAUSE)
        over = "info: The chat's history is written again; {lost} lost"
        self.assertEqual(self.said(), [begun, over])

    def test_watched(self) -> None:
        store = self.open()
        told: list[str] = []
        store.watch(told.append)
        other = self.lock()
        store.append(posting(1))
        for _ in range(20):
            self.clock.advance(1)
        self.assertEqual(told, ["database is locked"])
        other.close()
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual(told, ["database is locked", ""])

    def test_pausesGrow(self) -> None:
        store = self.open(retention=Retention(0, 0, 0))
        other = self.lock()
        store.append(posting(1))
        self.clock.advance(FLUSH_AFTER)
        pauses = []
        for _ in range(9):
            (call,) = self.clock.getDelayedCalls()
            pauses.append(round(call.getTime() - self.clock.seconds(), 6))
            self.clock.advance(pauses[-1])
        self.assertEqual(pauses[:3], [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE])
        self.assertEqual(pauses[-1], LONGEST_PAUSE)
        other.close()

    def test_flush(self) -> None:
        """It fails, this time; and when it is asked for again, it is tried."""
        store = self.open()
        other = self.lock()
        store.append(posting(1))
        store.append(posting(2))
        self.assertRaises(StoreError, outcome, store.flush())
        other.close()
        self.assertEqual(outcome(store.flush()), None)
        self.assertEqual(self.written(), [1, 2])

    def test_full(self) -> None:
        store = self.open()
        store.append(posting(1))
        outcome(store.flush())
        (connection,) = store._threads._idleWriters
        connection.execute("PRAGMA max_page_count=1")
        store.append(posting(2, "x" * 500_000))
        self.assertRaises(StoreError, outcome, store.flush())
        self.assertEqual(self.logged[-1]["why"], "database or disk is full")
        self.assertEqual(self.page(store), [1, 2])
        self.clock.advance(FIRST_PAUSE)
        self.assertEqual(self.written(), [1, 2])

    def test_gap(self) -> None:
        """What was too much is missing, and each room says so, in its place."""
        store = self.open(spool=Spool(most=4))
        other = self.lock()
        rooms = ["#a", "#b", "#a", "#a", "#b", "#a", "#b", "#a"]
        for number, room in enumerate(rooms, 1):
            store.append(posting(number, room=room))
            self.clock.advance(FLUSH_AFTER)
        self.assertEqual(self.page(store), [4, 6, 8])
        other.close()
        self.clock.advance(LONGEST_PAUSE)
        page = outcome(store.page("#a", Span.latest(9)))
        self.assertEqual(ids(page), [4, 6, 8])
        self.assertEqual(
            (page[0].kind, page[0].text, page[0].time),
            (GAP, "3 messages are missing here", posting(4).time),
        )
        self.assertEqual(self.page(store, "#b"), [2, 5, 7])
        (one,) = outcome(store.page("#b", Span.latest(1, after=1)))[:1]
        self.assertEqual(one.id, 7)
        self.assertEqual(self.logged[-1]["lost"], 4)

    def test_closeWithoutADisk(self) -> None:
        store = self.open()
        other = self.lock()
        store.append(posting(1))
        outcome(store.close())
        self.assertEqual(
            self.said()[-1], "error: The chat ends, and {lost} messages are not kept"
        )
        self.assertEqual(self.clock.getDelayedCalls(), [])
        other.close()

    def test_whatCantBeWrittenIsGivenUp(self) -> None:
        """It would stand in the way of all that comes behind."""
        store = self.open()
        store.append(posting(1, account=None))
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)
        store.append(posting(2))
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual(self.written(), [2])

    def test_searchWithoutADisk(self) -> None:
        """What has been written is still found."""
        store = self.open()
        store.append(posting(1))
        outcome(store.flush())
        other = self.lock()
        store.append(posting(2))
        self.assertEqual(ids(outcome(store.search(["#a"], "hello"))), [1])
        other.close()

    def test_redactionWithoutADisk(self) -> None:
        """What can't be deleted is not shown all the same."""
        store = self.open()
        for number in range(1, 6):
            store.append(posting(number))
        outcome(store.flush())
        other = self.lock()
        store.append(posting(6))
        for number in (2, 4, 6):
            store.redact(number)
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(self.page(store), [1, 3, 5])
        self.assertEqual(ids(outcome(store.page("#a", Span.latest(2)))), [3, 5])
        self.assertEqual(ids(outcome(store.search(["#a"], "hello"))), [1, 3, 5])
        other.close()
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual(self.written(), [1, 3, 5])

    def test_broken(self) -> None:
        """A page that can't be read fails, with what SQLite says of it."""
        store = self.open()
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("DROP TABLE marker")
            other.execute("ALTER TABLE target RENAME TO gone")
        for found in (store.readMarker("a", "#a"), store.page("#a", Span.latest(1))):
            error = self.assertRaises(StoreError, outcome, found)
            self.assertIn("no such table", str(error))
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("DROP TABLE room")
        self.assertRaises(StoreError, store.loadRooms)
