"""LMTP (RFC 2033): a reply for each recipient."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.smtp import (
    IDelivery,
    LMTPProtocol,
    MemoryDelivery,
    Reply,
    SMTPError,
    SMTPFactory,
)
from protocols.smtp.interfaces import IRecipientDelivery
from protocols.testing import Conversation, everySplit
from tests.smtp.conversations import DATA, ENVELOPE, answers, codes, factoryWith

LHLO = b"LHLO client.example\r\n"
TWO = ENVELOPE + b"RCPT TO:<c@z.example>\r\n"
FULL = SMTPError(452, "4.2.2", "Mailbox full")


@implementer(IDelivery, IRecipientDelivery)
class ForEach:
    """Answers for each recipient what the test says."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def messageReceived(self, message: Any) -> None:
        raise AssertionError("LMTP asks for each")

    def messageReceivedForEach(self, message: Any) -> Any:
        return self.answers


class Later(ForEach):
    def messageReceivedForEach(self, message: Any) -> Deferred[Any]:
        return succeed(self.answers)


class Coroutine(ForEach):
    async def messageReceivedForEach(self, message: Any) -> Any:
        await succeed(None)
        return self.answers


def lmtp(delivery: Any = None, **limits: Any) -> SMTPFactory:
    factory = factoryWith(delivery, **limits)
    factory.protocol = LMTPProtocol
    return factory


class HelloTests(SynchronousTestCase):
    """Section 4.1."""

    def test_hello(self) -> None:
        written = everySplit(lmtp, LHLO).written
        self.assertTrue(written.startswith(b"220 mx.example LMTP\r\n"))
        self.assertIn(b"250-PIPELINING\r\n", written)
        self.assertIn(b"250-ENHANCEDSTATUSCODES\r\n", written)

    def test_notSMTP(self) -> None:
        said = answers(b"HELO c\r\nEHLO c\r\n" + TWO, factory=lmtp())
        self.assertEqual(said, ["500 5.5.1"] * 2 + ["503 5.5.1"] * 3)

    def test_envelope(self) -> None:
        delivery = MemoryDelivery()
        answers(LHLO, TWO, DATA, b".\r\n", factory=lmtp(delivery))
        self.assertEqual(delivery.messages[0].envelope.protocol, "LMTP")


class ReplyTests(SynchronousTestCase):
    """Section 4.2."""

    def said(self, delivery: Any, *segments: bytes) -> list[str]:
        segments = segments or (DATA, b"x\r\n.\r\nNOOP\r\n")
        said = answers(LHLO, TWO, *segments, factory=lmtp(delivery))
        self.assertEqual(said[:4], ["250", "250 2.1.0", "250 2.1.5", "250 2.1.5"])
        return said[4:]

    def test_oneAnswerForAll(self) -> None:
        said = self.said(MemoryDelivery())
        self.assertEqual(said, ["354", "250 2.0.0", "250 2.0.0", "250 2.0.0"])

    def test_anAnswerForEach(self) -> None:
        other = Reply(250, "as you like", "2.9.9")
        for kind in (ForEach, Later, Coroutine):
            said = self.said(kind(None, FULL))
            self.assertEqual(said[1:], ["250 2.0.0", "452 4.2.2", "250 2.0.0"])
            said = self.said(kind(FULL.reply, other))
            self.assertEqual(said[1:], ["452 4.2.2", "250 2.9.9", "250 2.0.0"])

    def test_onlyThoseThatWereAccepted(self) -> None:
        delivery = MemoryDelivery()
        segments = (b"RCPT TO:<>\r\n", DATA, b".\r\n")
        self.assertEqual(
            self.said(delivery, *segments),
            ["501 5.1.3", "354", "250 2.0.0", "250 2.0.0"],
        )

    def test_nobodyAccepted(self) -> None:
        said = answers(LHLO, ENVELOPE[:25], DATA, factory=lmtp())
        self.assertEqual(said[-1], "503 5.5.1")

    def test_refusedForAll(self) -> None:
        """A fault of the message, or of the delivery, is everybody's."""
        said = self.said(MemoryDelivery(), DATA, b"a\rb\r\n.\r\nNOOP\r\n")
        self.assertEqual(said[1:], ["550 5.5.2", "550 5.5.2", "250 2.0.0"])

        class Refusing(MemoryDelivery):
            def messageReceived(self, message: Any) -> None:
                raise FULL

        self.assertEqual(self.said(Refusing())[1:3], ["452 4.2.2"] * 2)

    def test_mistakeOfOurs(self) -> None:
        """Also an answer too few: better twice than lost."""
        for delivery in (ForEach(None), ForEach(None, None, None)):
            self.assertEqual(self.said(delivery)[1:3], ["451 4.3.0"] * 2)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 2)

    def test_chunks(self) -> None:
        """A chunk has one reply; the last has one for each recipient."""
        said = self.said(ForEach(None, FULL), b"BDAT 1\r\naBDAT 1 LAST\r\nb")
        self.assertEqual(said, ["250 2.0.0", "250 2.0.0", "452 4.2.2"])

    def test_drain(self) -> None:
        """All answers are given before goodbye is said."""
        conversation = Conversation(lmtp(ForEach(None, FULL)))
        for segment in (LHLO, TWO, DATA):
            conversation.say(segment)
        conversation.heard()
        conversation.protocol.drainRequested()
        conversation.say(b"x\r\n.\r\n")
        self.assertEqual(
            codes(conversation.heard()), ["250 2.0.0", "452 4.2.2", "421 4.3.2"]
        )
