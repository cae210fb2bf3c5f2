"""L{protocols.smtp.faulty}: what a sender meets."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import (
    LMTPProtocol,
    MemoryDelivery,
    Policy,
    SMTPFactory,
    SMTPProtocol,
)
from protocols.smtp.faults import FaultRules
from protocols.smtp.faulty import faultyKind
from protocols.testing import Conversation, everySplit
from tests.smtp.conversations import DATA, EHLO, ENVELOPE, answers, codes

TWO = ENVELOPE + b"RCPT TO:<c@slow.example>\r\n"


MESSAGE = (TWO, DATA, b"x\r\n.\r\n")


class FaultyCase(SynchronousTestCase):
    def factory(self, *rules: str, kind: Any = SMTPProtocol) -> SMTPFactory:
        self.delivery, self.clock = MemoryDelivery(), Clock()
        factory = SMTPFactory(self.delivery, clock=self.clock, hostname="mx.example")
        factory.protocol = faultyKind(kind)
        factory.faults = FaultRules.fromTexts(rules)
        return factory

    def said(
        self, *rules: str, segments: Any = (TWO, DATA, b"x\r\n.\r\n")
    ) -> list[str]:
        return answers(EHLO, *segments, factory=self.factory(*rules))[1:]


class ReplyTests(FaultyCase):
    def test_none(self) -> None:
        self.assertEqual(self.said()[-2:], ["354", "250 2.0.0"])

    def test_recipient(self) -> None:
        """Refused, and not in the envelope."""
        said = self.said('RCPT to=*@slow.example reply="451 4.3.0 later"')
        self.assertEqual(said[1:3], ["250 2.1.5", "451 4.3.0"])
        (message,) = self.delivery.messages
        self.assertEqual(message.envelope.recipients, ("b@y.example",))

    def test_onceAndThenWell(self) -> None:
        factory = self.factory('. reply="452 4.3.1 full" times=1')
        script = (EHLO, TWO, DATA, b".\r\n", TWO, DATA, b".\r\n")
        said = answers(*script, factory=factory)
        self.assertEqual((said[5], said[-1]), ("452 4.3.1", "250 2.0.0"))
        self.assertEqual(len(self.delivery.messages), 1)

    def test_data(self) -> None:
        """No 354, so what follows is commands."""
        said = self.said("DATA reply=451", segments=(TWO, DATA, b"NOOP\r\n"))
        self.assertEqual(said[-2:], ["451", "250 2.0.0"])

    def test_connect(self) -> None:
        conversation = Conversation(self.factory('connect reply="421 4.3.2 busy"'))
        self.assertEqual(codes(conversation.heard()), ["421 4.3.2"])
        self.assertTrue(conversation.transcript.disconnecting)

    def test_lmtp(self) -> None:
        factory = self.factory('. to=c@* reply="452 4.3.1 full"', kind=LMTPProtocol)
        said = answers(b"LHLO c\r\n", TWO, DATA, b".\r\n", factory=factory)
        self.assertEqual(said[-2:], ["452 4.3.1"] * 2)

    def test_anyCut(self) -> None:
        def make() -> SMTPFactory:
            factory = self.factory('RCPT to=c@* reply="550 5.1.1 no"', "HELO delay=1")
            factory.policy = Policy("mx.example", lineEndings="record")
            return factory

        written = everySplit(make, EHLO + TWO + b"NOOP\r\n").written
        self.assertEqual(codes(written)[-2:], ["550 5.1.1", "250 2.0.0"])


class TimeTests(FaultyCase):
    def test_delay(self) -> None:
        """What is behind it waits, and the order stays."""
        conversation = Conversation(self.factory("MAIL delay=2"))
        conversation.say(EHLO)
        conversation.heard()
        conversation.say(TWO)
        self.assertEqual(conversation.heard(), b"")
        self.clock.advance(2)
        conversation.settle()
        self.assertEqual(
            codes(conversation.heard()), ["250 2.1.0", "250 2.1.5", "250 2.1.5"]
        )

    def test_delayedMessage(self) -> None:
        conversation = Conversation(self.factory('. delay=5 reply="451 4.3.0 x"'))
        for segment in (EHLO, TWO, DATA, b".\r\nNOOP\r\n"):
            conversation.say(segment)
        self.assertEqual(codes(conversation.heard())[-1], "354")
        self.clock.advance(5)
        conversation.settle()
        self.assertEqual(codes(conversation.heard()), ["451 4.3.0", "250 2.0.0"])

    def test_rate(self) -> None:
        """Ten octets a second: a line of thirty takes three."""
        conversation = Conversation(self.factory("connect rate=10"))
        conversation.heard()
        conversation.say(b"EHLO ".ljust(28, b"x") + b"\r\n")
        self.clock.advance(2.9)
        conversation.settle()
        self.assertEqual(conversation.heard(), b"")
        self.assertFalse(conversation.transport.reading)
        self.clock.advance(0.2)
        conversation.settle()
        self.assertEqual(codes(conversation.heard()), ["250"])
        self.assertTrue(conversation.transport.reading)

    def test_inOrder(self) -> None:
        """What comes while reading is paused is heard behind what came before."""
        conversation = Conversation(self.factory("connect rate=10"))
        conversation.heard()
        conversation.protocol.dataReceived(EHLO)
        conversation.protocol.dataReceived(b"NOOP\r\n")
        for _ in range(4):
            self.clock.advance(1)
            conversation.settle()
        self.assertEqual(codes(conversation.heard()), ["250", "250 2.0.0"])

    def test_leftWhileSlow(self) -> None:
        conversation = Conversation(self.factory("connect rate=1"))
        conversation.say(EHLO)
        conversation.reset()
        self.assertEqual(
            [call for call in self.clock.getDelayedCalls() if call.active()], []
        )


class CutTests(FaultyCase):
    def test_disconnect(self) -> None:
        conversation = Conversation(self.factory("DATA disconnect"))
        for segment in (EHLO, TWO, DATA):
            conversation.say(segment)
        self.assertTrue(conversation.transcript.aborted)
        self.assertEqual(codes(conversation.heard())[-1], "250 2.1.5")

    def test_atThatOctet(self) -> None:
        """A command whose last octet still came is heard; one more is not."""
        for more, name in {0: "client.example", -1: ""}.items():
            cut = len(EHLO) + more
            conversation = Conversation(self.factory(f"connect disconnect-at={cut}"))
            conversation.say(EHLO + b"HELO other\r\n")
            self.assertTrue(conversation.transcript.aborted)
            self.assertEqual(conversation.protocol.session.helo, name)

    def test_message(self) -> None:
        """Cut at its end: nothing is kept."""
        conversation = Conversation(self.factory(". disconnect"))
        for segment in (EHLO, TWO, DATA, b".\r\n"):
            conversation.say(segment)
        self.assertTrue(conversation.transcript.aborted)
        self.assertEqual(self.delivery.messages, [])
