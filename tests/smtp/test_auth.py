"""AUTH (RFC 4954): its lines, its limits, and what stays secret."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.backoff import FAILURES_AT_ONCE, SECONDS_EACH
from protocols.sasl import Authenticator, PasswordFile, portalFor
from protocols.smtp import IDelivery, MemoryDelivery, SMTPError, SMTPFactory
from protocols.smtp.interfaces import ILoginPolicy
from protocols.smtp.policy import MAX_AUTH_LINE
from protocols.testing import Conversation, everySplit
from tests.folders import folderFor
from tests.smtp.conversations import DATA, EHLO, ENVELOPE, answers, codes, factoryWith

PLAIN = b64encode(b"\0ann\0secret")
WRONG = b64encode(b"\0ann\0wrong")
LOGIN = b"AUTH PLAIN " + PLAIN + b"\r\n"


class AuthTests(SynchronousTestCase):
    def setUp(self) -> None:
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:secret\n")
        portal = portalFor(PasswordFile(str(path)))
        self.authenticator = Authenticator(portal, hostname="mx.example")

    def factory(self, delivery: Any = None, **limits: Any) -> SMTPFactory:
        limits = {"loginInClear": True, "lineEndings": "record", **limits}
        factory = factoryWith(delivery, **limits)
        factory.authenticator = self.authenticator
        return factory

    def said(self, *segments: bytes, **limits: Any) -> list[str]:
        return answers(EHLO, *segments, factory=self.factory(**limits))[1:]


class OfferTests(AuthTests):
    """Section 4: under TLS only, unless told otherwise."""

    def offered(self, **limits: Any) -> bytes:
        conversation = Conversation(self.factory(**limits))
        conversation.say(EHLO)
        return conversation.heard()

    def test_offered(self) -> None:
        line = b"-AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN\r\n"
        self.assertIn(line, self.offered())
        self.assertNotIn(b"AUTH", self.offered(loginInClear=False))

    def test_underTLSOnly(self) -> None:
        said = self.said(LOGIN, b"AUTH X\r\n", loginInClear=False)
        self.assertEqual(said, ["538 5.7.11"] * 2)

    def test_required(self) -> None:
        """Section 6: 530 for mail, and not for what is no mail."""
        said = self.said(
            ENVELOPE[:25], b"RSET\r\n", LOGIN, ENVELOPE[:25], requireLogin=True
        )
        self.assertEqual(said, ["530 5.7.0", "250 2.0.0", "235 2.7.0", "250 2.1.0"])


class LineTests(AuthTests):
    """Sections 4 and 6."""

    def test_right(self) -> None:
        for segments in (
            (LOGIN,),
            (b"auth plain " + PLAIN + b"\r\n",),
            (b"AUTH PLAIN\r\n", PLAIN + b"\r\n"),
            (b"AUTH LOGIN\r\n", b64encode(b"ann") + b"\r\n", b"c2VjcmV0\r\n"),
            (b"AUTH LOGIN " + b64encode(b"ann") + b"\r\n", b"c2VjcmV0\r\n"),
        ):
            said = self.said(*segments)
            self.assertEqual(said[-1], "235 2.7.0", segments)
            self.assertEqual(set(said[:-1]) - {"334"}, set())

    def test_envelope(self) -> None:
        delivery = MemoryDelivery()
        factory = self.factory(delivery)
        answers(EHLO, LOGIN, ENVELOPE, DATA, b".\r\n", factory=factory)
        envelope = delivery.messages[0].envelope
        self.assertEqual((envelope.login, envelope.protocol), ("ann", "ESMTPA"))

    def test_anyCut(self) -> None:
        octets = EHLO + b"AUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\nNOOP\r\n"
        written = everySplit(self.factory, octets).written
        self.assertEqual(codes(written)[2:], ["334", "334", "235 2.7.0", "250 2.0.0"])

    def test_refused(self) -> None:
        for segments, said in (
            ((b"AUTH\r\n",), "501 5.5.4"),
            ((b"AUTH X-NONE\r\n",), "504 5.5.4"),
            ((b"AUTH PLAIN !!!\r\n",), "501 5.5.2"),
            ((b"AUTH PLAIN " + PLAIN[:-1] + b"\r\n",), "501 5.5.2"),
            ((b"AUTH PLAIN =\r\n",), "501 5.5.2"),
            ((b"AUTH CRAM-MD5 YW5u\r\n",), "501 5.5.2"),
            ((b"AUTH PLAIN\r\n", b"*\r\n"), "501 5.7.0"),
            ((b"AUTH PLAIN\r\n", b"\xff\r\n"), "501 5.5.2"),
            ((b"AUTH PLAIN\r\n", b"x" * 20_000 + b"\r\n"), "500 5.5.6"),
            ((b"AUTH PLAIN " + WRONG + b"\r\n",), "535 5.7.8"),
            ((LOGIN, LOGIN), "503 5.5.1"),
            ((ENVELOPE[:25], LOGIN), "503 5.5.1"),
        ):
            with_ = self.said(*segments, b"NOOP\r\n")
            self.assertEqual(with_[-2:], [said, "250 2.0.0"], segments)
        self.assertEqual(answers(LOGIN, factory=self.factory()), ["503 5.5.1"])

    def test_lengths(self) -> None:
        """Section 4: 12,288 octets with CRLF; section 4.1: 500 5.5.6."""
        start = b"AUTH PLAIN "
        for octets, said in {
            MAX_AUTH_LINE: "501 5.5.2",
            MAX_AUTH_LINE + 2: "500",
        }.items():
            line = start.ljust(octets - 2, b"A") + b"\r\n"
            self.assertTrue(self.said(line)[0].startswith(said))

    def test_lastOfItsGroup(self) -> None:
        """Section 4; RFC 2920, section 3.1."""
        factory = self.factory(lineEndings="strict")
        said = answers(EHLO, b"AUTH PLAIN\r\n" + PLAIN, factory=factory)
        self.assertEqual(said[1:], ["554 5.5.0"])


class FailureTests(AuthTests):
    def test_threeFailures(self) -> None:
        wrong = b"AUTH PLAIN " + WRONG + b"\r\n"
        said = self.said(wrong, wrong, wrong, wrong)
        self.assertEqual(said, ["535 5.7.8", "535 5.7.8", "421 4.7.0"])

    def test_backoff(self) -> None:
        """An address that fails again and again is not listened to for a while."""
        factory = self.factory()
        wrong = b"AUTH PLAIN " + WRONG + b"\r\n"
        for _ in range(FAILURES_AT_ONCE):
            self.assertEqual(answers(EHLO, wrong, factory=factory)[1], "535 5.7.8")
        self.assertEqual(answers(EHLO, LOGIN, factory=factory)[1], "454 4.7.0")
        factory.clock.advance(SECONDS_EACH)
        self.assertEqual(answers(EHLO, LOGIN, factory=factory)[1], "235 2.7.0")

    def test_faultOfOurs(self) -> None:
        """Not the client's fault, and not a word of it (section 4)."""

        class Broken:
            mechanisms = ("PLAIN",)

            def begin(self, name: str) -> Any:
                return self

            def step(self, response: Any) -> Any:
                raise KeyError("secret")

        factory = self.factory()
        factory.authenticator = Broken()
        conversation = Conversation(factory)
        conversation.say(EHLO)
        conversation.say(LOGIN)
        written = conversation.heard()
        self.assertEqual(codes(written)[-1], "454 4.7.0")
        self.assertNotIn(b"secret", written)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_takesItsTime(self) -> None:
        """Replies stay in order while a login is checked."""
        waiting: Deferred[Any] = Deferred()
        factory = self.factory()
        exchange = type("", (), {"step": lambda self, response: waiting})()
        factory.authenticator = type("", (), {"begin": lambda self, name: exchange})()
        factory.authenticator.mechanisms = ()
        conversation = Conversation(factory)
        conversation.say(EHLO)
        conversation.heard()
        conversation.say(LOGIN + b"NOOP\r\n")
        self.assertEqual(conversation.heard(), b"")
        waiting.errback(UnauthorizedLogin())
        conversation.settle()
        self.assertEqual(codes(conversation.heard()), ["535 5.7.8", "250 2.0.0"])

    def test_notWelcome(self) -> None:
        """A policy may refuse a login whose secret was right."""

        @implementer(IDelivery, ILoginPolicy)
        class Picky(MemoryDelivery):
            def validateLogin(self, session: Any) -> Any:
                raise SMTPError(535, "5.7.1", f"not {session.login}")

        said = answers(EHLO, LOGIN, LOGIN, factory=self.factory(Picky()))
        self.assertEqual(said[1:], ["535 5.7.1"] * 2)


class LogoutTests(AuthTests):
    def test_leftInTheMiddle(self) -> None:
        cancelled: list[str] = []
        conversation = Conversation(self.factory())
        conversation.say(EHLO)
        conversation.say(b"AUTH LOGIN\r\n")
        exchange = conversation.protocol.dialog._exchange
        self.patch(exchange, "cancel", lambda: cancelled.append("cancelled"))
        conversation.end()
        self.assertEqual(cancelled, ["cancelled"])

    def test_logout(self) -> None:
        """The realm is told when the client has gone."""
        left: list[str] = []

        class Realm:
            def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Any:
                avatar = type("", (), {"name": "Ann"})()
                return interfaces[0], avatar, lambda: left.append("ann")

        self.authenticator._portal.realm = Realm()
        conversation = Conversation(self.factory())
        conversation.say(EHLO)
        conversation.say(LOGIN)
        self.assertEqual(conversation.protocol.session.login, "Ann")
        self.assertEqual(left, [])
        conversation.end()
        self.assertEqual(left, ["ann"])
