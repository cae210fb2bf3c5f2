"""L{protocols.chat.accounts}: names that belong to somebody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.backoff import FAILURES_AT_ONCE, SECONDS_EACH
from protocols.chat import accounts as module
from protocols.chat.accounts import (
    DERIVING,
    MADE_AT_ONCE,
    MAX_PASSWORD,
    MAX_WAITING,
    Accounts,
)
from protocols.chat.people import RefusedError
from protocols.chat.storeinterface import Account, Store, StoreError
from protocols.chat.storememory import MemoryStore
from protocols.sasl import SASLError
from protocols.sasl.records import MIN_ITERATIONS
from tests.chat.stores import ThreadClock, openStore, outcome, pathFor
from tests.sasl.logins import login, scramLogin

HOST = "192.0.2.1"


class AccountsTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ThreadClock()
        self.store: Store = MemoryStore()
        self.accounts = self.open()

    def open(self, **options: Any) -> Accounts:
        options = {"iterations": MIN_ITERATIONS, **options}
        return Accounts(self.store, self.clock, **options)

    def why(self, done: Deferred[Any]) -> str:
        """Why something is refused."""
        return str(self.assertRaises(RefusedError, outcome, done).why)


class RegisterTests(AccountsTestCase):
    def test_registerAndLogin(self) -> None:
        self.assertEqual(outcome(self.accounts.register("Ann", "pencil")), "Ann")
        self.assertEqual(outcome(self.accounts.login("ann", "pencil")), "Ann")
        self.assertEqual(self.why(self.accounts.login("ann", "pencils")), "login")
        self.assertEqual(self.why(self.accounts.login("bob", "pencil")), "login")

    def test_names(self) -> None:
        """Nobody gets a name that looks like another's, or can't be one."""
        outcome(self.accounts.register("bob", "x"))
        for name, why in (
            *(("BOB", "taken"), ("b\u043eb", "taken"), ("b0b", "taken")),
            *(("", "name"), ("a b", "name"), ("root", "name"), ("#a", "name")),
        ):
            self.assertEqual(self.why(self.accounts.register(name, "x")), why)

    def test_owns(self) -> None:
        self.assertFalse(self.accounts.owns("bob"))
        outcome(self.accounts.register("bob", "x"))
        self.assertTrue(self.accounts.owns("B\u041eB"))
        self.assertTrue(self.open().owns("bob"))
        outcome(self.accounts.drop("Bob"))
        self.assertFalse(self.accounts.owns("bob"))
        self.assertEqual(self.why(self.accounts.login("bob", "x")), "login")

    def test_passwords(self) -> None:
        register = self.accounts.register
        for bad in ("", "x" * (MAX_PASSWORD + 1), "\u00e9" * MAX_PASSWORD, "a\0b"):
            self.assertEqual(self.why(register("ann", bad)), "password")
        self.assertEqual(self.why(register("ann", "\ud800")), "password")
        outcome(register("ann", "x" * MAX_PASSWORD))
        self.assertEqual(self.why(self.accounts.login("ann", "\ud800")), "login")
        long = "x" * (MAX_PASSWORD + 1)
        self.assertEqual(self.why(self.accounts.login("ann", long)), "login")
        self.assertEqual(outcome(self.accounts.login("ann", long[1:])), "ann")

    def test_changePassword(self) -> None:
        outcome(self.accounts.register("ann", "old"))
        outcome(self.accounts.changePassword("Ann", "new"))
        self.assertEqual(outcome(self.accounts.login("ann", "new")), "ann")
        self.assertEqual(self.why(self.accounts.login("ann", "old")), "login")
        self.assertEqual(self.why(self.accounts.changePassword("ann", "")), "password")
        self.assertEqual(self.why(self.accounts.changePassword("bob", "x")), "name")
        self.assertEqual(self.why(self.accounts.drop("bob")), "name")

    def test_twoAtOnce(self) -> None:
        """Exactly one wins."""
        self.clock.isSlow = True
        both = [self.accounts.register("ann", word) for word in ("one", "two")]
        self.clock.doWork()
        self.assertEqual(outcome(both[0]), "ann")
        self.assertEqual(self.why(both[1]), "taken")
        self.assertEqual(outcome(self.accounts.login("ann", "one")), "ann")

    def test_nothingOfThePasswordIsKept(self) -> None:
        outcome(self.accounts.register("ann", "pencil"))
        account = outcome(self.store.account("ann"))
        self.assertTrue(account.secret.startswith(f"SCRAM-SHA-256${MIN_ITERATIONS}:"))
        self.assertNotIn("pencil", account.secret)

    def test_inTheFile(self) -> None:
        path = pathFor(self)
        self.store = openStore(self, self.clock, path)
        outcome(self.open().register("Ann", "pencil"))
        outcome(self.store.close())
        self.store = openStore(self, self.clock, path)
        again = self.open()
        self.assertTrue(again.owns("ann"))
        self.assertEqual(outcome(again.login("ann", "pencil")), "Ann")


class BoundsTests(AccountsTestCase):
    def test_full(self) -> None:
        accounts = self.open(most=1)
        outcome(accounts.register("ann", "x"))
        self.assertEqual(self.why(accounts.register("bob", "x")), "full")
        self.assertFalse(accounts.owns("bob"))

    def test_wrongPasswords(self) -> None:
        """Whose network has guessed too often is not listened to, for a while."""
        outcome(self.accounts.register("ann", "x"))
        for _ in range(FAILURES_AT_ONCE):
            self.assertEqual(self.why(self.accounts.login("ann", "y", HOST)), "login")
        self.assertEqual(self.why(self.accounts.login("ann", "x", HOST)), "tries")
        self.assertEqual(outcome(self.accounts.login("ann", "x", "192.0.2.2")), "ann")
        self.clock.advance(SECONDS_EACH)
        self.assertEqual(outcome(self.accounts.login("ann", "x", HOST)), "ann")

    def test_manyAccountsOfOneNetwork(self) -> None:
        for number in range(MADE_AT_ONCE):
            outcome(self.accounts.register(f"ann{number}", "x", HOST))
        self.assertEqual(self.why(self.accounts.register("bob", "x", HOST)), "tries")
        outcome(self.accounts.register("bob", "x", "192.0.2.2"))
        self.clock.advance(module.SECONDS_EACH)
        outcome(self.accounts.register("eve", "x", HOST))

    def test_manyAtOnce(self) -> None:
        """What waits for a thread is bounded, and the others are told."""
        self.clock.isSlow = True
        most = DERIVING + MAX_WAITING
        waiting = [self.accounts.login("ann", "x", f"192.0.2.{n}") for n in range(most)]
        self.assertEqual(self.why(self.accounts.login("ann", "x")), "busy")
        self.clock.doWork()
        self.assertEqual({self.why(each) for each in waiting}, {"login"})

    def test_broken(self) -> None:
        """A fault is none of the person's: it is no wrong password."""
        path = pathFor(self)
        self.store = openStore(self, self.clock, path)
        accounts = self.open()
        outcome(self.store.addAccount(Account("ann", "nonsense"), 9))
        for _ in range(FAILURES_AT_ONCE + 1):
            self.assertRaises(ValueError, outcome, accounts.login("ann", "x", HOST))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TABLE account")
        self.assertRaises(StoreError, outcome, accounts.login("ann", "x", HOST))
        self.assertRaises(StoreError, outcome, accounts.register("bob", "x", HOST))
        self.assertFalse(accounts.owns("bob"))


