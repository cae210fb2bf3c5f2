"""L{protocols.chat.backplane.store}: what a store shares, and brings along."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane import store as module
from protocols.chat.backplane.interface import BackplaneError, LedgerFullError
from protocols.chat.backplane.local import LocalBackplane, LocalBus
from protocols.chat.backplane.store import SharedStore
from protocols.chat.storeinterface import (
    Account,
    AccountsFullError,
    CertificatesFullError,
    StoreError,
)
from protocols.chat.storememory import MemoryStore
from tests.chat.backplane.nodes import settle

ANN = Account("Ann", "secret", 3.0)


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.bus = LocalBus(Clock())
        self.told: list[Any] = []
        self.one, self.two = self.store(), self.store()

    def store(self, inner: Any = None) -> SharedStore:
        ledger = LocalBackplane(self.bus, "n").ledger
        made = SharedStore(inner or MemoryStore(), ledger)
        made.tell = lambda *items: self.told.append(items)
        return made

    def result(self, deferred: Deferred[Any]) -> Any:
        for _ in range(9):
            settle(self.bus.clock)
        return self.successResultOf(deferred)

    def refused(self, deferred: Deferred[Any], *kinds: Any) -> str:
        for _ in range(9):
            settle(self.bus.clock)
        return str(self.failureResultOf(deferred, *kinds).value)

    def meet(self, store: SharedStore) -> None:
        self.result(Deferred.fromCoroutine(store.meet()))


class AccountTests(Case):
    def test_accounts(self) -> None:
        self.assertTrue(self.result(self.one.addAccount(ANN, 9)))
        self.assertFalse(self.result(self.two.addAccount(Account("ANN", "x"), 9)))
        self.assertEqual(self.result(self.two.account("ann")), ANN)
        self.assertIsNone(self.result(self.two.account("bob")))
        self.assertTrue(self.result(self.two.changeAccount("ann", "new")))
        self.assertEqual(self.result(self.one.account("ann")).secret, "new")
        self.assertTrue(self.result(self.two.changeAccount("ann", None)))
        self.assertFalse(self.result(self.two.changeAccount("ann", None)))
        told = [("account", "ann", True), ("account", "ann", False)]
        self.assertEqual(self.told, told)

    def test_full(self) -> None:
        self.result(self.one.addAccount(ANN, 1))
        self.refused(self.two.addAccount(Account("bob", "x"), 1), AccountsFullError)

    def test_certificatesGoFirst(self) -> None:
        """Of an account that is gone no certificate is left, wherever we end."""
        print_ = "f" * 64
        self.result(self.one.addAccount(ANN, 9))
        self.assertTrue(self.result(self.one.addCertificate("ann", print_, 1.0, 9)))
        real: Any = self.one._certificates

        def broken(name: str) -> Any:
            raise BackplaneError("the server is gone")

        self.patch(real, "dropAll", broken)
        self.refused(self.one.changeAccount("ann", None), StoreError)
        self.assertFalse(self.result(self.two.addAccount(Account("Ann", "new"), 9)))
        self.assertEqual(self.result(self.two.certificateOwner(print_)), ANN)

    def test_keysAreAlive(self) -> None:
        """The set that somebody has asked for is the one that changes."""
        keys = self.two.accountKeys()
        self.result(self.one.addAccount(ANN, 9))
        self.meet(self.two)
        self.assertEqual(keys, {"ann"})
        self.two.accountChanged("bob", True)
        self.two.accountChanged("ann", False)
        self.assertEqual(keys, {"bob"})

    def test_changedAtTheSameTime(self) -> None:
        """Both changes are tried until one is behind the other."""
        self.result(self.one.addAccount(ANN, 9))
        done = [self.one.changeAccount("ann", "1"), self.two.changeAccount("ann", "2")]
        self.assertEqual([self.result(each) for each in done], [True, True])

    def test_changedAllTheTime(self) -> None:
        self.result(self.one.addAccount(ANN, 9))
        self.patch(module, "_TRIES", 0)
        self.refused(self.one.changeAccount("ann", "x"), StoreError)

    def test_away(self) -> None:
        self.bus.stop()
        for done in (
            *(self.one.account("ann"), self.one.addAccount(ANN, 9)),
            *(self.one.changeAccount("ann", None), self.one.readMarkers("ann")),
            *(self.one.certificates("ann"), self.one.certificateOwner("f")),
            *(self.one.readMarker("ann", "#a"), self.one.dropCertificate("a", "f")),
            self.one.addCertificate("ann", "f", 1.0, 1),
        ):
            self.assertIn("stopped", self.refused(done, StoreError))

    def test_unreadable(self) -> None:
        for value in (b"x", b"[]", b"{}"):
            self.bus.books["accounts"] = {"ann": value}
            self.refused(self.one.account("ann"), StoreError)

    def test_theRestIsItsOwn(self) -> None:
        self.assertEqual(self.one.highestId(), 0)
        self.assertRaises(AttributeError, lambda: self.one.nothing)


class CertificateTests(Case):
    def setUp(self) -> None:
        super().setUp()
        for name in ("ann", "bob"):
            self.result(self.one.addAccount(Account(name, "x"), 9))

    def add(self, name: str, fingerprint: str, now: float = 1.0) -> Any:
        return self.result(self.two.addCertificate(name, fingerprint, now, 2))

    def test_certificates(self) -> None:
        self.assertTrue(self.add("Ann", "f2", 1.0))
        self.assertTrue(self.add("ann", "f1", 2.0))
        self.assertTrue(self.add("ann", "f1"))
        self.assertFalse(self.add("bob", "f1"))
        self.assertFalse(self.add("cid", "f3"))
        self.refused(self.one.addCertificate("ann", "f3", 1, 2), CertificatesFullError)
        self.assertEqual(self.result(self.one.certificates("ANN")), ["f2", "f1"])
        self.assertEqual(self.result(self.one.certificateOwner("f1")).name, "ann")
        self.assertIsNone(self.result(self.one.certificateOwner("f3")))

    def test_dropped(self) -> None:
        self.add("ann", "f1")
        self.assertFalse(self.result(self.one.dropCertificate("bob", "f1")))
        self.assertTrue(self.result(self.one.dropCertificate("ann", "f1")))
        self.add("ann", "f2")
        self.result(
            self.one.setReadMarker("ann", "#a", 1.0)
            or Deferred.fromCoroutine(self.one._setMark("ann", "#a", 1.0))
        )
        self.result(self.one.changeAccount("ann", None))
        books = {name: book for name, book in self.bus.books.items() if book}
        self.assertEqual(list(books), ["accounts"])

    def test_takenMeanwhile(self) -> None:
        """Two who add the same one at once: it is one account's, and in one list."""
        first = self.one.addCertificate("ann", "f", 1.0, 2)
        second = self.two.addCertificate("bob", "f", 1.0, 2)
        self.assertEqual([self.result(first), self.result(second)], [True, False])
        self.assertEqual(self.result(self.one.certificates("bob")), [])


