"""L{protocols.chat.storeflushing}: when things are written, and faults of the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
from contextlib import closing
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.history import Span
from protocols.chat.store import ChatStore
from protocols.chat.storeflushing import (
    FIRST_PAUSE,
    FLUSH_AFTER,
    LONGEST_PAUSE,
    MAX_BATCH,
)
from protocols.chat.storeinterface import Account, StoreBusyError, StoreError
from protocols.chat.storeretention import Retention
from protocols.chat.storerows import RESERVED
from protocols.chat.storespool import GAP, Spool
from protocols.chat.storethreads import MAX_WAITING
from tests.chat.stores import (
    ThreadClock,
    ids,
    openStore,
    outcome,
    pathFor,
    posting,
)


class FileTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ThreadClock()
        self.path = pathFor(self)
        self.logged: list[LogEvent] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)

    def open(self, **options: Any) -> ChatStore:
        return openStore(self, self.clock, self.path, busyTimeout=1, **options)

    def written(self) -> list[int]:
        """What another process would see."""
        with closing(sqlite3.connect(self.path)) as connection:
            return [n for (n,) in connection.execute("SELECT id FROM posting")]

    def page(self, store: ChatStore, room: str = "#a") -> list[int]:
        return ids(outcome(store.page(room, Span.latest(1000))))

    def said(self) -> list[str]:
        """The chat's events, by level and format."""
        return [
            f"{event['log_level'].name}: {event['log_format']}"
            for event in self.logged
            if event["log_namespace"].startswith("protocols.chat.store")
        ]


class WhenTests(FileTestCase):
    def test_together(self) -> None:
        """Nothing is written for each; all is after a twentieth of a second."""
        store = self.open()
        for number in range(1, 11):
            store.append(posting(number))
            self.clock.advance(FLUSH_AFTER / 20)
        self.assertEqual(self.written(), [])
        self.clock.advance(FLUSH_AFTER / 2)
        self.assertEqual(self.written(), list(range(1, 11)))
        store.append(posting(11))
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(self.written()[-1], 11)

    def test_manyAreNotWaitedFor(self) -> None:
        store = self.open()
        for number in range(1, 2 * MAX_BATCH + 2):
            store.append(posting(number))
        self.clock.advance(0)
        self.assertEqual(len(self.written()), 2 * MAX_BATCH)
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(len(self.written()), 2 * MAX_BATCH + 1)

    def test_whileItIsWritten(self) -> None:
        """Nothing that is appended then is overlooked, or seen twice."""
        store = self.open()
        store.append(posting(1))
        self.clock.isSlow = True
        first = store.flush()
        store.append(posting(2))
        second, nothingMore = store.flush(), store.flush()
        page = store.page("#a", Span.latest(9))
        self.assertNoResult(first)
        self.clock.doWork()
        self.assertEqual(outcome(first), None)
        self.assertEqual([outcome(second), outcome(nothingMore)], [None] * 2)
        self.assertEqual(ids(outcome(page)), [1, 2])
        self.assertEqual(self.written(), [1, 2])

    def test_flushOfWhatIsUnderWay(self) -> None:
        store = self.open()
        store.append(posting(1))
        self.clock.isSlow = True
        both = store.flush(), store.flush()
        self.assertNoResult(both[1])
        self.clock.doWork()
        self.assertEqual(list(map(outcome, both)), [None, None])
        self.assertEqual(outcome(store.flush()), None)

    def test_closeWritesEverything(self) -> None:
        store = self.open()
        for number in range(1, MAX_BATCH + 3):
            store.append(posting(number))
        outcome(store.close())
        self.assertEqual(len(self.written()), MAX_BATCH + 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        store.append(posting(99_999))
        store.setReadMarker("ann", "#a", 1.0)
        store.saveRoom("#a", {})
        store.redact(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        for refused in (
            store.flush(),
            store.page("#a", Span.latest(1)),
            store.search(["#a"], "hello"),
            store.addAccount(Account("ann", "x"), 1),
        ):
            self.assertRaises(StoreError, outcome, refused)

    def test_closeWaitsForThreads(self) -> None:
        store = self.open()
        self.clock.isSlow = True
        page = store.page("#a", Span.latest(9))
        store.append(posting(1))
        both = store.close(), store.close()
        self.assertNoResult(both[0])
        self.clock.doWork()
        self.assertEqual(list(map(outcome, both)), [None, None])
        self.assertEqual(outcome(page), [])


class FileTests(FileTestCase):
    def test_restart(self) -> None:
        store = self.open()
        store.append(posting(1))
        store.saveRoom("#a", {"topic": "x"})
        secret = store.secretKey()
        outcome(store.close())
        store = self.open()
        self.assertEqual(self.page(store), [1])
        self.assertEqual(store.loadRooms(), [("#a", {"topic": "x"})])
        self.assertEqual(store.secretKey(), secret)

    def test_idsAreNotGivenTwice(self) -> None:
        """Some may have been given away that were not written before a crash."""
        store = self.open()
        self.assertEqual(store.highestId(), 0)
        store.append(posting(1))
        outcome(store.close())
        store = self.open()
        self.assertEqual(store.highestId(), RESERVED)
        store.append(posting(7 * RESERVED))
        outcome(store.close())
        self.assertEqual(self.open().highestId(), 8 * RESERVED)

    def test_oneAtATime(self) -> None:
        store = self.open()
        error = self.assertRaises(StoreError, self.open)
        self.assertEqual(str(error), f"{self.path}: another process has it open")
        outcome(store.close())
        self.open()

    def test_private(self) -> None:
        store = self.open()
        store.append(posting(1))
        outcome(store.flush())
        folder = os.path.dirname(self.path)
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        for name in os.listdir(folder):
            mode = os.stat(os.path.join(folder, name)).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600, name)

    def test_noStore(self) -> None:
        os.makedirs(os.path.dirname(self.path))
        with open(self.path, "wb") as file:
            file.write(b"something else" * 100)
        error = self.assertRaises(StoreError, self.open)
        self.assertEqual(str(error), f"{self.path}: file is not a database")
        with open(self.path, "wb"):
            pass
        self.open()

    def test_noFile(self) -> None:
        os.makedirs(self.path)
        error = self.assertRaises(StoreError, self.open)
        self.assertIn("Is a directory", str(error))

    def test_noLock(self) -> None:
        os.makedirs(f"{self.path}.lock")
        self.assertRaises(StoreError, self.open)
        os.rmdir(f"{self.path}.lock")
        self.patch(fcntl, "flock", self.refuse)
        error = self.assertRaises(StoreError, self.open)
        self.assertIn("No locks available", str(error))

    def refuse(self, *_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    def test_newerVersion(self) -> None:
        outcome(self.open().close())
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA user_version=99")
        self.assertIn("newer", str(self.assertRaises(StoreError, self.open)))

    def test_tooManyAtOnce(self) -> None:
        store = self.open()
        self.clock.isSlow = True
        waiting: list[Deferred[Any]] = [
            store.page("#a", Span.latest(1)) for _ in range(MAX_WAITING + 3)
        ]
        self.assertRaises(StoreBusyError, outcome, store.page("#a", Span.latest(1)))
        self.clock.doWork()
        self.assertEqual(list(map(outcome, waiting)), [[]] * len(waiting))


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
