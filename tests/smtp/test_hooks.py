"""Policies and deliveries: what they may return, and what is said of it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer, verify

from protocols.smtp import (
    DiscardingDelivery,
    IDelivery,
    MemoryDelivery,
    Message,
    Reply,
    SMTPError,
    SMTPFactory,
    SMTPProtocol,
)
from protocols.smtp.commands import Command
from protocols.smtp.interfaces import (
    Envelope,
    IHelloPolicy,
    IRecipientPolicy,
    ISenderPolicy,
)
from protocols.testing import Conversation
from tests.smtp.conversations import (
    DATA,
    EHLO,
    ENVELOPE,
    answers,
    codes,
    factoryWith,
    inData,
)

OTHER = Reply(250, "as you like", "2.9.9")


@implementer(IDelivery, IHelloPolicy, ISenderPolicy, IRecipientPolicy)
class Asking:
    """Answers every question with what the test says."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def ask(self, question: str) -> Any:
        self.asked.append(question)
        return self.answer(question)

    def validateHello(self, session: Any) -> Any:
        return self.ask(session.helo)

    def validateSender(self, sender: str, session: Any, parameters: Any) -> Any:
        return self.ask(sender)

    def validateRecipient(self, recipient: str, session: Any) -> Any:
        return self.ask(recipient)

    def messageReceived(self, message: Message) -> Any:
        return self.ask("message")


def refuse(question: str) -> Any:
    raise SMTPError(550, "5.7.1", f"not {question}")


def fail(question: str) -> Any:
    raise KeyError("secret")


async def awaited(question: str) -> Reply:
    await succeed(None)
    return OTHER


class AnswerTests(SynchronousTestCase):
    def said(self, answer: Any) -> list[str]:
        """The answers to HELO, MAIL, RCPT and a message."""
        factory = factoryWith(Asking(answer))
        first = answers(b"HELO c\r\n", factory=factory)
        if not first[0].startswith("250"):
            return first
        segments = (b"HELO c\r\n", ENVELOPE, DATA, b".\r\n")
        return answers(*segments, factory=factory)

    def test_nothing(self) -> None:
        self.assertEqual(self.said(lambda q: None)[-1], "250 2.0.0")

    def test_replies(self) -> None:
        for answer in (lambda q: OTHER, lambda q: succeed(OTHER), awaited):
            self.assertEqual(
                self.said(answer),
                ["250 2.9.9", "250 2.9.9", "250 2.9.9", "354", "250 2.9.9"],
            )

    def test_refusal(self) -> None:
        self.assertEqual(self.said(refuse), ["550 5.7.1"])

    def test_refusedByReply(self) -> None:
        """A reply that refuses is a refusal: there is no recipient then."""
        delivery = Asking(lambda q: Reply(550, "no", "5.1.1") if "b@" in q else None)
        said = answers(EHLO, ENVELOPE, DATA, factory=factoryWith(delivery))
        self.assertEqual(said[2:], ["550 5.1.1", "503 5.5.1"])

    def test_mistakeOfOurs(self) -> None:
        """Logged, and no word of it said."""
        conversation = Conversation(factoryWith(Asking(fail)))
        conversation.say(b"HELO c\r\n")
        written = conversation.heard()
        self.assertEqual(codes(written)[1:], ["451 4.3.0"])
        self.assertNotIn(b"secret", written)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_failedDelivery(self) -> None:
        """The transaction is over; the next one is as good as any."""
        delivery = Asking(lambda q: refuse(q) if q == "message" else None)
        conversation = inData(factoryWith(delivery))
        conversation.say(b".\r\n" + ENVELOPE)
        self.assertEqual(
            codes(conversation.heard()), ["550 5.7.1", "250 2.1.0", "250 2.1.5"]
        )


class OrderTests(SynchronousTestCase):
    def test_pipelinedAndWaiting(self) -> None:
        """RFC 2920, section 3.2: one reply each, in the order of the commands."""
        waiting: list[Deferred[Any]] = []

        def later(question: str) -> Deferred[Any]:
            waiting.append(Deferred())
            return waiting[-1]

        conversation = Conversation(factoryWith(Asking(lambda q: None)))
        conversation.say(EHLO)
        conversation.heard()
        conversation.protocol.factory.delivery.answer = later
        conversation.say(ENVELOPE + b"RCPT TO:<c@z.example>\r\n" + DATA)
        for answer in (None, SMTPError(550, "5.1.1", "who?"), None):
            self.assertEqual(conversation.heard(), b"")
            if answer is None:
                waiting.pop().callback(None)
            else:
                waiting.pop().errback(answer)
            conversation.settle()
            self.assertEqual(len(codes(conversation.heard())), 1 + (not waiting))

    def test_whoLeavesWhileTheDeliveryWaits(self) -> None:
        waiting: Deferred[Any] = Deferred()
        delivery = Asking(lambda q: waiting if q == "message" else None)
        conversation = inData(factoryWith(delivery))
        conversation.say(b"x\r\n.\r\nNOOP\r\n")
        conversation.reset()
        self.assertTrue(waiting.called)
        self.assertEqual(conversation.heard(), b"")


