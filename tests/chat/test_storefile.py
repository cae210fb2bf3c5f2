"""L{protocols.chat.store}: the file, from one start to the next."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
from contextlib import closing
from typing import Any

from twisted.internet.defer import Deferred

from protocols.chat.spans import Span
from protocols.chat.storeinterface import StoreBusyError, StoreError
from protocols.chat.storerows import RESERVED
from protocols.chat.storethreads import MAX_WAITING
from tests.chat.storefiles import FileTestCase
from tests.chat.stores import (
    outcome,
    posting,
)


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
