"""L{protocols.chat.certificates}: TLS client certificates of accounts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase

from protocols.backoff import FAILURES_AT_ONCE
from protocols.chat.accounts import Accounts
from protocols.chat.certificates import (
    MAX_CERTIFICATES,
    Certificates,
    fingerprintOf,
    readFingerprint,
    tend,
)
from protocols.chat.people import Person, RefusedError
from protocols.chat.storeinterface import StoreError
from protocols.chat.storememory import MemoryStore
from protocols.sasl.records import MIN_ITERATIONS
from tests.chat.certificates import certificateOf, fingerprint, shows
from tests.chat.people import Somebody, chat, keptHouse
from tests.chat.stores import ThreadClock, outcome
from tests.sasl.logins import login
from tests.sasl.test_external import Certificates as Checker

HOST = "192.0.2.1"
ANN, BOB = fingerprint("ann"), fingerprint("bob")


class FingerprintTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.ann = Somebody(chat(), "ann")

    def test_shown(self) -> None:
        """SHA-256 of the DER, in small letters."""
        self.assertRegex(ANN, r"\A[0-9a-f]{64}\Z")
        self.assertEqual(fingerprintOf(shows(self.ann, "ann").protocol), ANN)

    def test_none(self) -> None:
        self.assertEqual(fingerprintOf(Person()), "")
        self.assertEqual(fingerprintOf(self.ann.protocol), "")
        self.assertEqual(fingerprintOf(shows(self.ann).protocol), "")

    def test_connectionIsLost(self) -> None:
        """Twisted has no TLS to ask any more then."""
        shows(self.ann, "ann")
        self.ann.transport.getPeerCertificate = lambda: None.digest  # type: ignore[attr-defined]
        self.assertEqual(fingerprintOf(self.ann.protocol), "")

    def test_gateway(self) -> None:
        """A gateway's certificate is not theirs who come by it."""
        shows(self.ann, "gateway").protocol.isRelayed = True
        self.assertEqual(fingerprintOf(self.ann.protocol), "")

    def test_typed(self) -> None:
        """As openssl and clients print it."""
        printed = certificateOf("ann").digest("sha256").decode()
        self.assertEqual(printed.count(":"), 31)
        for text in (printed, ANN, ANN.upper(), printed.lower()):
            self.assertEqual(readFingerprint(text), ANN)
        for text in (
            "",
            "ann",
            ANN[1:],
            ANN + "0",
            "g" * 64,
            f"{ANN}\n",
            "\u0663" * 64,
        ):
            self.assertRaises(RefusedError, readFingerprint, text)

    @given(st.text(max_size=80))
    def test_anyText(self, text: str) -> None:
        try:
            found = readFingerprint(text)
        except RefusedError as error:
            self.assertEqual(error.why, "fingerprint")
        else:
            self.assertRegex(found, r"\A[0-9a-f]{64}\Z")


class AccountsTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ThreadClock()
        self.store = MemoryStore()
        self.accounts = self.open()
        for name in ("Ann", "bob"):
            outcome(self.accounts.register(name, "pencil"))
        self.certificates = self.accounts.certificates

    def open(self, **options: Any) -> Accounts:
        return Accounts(self.store, self.clock, iterations=MIN_ITERATIONS, **options)

    def outcome(self, coroutine: Any) -> Any:
        return outcome(Deferred.fromCoroutine(coroutine))

    def why(self, asked: Any) -> str:
        """Why something is refused."""
        done = asked if isinstance(asked, Deferred) else Deferred.fromCoroutine(asked)
        return str(self.assertRaises(RefusedError, outcome, done).why)


