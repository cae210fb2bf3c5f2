"""EXTERNAL (RFC 4422, appendix A)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.cred.error import LoginFailed, UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import (
    MAX_RESPONSE,
    AnyChecker,
    Authenticator,
    ICertificateCredentials,
    SASLError,
    UnknownMechanismError,
    portalFor,
)
from protocols.sasl.credentials import CertificateCredentials
from tests.sasl.logins import authenticator, login, outcome
from tests.sasl.test_authenticator import Realm

ANN, BOB = "a" * 64, "b" * 64


class Certificates:
    """A checker that somebody plugs in; it does not look at names.

    @ivar asked: the credentials that it has seen.
    """

    credentialInterfaces = (ICertificateCredentials,)

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def requestAvatarId(self, credentials: Any) -> Any:
        self.asked.append(credentials)
        if credentials.fingerprint == ANN:
            return succeed("Ann\u00e9".encode())
        return fail(UnauthorizedLogin("nobody's"))


class ExternalTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.checker: Any = Certificates()
        self.server = authenticator(self.checker)

    def begin(self, fingerprint: str = ANN) -> Any:
        return self.server.begin("external", fingerprint)

    def test_offered(self) -> None:
        """Only to who has shown a certificate, and only if somebody knows it."""
        self.assertEqual(self.server.mechanisms, ())
        self.assertEqual(self.server.mechanismsFor(ANN), ("EXTERNAL",))
        self.assertRaises(UnknownMechanismError, self.server.begin, "EXTERNAL")
        both = authenticator(self.checker, AnyChecker())
        self.assertEqual(both.mechanismsFor(BOB)[0], "EXTERNAL")
        self.assertEqual(both.mechanismsFor(""), both.mechanisms)
        for other in (
            authenticator(AnyChecker()),
            Authenticator(portalFor(self.checker), mechanisms=("PLAIN",)),
        ):
            self.assertNotIn("EXTERNAL", other.mechanismsFor(ANN))
            self.assertRaises(UnknownMechanismError, other.begin, "EXTERNAL", ANN)

    def test_noName(self) -> None:
        """A.1: an empty response, at once or to an empty challenge."""
        self.assertEqual(login(self.begin(), b""), ["Ann\u00e9"])
        self.assertEqual(login(self.begin(), None, b""), [b"", "Ann\u00e9"])
        self.assertEqual(self.checker.asked[0].username, b"")

    def test_sameName(self) -> None:
        for name in ("Ann\u00e9", "ann\u00e9", "ANNe\u0301"):
            self.assertEqual(login(self.begin(), name.encode()), ["Ann\u00e9"])

    def test_anotherName(self) -> None:
        """Whatever the checker says; and who was in already is out again."""
        realm = Realm()
        server = Authenticator(Portal(realm, [self.checker]))
        step = server.begin("EXTERNAL", ANN).step(b"bob")
        self.assertRaises(UnauthorizedLogin, outcome, step)
        self.assertEqual(realm.left, 1)

    def test_nobodysCertificate(self) -> None:
        for response in (b"", "Ann\u00e9".encode()):
            exchange = self.begin(BOB)
            self.assertRaises(UnauthorizedLogin, login, exchange, response)
            self.assertRaises(SASLError, exchange.step, response)

    def test_malformed(self) -> None:
        """A.1: UTF-8 without a NUL."""
        for octets in (b"\0", b"ann\0", b"\xff", b"x" * (MAX_RESPONSE + 1)):
            self.assertRaises(SASLError, self.begin().step, octets)
        self.assertEqual(self.checker.asked, [])

    def test_givenUp(self) -> None:
        exchange = self.begin()
        exchange.cancel()
        self.assertRaises(SASLError, exchange.step, b"")

    def test_shown(self) -> None:
        self.assertEqual(repr(self.begin()), "<ExternalExchange>")
        shown = repr(CertificateCredentials(b"ann", ANN))
        self.assertEqual(shown, "<CertificateCredentials of b'ann'>")

    @given(st.binary(max_size=40) | st.sampled_from((b"", "Ann\u00e9".encode())))
    def test_anyOctets(self, response: bytes) -> None:
        try:
            (found,) = login(self.begin(), response)
        except (SASLError, LoginFailed):
            self.assertNotEqual(response, b"")
        else:
            self.assertEqual(found, "Ann\u00e9")
