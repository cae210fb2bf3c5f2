"""Whose client certificates are, in each store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.storeinterface import Account, CertificatesFullError, StoreError
from protocols.chat.storememory import MemoryStore
from protocols.chat.storeschema import STEPS, VERSION, makePrivate
from tests.chat.stores import NOW, ThreadClock, openStore, outcome, pathFor

MOST = 3


class Keeping:
    """What each store does."""

    store: Any
    assertEqual: Any
    assertRaises: Any

    def fill(self) -> None:
        """Two accounts."""
        for name in ("Ann", "bob"):
            outcome(self.store.addAccount(Account(name, f"{name}'s", NOW), 9))

    def add(self, name: str, fingerprint: str, now: float = NOW) -> bool:
        added: bool = outcome(self.store.addCertificate(name, fingerprint, now, MOST))
        return added

    def listed(self, name: str) -> list[str]:
        found: list[str] = outcome(self.store.certificates(name))
        return found

    def owner(self, fingerprint: str) -> Any:
        return outcome(self.store.certificateOwner(fingerprint))

    def test_owner(self) -> None:
        self.fill()
        self.assertEqual(self.owner("f1"), None)
        self.assertEqual(self.add("ANN", "f1"), True)
        self.assertEqual(self.owner("f1"), Account("Ann", "Ann's", NOW))

    def test_oldestFirst(self) -> None:
        self.fill()
        for number, fingerprint in enumerate("cab"):
            self.add("ann", fingerprint, NOW + number)
        self.assertEqual(self.listed("Ann"), ["c", "a", "b"])
        self.assertEqual(self.listed("bob"), [])

    def test_oneAccountEach(self) -> None:
        """What is another's stays there; adding one's own again is nothing."""
        self.fill()
        self.assertEqual(self.add("ann", "f1"), True)
        self.assertEqual(self.add("bob", "f1"), False)
        self.assertEqual(self.add("ann", "f1"), True)
        self.assertEqual(self.listed("ann"), ["f1"])
        self.assertEqual(self.owner("f1").name, "Ann")

    def test_most(self) -> None:
        self.fill()
        for number in range(MOST):
            self.add("ann", f"f{number}")
        self.assertRaises(CertificatesFullError, self.add, "ann", "more")
        self.assertEqual(self.add("ann", "f0"), True)
        self.assertEqual(self.add("bob", "more"), True)
        outcome(self.store.dropCertificate("ann", "f0"))
        self.assertEqual(self.add("ann", "again"), True)

    def test_noAccount(self) -> None:
        self.assertEqual(self.add("eve", "f1"), False)
        self.assertEqual(self.owner("f1"), None)
        self.assertEqual(self.listed("eve"), [])

    def test_drop(self) -> None:
        self.fill()
        self.add("ann", "f1")
        drop = self.store.dropCertificate
        self.assertEqual(outcome(drop("bob", "f1")), False)
        self.assertEqual(outcome(drop("ANN", "f1")), True)
        self.assertEqual(outcome(drop("ann", "f1")), False)
        self.assertEqual((self.owner("f1"), self.listed("ann")), (None, []))
        self.assertEqual(self.add("bob", "f1"), True)

    def test_goneWithTheAccount(self) -> None:
        """Who has the name next does not get them, and they are free again."""
        self.fill()
        self.add("ann", "f1")
        outcome(self.store.changeAccount("ann", "another password's"))
        self.assertEqual(self.listed("ann"), ["f1"])
        outcome(self.store.changeAccount("ann", None))
        self.fill()
        self.assertEqual((self.owner("f1"), self.listed("ann")), (None, []))
        self.assertEqual(self.add("bob", "f1"), True)


class MemoryStoreTests(Keeping, SynchronousTestCase):
    def setUp(self) -> None:
        self.store = MemoryStore()


class ChatStoreTests(Keeping, SynchronousTestCase):
    def setUp(self) -> None:
        self.path = pathFor(self)
        self.store = openStore(self, ThreadClock(), self.path)

    def test_afterARestart(self) -> None:
        self.fill()
        self.add("ann", "f1")
        outcome(self.store.close())
        self.store = openStore(self, ThreadClock(), self.path)
        self.assertEqual(self.owner("f1").name, "Ann")

    def test_fault(self) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("DROP TABLE certificate")
        for asked in (
            self.store.addCertificate("ann", "f1", NOW, MOST),
            self.store.certificates("ann"),
            self.store.certificateOwner("f1"),
            self.store.dropCertificate("ann", "f1"),
        ):
            self.assertRaises(StoreError, outcome, asked)


class MigrationTests(SynchronousTestCase):
    def test_olderFile(self) -> None:
        """A file of version 1 gets the table, and keeps what it had."""
        path = pathFor(self)
        makePrivate(path)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"{STEPS[0]} PRAGMA user_version=1;")
            connection.execute("INSERT INTO account VALUES ('ann', 'Ann', 's', 0)")
            connection.commit()
        store = openStore(self, ThreadClock(), path)
        self.assertEqual(outcome(store.account("ann")).name, "Ann")
        self.assertTrue(outcome(store.addCertificate("ann", "f1", NOW, 1)))
        outcome(store.close())
        with closing(sqlite3.connect(path)) as connection:
            ((version,),) = connection.execute("PRAGMA user_version")
        self.assertEqual((version, VERSION), (len(STEPS), len(STEPS)))
