"""L{protocols.sasl.Authenticator} and what holds for every exchange."""

from __future__ import annotations

import gc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.cred.checkers import (
    ANONYMOUS,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import LoginFailed, UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import (
    AnyChecker,
    Authenticator,
    ILogin,
    LoginRealm,
    SASLError,
    Success,
    UnknownMechanismError,
    portalFor,
    secretFor,
)
from protocols.sasl.credentials import (
    CramCredentials,
    PasswordCredentials,
    ScramCredentials,
)
from tests.sasl.logins import authenticator, login, outcome, passwordFile, proofOf

ALL = ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")
FIRST = b"n,,n=ann,r=abc"


class OfferTests(SynchronousTestCase):
    def test_whatCheckersSupport(self) -> None:
        """Strongest first, and none that can only fail."""
        hashed = passwordFile(self, "ann:" + secretFor("secret"))
        memory = InMemoryUsernamePasswordDatabaseDontUse(ann=b"secret")
        for checkers, offered in (
            ([passwordFile(self, "ann:secret")], ALL),
            ([hashed], ("SCRAM-SHA-256", "PLAIN", "LOGIN")),
            ([AnyChecker()], ALL[1:]),
            ([memory], ALL[1:]),
            ([hashed, memory], ALL),
            ([], ()),
        ):
            self.assertEqual(authenticator(*checkers).mechanisms, offered)

    def test_narrowed(self) -> None:
        portal = portalFor(AnyChecker())
        server = Authenticator(portal, mechanisms=("Login", "plain", "SCRAM-SHA-256"))
        self.assertEqual(server.mechanisms, ("PLAIN", "LOGIN"))
        for name in ("CRAM-MD5", "SCRAM-SHA-256", "", "X"):
            self.assertRaises(UnknownMechanismError, server.begin, name)
        with self.assertRaises(UnknownMechanismError):
            Authenticator(portal, mechanisms=("PLAIN", "X"))

    def test_lettersAreAlike(self) -> None:
        server = authenticator(passwordFile(self, "ann:secret"))
        for name in ALL:
            self.assertEqual(server.begin(name.lower()).name, name)

    def test_checkerOfTwisted(self) -> None:
        memory = InMemoryUsernamePasswordDatabaseDontUse(ann=b"secret")
        server = authenticator(memory)
        self.assertEqual(login(server.begin("PLAIN"), b"\0ann\0secret"), ["ann"])
        with self.assertRaises(UnauthorizedLogin):
            login(server.begin("PLAIN"), b"\0ann\0Secret")

    def test_everybody(self) -> None:
        server = authenticator(AnyChecker())
        self.assertEqual(login(server.begin("PLAIN"), b"\0x\0whatever"), ["x"])
        said = login(server.begin("CRAM-MD5"), None, b"y " + b"0" * 32)
        self.assertEqual(said[1], "y")


class RealmTests(SynchronousTestCase):
    def test_avatar(self) -> None:
        server = authenticator(AnyChecker())
        found = outcome(server.begin("PLAIN").step(b"\0x\0whatever"))
        self.assertTrue(ILogin.providedBy(found.avatar))
        self.assertEqual(found, Success("x", found.avatar))
        found.logout()

    def test_onlyLogins(self) -> None:
        ask = LoginRealm().requestAvatar
        self.assertRaises(NotImplementedError, ask, b"x", None)
        self.assertRaises(UnauthorizedLogin, ask, ANONYMOUS, None, ILogin)


class Realm(LoginRealm):
    """Counts who has left."""

    left = 0

    def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
        found = super().requestAvatar(avatarId, mind, *interfaces)
        return (*found[:2], self._leave)

    def _leave(self) -> None:
        self.left += 1


class SlowChecker:
    credentialInterfaces = (IUsernamePassword,)

    def __init__(self) -> None:
        self.answer: Deferred[bytes] = Deferred()

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes]:
        return self.answer