class BringingTests(Case):
    def test_alone(self) -> None:
        """A node that was alone brings its accounts along, with all that is theirs."""
        own = MemoryStore()
        for name in ("ann", "bob"):
            own.addAccount(Account(name, "own", 2.0), 9)
        own.setReadMarker("ann", "#a", 7.5)
        own.addCertificate("ann", "f", 1.0, 9)
        self.result(self.one.addAccount(Account("bob", "theirs"), 9))
        three = self.store(own)
        self.assertEqual(three.accountKeys(), {"ann", "bob"})
        self.meet(three)
        self.assertEqual(self.result(self.one.account("ann")).secret, "own")
        self.assertEqual(self.result(self.one.account("bob")).secret, "theirs")
        self.assertEqual(self.result(self.one.readMarkers("ann")), {"#a": 7.5})
        self.assertEqual(self.result(self.one.certificates("ann")), ["f"])
        self.assertEqual(own.accountKeys(), {"bob"})

    def test_key(self) -> None:
        """The first one's key is that of all."""
        for store in (self.one, self.two):
            self.meet(store)
        self.assertEqual(self.one.secretKey(), self.one.inner.secretKey())
        self.assertEqual(self.two.secretKey(), self.one.secretKey())


class MarkTests(Case):
    def test_neverBack(self) -> None:
        self.one.setReadMarker("Ann", "#a", 5.0)
        settle(self.bus.clock)
        self.two.setReadMarker("ann", "#a", 4.0)
        settle(self.bus.clock)
        self.assertEqual(self.result(self.one.readMarker("ann", "#A")), 5.0)
        self.assertEqual(self.result(self.one.readMarker("ann", "#b")), 0.0)

    def test_bounded(self) -> None:
        """So many wait for the backplane, the newest."""
        self.patch(module, "MAX_WAITING", 2)
        self.bus.stop()
        for number in range(3):
            self.one.setReadMarker("ann", f"#{'abc'[number]}", 5.0)
        self.bus.isUp = True
        self.one.tellAll()
        settle(self.bus.clock)
        self.assertEqual(set(self.bus.books["marks:ann"]), {"#b", "#c"})

    def test_tooMany(self) -> None:
        """An account's marks are bounded too; what is too much is not kept."""
        self.patch(module, "MAX_MARKS", 1)
        for target in ("#a", "#b"):
            self.one.setReadMarker("ann", target, 5.0)
            settle(self.bus.clock)
        self.assertEqual(set(self.bus.books["marks:ann"]), {"#a"})
        self.assertTrue(issubclass(LedgerFullError, Exception))