class KeptTests(AccountsTestCase):
    def test_addAndDrop(self) -> None:
        certificates = self.certificates
        self.outcome(certificates.add("ann", ANN))
        self.assertEqual(self.outcome(certificates.of("ANN")), [ANN])
        self.assertEqual(self.why(certificates.add("bob", ANN)), "owned")
        self.assertEqual(self.why(certificates.drop("bob", ANN)), "none")
        self.outcome(certificates.drop("ann", ANN))
        self.assertEqual(self.outcome(certificates.of("ann")), [])

    def test_most(self) -> None:
        for number in range(MAX_CERTIFICATES):
            self.outcome(self.certificates.add("ann", f"{number:064}"))
        self.assertEqual(self.why(self.certificates.add("ann", ANN)), "many")
        few = Certificates(self.store, self.clock.seconds, most=1)
        self.outcome(few.add("bob", ANN))
        self.assertEqual(self.why(few.add("bob", BOB)), "many")

    def test_login(self) -> None:
        self.outcome(self.certificates.add("ann", ANN))
        self.assertEqual(outcome(self.accounts.loginWith(ANN)), "Ann")
        self.assertEqual(outcome(self.accounts.loginWith(ANN, HOST, "ann")), "Ann")
        self.assertEqual(self.why(self.accounts.loginWith(BOB)), "login")
        self.assertEqual(self.why(self.accounts.loginWith(ANN, HOST, "bob")), "login")

    def test_backoff(self) -> None:
        """The same as for passwords, and together with them."""
        self.outcome(self.certificates.add("ann", ANN))
        for name in ("", "bob") * (FAILURES_AT_ONCE // 2):
            shown = ANN if name else BOB
            refused = self.accounts.loginWith(shown, HOST, name)
            self.assertEqual(self.why(refused), "login")
        self.assertEqual(self.why(self.accounts.loginWith(ANN, HOST)), "tries")
        self.assertEqual(self.why(self.accounts.login("ann", "pencil", HOST)), "tries")

    def test_external(self) -> None:
        """RFC 4422, appendix A, against the store."""
        self.outcome(self.certificates.add("ann", ANN))
        server = self.accounts.authenticator
        self.assertEqual(server.mechanismsFor(ANN)[0], "EXTERNAL")
        self.assertNotIn("EXTERNAL", server.mechanisms)
        for said in (b"", b"ann", b"ANN"):
            self.assertEqual(login(server.begin("EXTERNAL", ANN), said), ["Ann"])


class ElsewhereTests(AccountsTestCase):
    def test_passwordsOnly(self) -> None:
        """Who is gone there must not come in by what is kept here."""
        self.outcome(self.certificates.add("ann", ANN))
        checker = InMemoryUsernamePasswordDatabaseDontUse(ann=b"pencil")
        accounts = self.open(checkers=[checker])
        self.assertNotIn("EXTERNAL", accounts.authenticator.mechanismsFor(ANN))
        self.assertEqual(self.why(accounts.loginWith(ANN)), "login")
        kept = accounts.certificates
        for refused in (kept.add("ann", BOB), kept.of("ann"), kept.drop("ann", ANN)):
            self.assertEqual(self.why(refused), "elsewhere")

    def test_checkerOfCertificates(self) -> None:
        accounts = self.open(checkers=[Checker()])
        self.assertEqual(accounts.authenticator.mechanismsFor(ANN), ("EXTERNAL",))
        self.assertEqual(outcome(accounts.loginWith("a" * 64)), "Ann\u00e9")


class LineDoorTests(SynchronousTestCase):
    """C{/certificate}, C{/login}, and the name at the door."""

    def setUp(self) -> None:
        self.house = keptHouse()
        self.factory = chat(house=self.house, rate=(1e6, 1e6))
        self.ann = shows(Somebody(self.factory, "ann"), "ann")
        self.ann.types("/register sesame")

    def come(self, name: str = "ann") -> Any:
        """Somebody who has not said who they are, with the certificate."""
        self.ann.types("/quit")
        came = shows(Somebody(self.factory, ""), name)
        came.hears()
        return came

    def test_add(self) -> None:
        self.assertEqual(
            self.ann.types("/certificate"),
            [
                "* ann has 0 of 10 certificates.",
                f"* You came with {ANN}, which is not ann's.",
            ],
        )
        said = self.ann.types("/certificate add")
        self.assertEqual(said, [f"* {ANN} logs in to ann from now on."])
        self.ann.types(f"/certificate ADD {BOB.upper()}")
        self.assertEqual(
            self.ann.types("/certificate list"),
            [
                "* ann has 2 of 10 certificates.",
                f"* {ANN} (this connection)",
                f"* {BOB}",
            ],
        )
        said = self.ann.types(f"/certificate drop {BOB}")
        self.assertEqual(said, [f"* {BOB} is no longer ann's."])
        said = self.ann.types(f"/certificate drop {BOB}")
        self.assertEqual(said, ["* Ann has no such certificate."])

    def test_mistakes(self) -> None:
        bob = shows(Somebody(self.factory, "bob"))
        for line, said in {
            "/certificate add": "Log in first, to the account that it is for.",
            "/certificate sell": "Add, list or drop a certificate?",
        }.items():
            self.assertEqual(bob.types(line), [f"* {said}"])
        bob.types("/register sesame")
        for line, said in {
            "/certificate add": "You came without a certificate.",
            "/certificate drop": "A fingerprint is a SHA-256, 64 hexadecimal digits.",
            "/certificate add 12": "A fingerprint is a SHA-256, 64 hexadecimal digits.",
        }.items():
            self.assertEqual(bob.types(line), [f"* {said}"])

    def test_atTheDoor(self) -> None:
        """The name is enough for who has shown its certificate."""
        self.ann.types("/certificate add")
        ann = self.come()
        self.assertIn("* Hello, ann.", ann.types("ann")[0])
        self.assertEqual(ann.protocol.account, "ann")

    def test_anothersAtTheDoor(self) -> None:
        self.ann.types("/certificate add")
        bob = self.come("bob")
        self.assertEqual(bob.types("ann"), ["* Your certificate is not ann's here."])
        self.assertEqual(bob.protocol.name, "")
        self.assertIn("* Hello, ann.", bob.types("ann sesame")[0])

    def test_noneAtTheDoor(self) -> None:
        (said,) = self.come("").types("ann")
        self.assertIn("belongs to an account: ann PASSWORD, or another name?", said)

    def test_login(self) -> None:
        self.ann.types("/certificate add")
        ann = self.come()
        ann.types("eve")
        self.assertEqual(ann.types("/login"), ["* You are logged in as ann."])
        self.assertEqual(ann.types("/nick ann"), ["* You are ann now."])
        bob = shows(Somebody(self.factory, "bob"), "bob")
        said = ["* Your certificate is not anybody's here."]
        self.assertEqual(bob.types("/login"), said)

    def test_fault(self) -> None:
        """A fault of the store is not told in detail."""
        self.patch(
            self.house.records.store,
            "addCertificate",
            lambda *rest: fail(StoreError("disk")),
        )
        said = self.ann.types("/certificate add")
        self.assertEqual(said, ["* That can't be kept just now; try again later."])

    def test_noAccounts(self) -> None:
        said = Somebody(chat(), "ann").types("/certificate")
        self.assertEqual(said, ["* There are no accounts here."])

    def test_goneMeanwhile(self) -> None:
        clock = self.house.clock
        kept: Any = Deferred()
        self.patch(self.house.records.store, "addCertificate", lambda *rest: kept)
        self.ann.types("/certificate add")
        self.ann.reset()
        clock.advance(0)
        self.assertEqual(self.ann.hears(), [])


class TendTests(AccountsTestCase):
    def test_listOfWhoCameWithout(self) -> None:
        person = Person()
        person.account = "Ann"
        said = self.outcome(tend(person, self.certificates, ""))
        self.assertEqual(said, ["Ann has 0 of 10 certificates."])