class CancelTests(SynchronousTestCase):
    def test_nothingGoesOn(self) -> None:
        server = authenticator(passwordFile(self, "ann:secret"))
        for name, first in zip(ALL, (FIRST, None, None, b"ann"), strict=True):
            exchange = server.begin(name)
            outcome(exchange.step(first))
            exchange.cancel()
            exchange.cancel()
            self.assertRaises(SASLError, exchange.step, b"x")

    def test_whileTheCheckerThinks(self) -> None:
        """Who comes in too late leaves at once."""
        realm, checker = Realm(), SlowChecker()
        exchange = Authenticator(Portal(realm, [checker])).begin("PLAIN")  # type: ignore[list-item]
        step: Any = exchange.step(b"\0ann\0secret")
        self.assertRaises(SASLError, exchange.step, b"\0ann\0secret")
        exchange.cancel()
        checker.answer.callback(b"ann")
        self.failureResultOf(step, UnauthorizedLogin)
        self.assertEqual(realm.left, 1)

    def test_beforeTheLastResponse(self) -> None:
        """SCRAM: it is in already, and has not said the last word."""
        realm = Realm()
        portal = Portal(realm, [passwordFile(self, "ann:secret")])
        exchange = Authenticator(portal).begin("SCRAM-SHA-256")
        asked = outcome(exchange.step(FIRST)).data
        outcome(exchange.step(proofOf(FIRST, asked, b"secret")[0]))
        exchange.cancel()
        self.assertEqual(realm.left, 1)

    def test_secretsAreForgotten(self) -> None:
        server = authenticator(passwordFile(self, "ann:secret"))
        exchange = server.begin("LOGIN")
        login(exchange, b"ann", b"secret")
        self.assertNotIn("ann", repr(vars(exchange)))
        exchange = server.begin("SCRAM-SHA-256")
        asked = outcome(exchange.step(FIRST)).data
        login(exchange, proofOf(FIRST, asked, b"secret")[0], b"")
        for shown in ("ann", "Record", "v=", "Success"):
            self.assertNotIn(shown, repr(vars(exchange)))

    def test_abandoned(self) -> None:
        """An exchange that nobody ends logs nothing."""
        server = authenticator(passwordFile(self, "ann:secret"))
        outcome(server.begin("SCRAM-SHA-256").step(FIRST))
        gc.collect()
        self.assertEqual(self.flushLoggedErrors(), [])


class ShownTests(SynchronousTestCase):
    def test_reprs(self) -> None:
        server = authenticator(passwordFile(self, "ann:secret"))
        for name in ALL:
            exchange = server.begin(name)
            outcome(exchange.step(None))
            self.assertRegex(repr(exchange), r"\A<[A-Za-z]+Exchange>\Z")
        for credentials in (
            PasswordCredentials(b"ann", b"secret"),
            CramCredentials(b"ann", b"secret", b"secret"),
            ScramCredentials(b"ann"),
        ):
            self.assertRegex(repr(credentials), r"\A<[A-Za-z]+ of b'ann'>\Z")


RESPONSES = (
    *(FIRST, b"\0ann\0secret", b"ann", b"secret", b"", b"ann " + b"0" * 32),
    b"c=biws,r=abc,p=" + b"A" * 43 + b"=",
)


class FuzzTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.server = authenticator(passwordFile(self, "ann:secret"))

    @given(
        st.sampled_from(ALL),
        st.lists(
            st.none() | st.binary(max_size=40) | st.sampled_from(RESPONSES),
            max_size=5,
        ),
    )
    def test_twoErrors(self, name: str, responses: list[bytes | None]) -> None:
        exchange = self.server.begin(name)
        try:
            said = login(exchange, *responses)
        except (SASLError, LoginFailed) as error:
            self.assertNotIn("secret", repr(error))
        else:
            self.assertEqual(len(said), len(responses))
