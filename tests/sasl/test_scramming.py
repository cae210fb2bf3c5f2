"""SCRAM-SHA-256 (RFC 5802, RFC 7677), with a client written from the RFC."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import Decoys, IScramCredentials, ScramRecord, portalFor, secretFor
from protocols.sasl.outcomes import SASLError
from protocols.sasl.scramming import ScramExchange
from tests.sasl.logins import (
    authenticator,
    login,
    outcome,
    passwordFile,
    proofOf,
    scramLogin,
)

# RFC 7677, section 3.
SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
BOTH = b"rOprNGfwEbeRWgbNEkqO" + NONCE.encode()
EXAMPLE = (
    b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    b"r=%b,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096" % BOTH,
    b"c=biws,r=%b,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=" % BOTH,
    b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
FIRST = b"n,,n=user,r=abc"


class ScramCase(SynchronousTestCase):
    def setUp(self) -> None:
        secret = secretFor("pencil", salt=SALT)
        self.file = passwordFile(self, f"user:{secret}", "a,b=c:secret")
        self.server = authenticator(self.file)

    def asked(self, first: bytes = FIRST) -> tuple[Any, bytes]:
        """An exchange that has begun, and what the client is asked."""
        exchange = self.server.begin("SCRAM-SHA-256")
        return exchange, outcome(exchange.step(first)).data


class ExchangeTests(ScramCase):
    def test_exampleOfTheRFC(self) -> None:
        exchange = ScramExchange(portalFor(self.file), Decoys(), NONCE)
        said = login(exchange, EXAMPLE[0], EXAMPLE[2], b"")
        self.assertEqual(said, [EXAMPLE[1], EXAMPLE[3], "user"])

    def test_headers(self) -> None:
        """RFC 5802, section 7: channel binding and who to act as."""
        for header in (b"n,,", b"y,,", b"n,a=user,", b"y,a=user,"):
            name = scramLogin(self.server, b"user", b"pencil", header)
            self.assertEqual(name, "user")

    def test_escapes(self) -> None:
        """RFC 5802, section 5.1, of a plain password."""
        self.assertEqual(scramLogin(self.server, b"a=2Cb=3Dc", b"secret"), "a,b=c")

    def test_noInitialResponse(self) -> None:
        exchange = self.server.begin("SCRAM-SHA-256")
        self.assertEqual(login(exchange, None)[0], b"")
        self.assertIn(b",i=4096", login(exchange, FIRST)[0])

    def test_wrong(self) -> None:
        for name, password in (
            *((b"user", b"pencils"), (b"nobody", b"pencil"), (b"user", b"")),
            *((b"a=2Cb=3Dc", b"pencil"), (b"\x07", b"pencil")),
        ):
            with self.assertRaises(UnauthorizedLogin, msg=name):
                scramLogin(self.server, name, password)

    def test_asSomebodyElse(self) -> None:
        for header in (b"n,a=root,", b"n,a=\x07,"):
            with self.assertRaises(UnauthorizedLogin):
                scramLogin(self.server, b"user", b"pencil", header)

    def test_whoIsThereIsNotTold(self) -> None:
        """RFC 5802, section 9: an unknown name has a salt, always the same."""

        def saltOf(name: bytes) -> bytes:
            return self.asked(b"n,,n=%b,r=abc" % name)[1].split(b",", 1)[1]

        self.assertEqual(saltOf(b"bob"), saltOf(b"bob"))
        self.assertNotEqual(saltOf(b"bob"), saltOf(b"eve"))
        self.assertEqual(len(saltOf(b"bob")), len(saltOf(b"user")))

    def test_eachNonceIsNew(self) -> None:
        nonces = {self.asked()[1].split(b",")[0] for _ in range(9)}
        self.assertEqual(len(nonces), 9)
        for nonce in nonces:
            self.assertRegex(nonce, rb"\Ar=abc[A-Za-z0-9_-]{24}\Z")

    def test_anotherExchange(self) -> None:
        """A proof is of this nonce and this header, or of none."""
        for old, new in (
            (b"c=biws", b"c=eSws"),
            (b"r=abc", b"r=abd"),
            (b",p=", b",x=y,p="),
        ):
            exchange, asked = self.asked()
            last = proofOf(FIRST, asked, b"pencil")[0].replace(old, new)
            self.assertRaises(UnauthorizedLogin, login, exchange, last)
        exchange, asked = self.asked()
        last = proofOf(FIRST, self.asked()[1], b"pencil")[0]
        self.assertRaises(UnauthorizedLogin, login, exchange, last)

    def test_headerThatIsNotRepeated(self) -> None:
        """Though the proof is of what was sent (section 5.1, attribute c)."""
        exchange, asked = self.asked()
        last = proofOf(b"y,,n=user,r=abc", asked, b"pencil")[0]
        self.assertRaises(UnauthorizedLogin, login, exchange, last)

    def test_lastResponse(self) -> None:
        exchange, asked = self.asked()
        login(exchange, proofOf(FIRST, asked, b"pencil")[0])
        self.assertRaises(SASLError, exchange.step, b"more")
        self.assertRaises(SASLError, exchange.step, b"")


class Checker:
    """Does with the credentials what the test wants."""

    credentialInterfaces = (IScramCredentials,)

    def __init__(self, answer: Any) -> None:
        self.requestAvatarId = answer


class CheckerTests(SynchronousTestCase):
    """Whatever a checker does, without a proof nobody comes in."""

    record = ScramRecord.derive("pencil", SALT)

    def attempt(self, answer: Any, password: bytes = b"pencil") -> str:
        return scramLogin(authenticator(Checker(answer)), b"user", password)

    def test_docstring(self) -> None:
        def answer(credentials: Any) -> Any:
            checked = credentials.checkRecord(self.record)
            return checked.addCallback(lambda right: right and b"User")

        self.assertEqual(self.attempt(answer), "User")

    def test_ignoresTheProof(self) -> None:
        def answer(credentials: Any) -> Any:
            return credentials.checkRecord(self.record).addCallback(lambda _: b"user")

        self.assertEqual(self.attempt(answer), "user")
        self.assertRaises(UnauthorizedLogin, self.attempt, answer, b"wrong")

    def test_asksForNoProof(self) -> None:
        for answer in (
            lambda _: succeed(b"user"),
            lambda _: fail(UnauthorizedLogin()),
            lambda credentials: credentials.checkRecord(None),
        ):
            self.assertRaises(UnauthorizedLogin, self.attempt, answer)

    def test_asksTwice(self) -> None:
        def answer(credentials: Any) -> Any:
            credentials.checkRecord(None)
            return credentials.checkRecord(self.record).addCallback(self.assertFalse)

        self.assertRaises(UnauthorizedLogin, self.attempt, answer)

    def test_fault(self) -> None:
        """It is the caller's to tell from a wrong password."""
        self.assertRaises(OSError, self.attempt, lambda _: fail(OSError("disk")))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_slow(self) -> None:
        """The record comes from far away."""
        found: Deferred[Any] = Deferred()

        def answer(credentials: Any) -> Any:
            found.addCallback(credentials.checkRecord)
            return found.addCallback(lambda right: right and b"user")

        exchange = authenticator(Checker(answer)).begin("SCRAM-SHA-256")
        step: Any = exchange.step(FIRST)
        self.assertNoResult(step)
        found.callback(self.record)
        last, verifier = proofOf(FIRST, outcome(step).data, b"pencil")
        self.assertEqual(login(exchange, last, b""), [verifier, "user"])

    def test_late(self) -> None:
        found: Deferred[Any] = Deferred()

        def answer(credentials: Any) -> Any:
            found.addCallback(credentials.checkRecord)
            return found.addCallback(lambda right: right and b"user")

        exchange = authenticator(Checker(answer)).begin("SCRAM-SHA-256")
        step: Any = exchange.step(FIRST)
        self.assertNoResult(step)
        self.assertRaises(SASLError, exchange.step, b"too early")
        found.callback(self.record)
        self.failureResultOf(step, UnauthorizedLogin)