class SASLTests(AccountsTestCase):
    """Logins by L{protocols.sasl.Authenticator} (RFC 4616, RFC 5802)."""

    def setUp(self) -> None:
        super().setUp()
        outcome(self.accounts.register("Ann", "pencil"))
        self.server = self.accounts.authenticator

    def test_mechanisms(self) -> None:
        offered = self.server.mechanisms
        self.assertEqual(offered, ("SCRAM-SHA-256", "PLAIN", "LOGIN"))

    def test_plain(self) -> None:
        exchange = self.server.begin("PLAIN")
        self.assertEqual(login(exchange, b"\0ann\0pencil"), ["Ann"])
        for wrong in (b"\0ann\0pen", b"\0bob\0pencil"):
            exchange = self.server.begin("PLAIN")
            self.assertRaises(UnauthorizedLogin, login, exchange, wrong)

    def test_scram(self) -> None:
        self.assertEqual(scramLogin(self.server, b"ANN", b"pencil"), "Ann")
        for name, password in ((b"ann", b"pen"), (b"bob", b"pencil")):
            self.assertRaises(
                (UnauthorizedLogin, SASLError), scramLogin, self.server, name, password
            )

    def test_unknownNamesAreNotTold(self) -> None:
        """Who has no account has a salt of their own, the same each time."""

        def salt(server: Any, name: bytes) -> list[bytes]:
            first = b"n,,n=" + name + b",r=abc"
            asked = outcome(server.begin("SCRAM-SHA-256").step(first)).data
            return [part for part in asked.split(b",") if part[:1] in b"si"]

        server = self.server
        self.assertEqual(salt(server, b"bob"), salt(server, b"bob"))
        self.assertNotEqual(salt(server, b"bob"), salt(server, b"eve"))
        again = self.open().authenticator
        self.assertEqual(salt(again, b"bob"), salt(server, b"bob"))
        self.assertEqual(salt(again, b"bob")[1], salt(again, b"ann")[1])


class ElsewhereTests(AccountsTestCase):
    def test_anotherChecker(self) -> None:
        checker = InMemoryUsernamePasswordDatabaseDontUse(ann=b"pencil")
        accounts = self.open(checkers=[checker])
        self.assertEqual(outcome(accounts.login("ann", "pencil")), "ann")
        self.assertEqual(self.why(accounts.login("ann", "pen")), "login")
        self.assertFalse(accounts.owns("ann"))
        for refused in (
            accounts.register("bob", "x"),
            accounts.changePassword("ann", "x"),
            accounts.drop("ann"),
        ):
            self.assertEqual(self.why(refused), "closed")