class FloorTests(SynchronousTestCase):
    """What the floor asks of the protocol."""

    def test_drainWithNothingInHand(self) -> None:
        for segments in ((), (EHLO,), (EHLO, b"NOOP\r\n")):
            conversation = Conversation(factoryWith())
            for segment in segments:
                conversation.say(segment)
            conversation.heard()
            conversation.protocol.drainRequested()
            self.assertEqual(codes(conversation.heard()), ["421 4.3.2"])
            self.assertTrue(conversation.transcript.disconnecting)

    def test_drainFinishesTheMessageInHand(self) -> None:
        delivery = MemoryDelivery()
        conversation = inData(factoryWith(delivery))
        conversation.protocol.drainRequested()
        self.assertEqual(conversation.heard(), b"")
        conversation.say(b"x\r\n.\r\n" + ENVELOPE)
        self.assertEqual(codes(conversation.heard()), ["250 2.0.0", "421 4.3.2"])
        self.assertEqual(len(delivery.messages), 1)

    def test_drainWhileTheDeliveryWaits(self) -> None:
        waiting: Deferred[Any] = Deferred()
        delivery = Asking(lambda q: waiting if q == "message" else None)
        conversation = inData(factoryWith(delivery))
        conversation.say(b".\r\n")
        conversation.protocol.drainRequested()
        waiting.callback(None)
        conversation.settle()
        self.assertEqual(codes(conversation.heard()), ["250 2.0.0", "421 4.3.2"])

    def test_idledOut(self) -> None:
        conversation = Conversation(factoryWith())
        conversation.heard()
        conversation.protocol.idledOut()
        self.assertEqual(codes(conversation.heard()), ["421 4.4.2"])

    def test_lastWord(self) -> None:
        for reason, code in {"total": "421 4.7.0", "draining": "421 4.3.2"}.items():
            self.assertEqual(codes(factoryWith().lastWord(reason)), [code])

    def test_drained(self) -> None:
        closed: list[bool] = []
        delivery: Any = MemoryDelivery()
        self.assertIsNone(factoryWith(delivery).drained())
        delivery.close = lambda: closed.append(True)
        factoryWith(delivery).drained()
        self.assertEqual(closed, [True])


class SubclassTests(SynchronousTestCase):
    def test_newVerbAndKeyword(self) -> None:
        class Extended(SMTPProtocol):
            commands = {
                **SMTPProtocol.commands,
                "XFOO": Command(lambda protocol, rest: protocol.reply(OTHER)),
            }

            def keywords(self) -> list[str]:
                return [*super().keywords(), "XFOO"]

            def greeting(self) -> Reply:
                return Reply(220, "hello")

        factory = factoryWith()
        factory.protocol = Extended
        conversation = Conversation(factory)
        conversation.say(EHLO)
        self.assertIn(b"250 XFOO\r\n", conversation.heard())
        conversation.say(b"XFOO\r\n")
        self.assertEqual(codes(conversation.heard()), ["250 2.9.9"])


class DeliveryTests(SynchronousTestCase):
    def test_interfaces(self) -> None:
        for delivery in (MemoryDelivery(), DiscardingDelivery(), Asking(None)):
            verify.verifyObject(IDelivery, delivery)

    def test_memoryIsBounded(self) -> None:
        delivery = MemoryDelivery(maxMessages=3, maxOctets=100)
        for number in range(5):
            delivery.messageReceived(Message(Envelope("", ()), b"%d" % number))
        self.assertEqual([m.content for m in delivery.messages], [b"2", b"3", b"4"])
        delivery.messageReceived(Message(Envelope("", ()), b"x" * 200))
        self.assertEqual(
            ([m.size for m in delivery.messages], delivery.octets), ([200], 200)
        )
        delivery.clear()
        self.assertEqual((list(delivery.messages), delivery.octets), ([], 0))

    def test_discarding(self) -> None:
        factory = SMTPFactory(DiscardingDelivery(), hostname="mx.example")
        self.assertEqual(factory.clock, None)
        reply = DiscardingDelivery().messageReceived(Message(Envelope("", ()), b""))
        self.assertEqual(reply.code, 250)
