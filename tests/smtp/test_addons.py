"""Every add-on of a delivery: when it is asked, and what its answer does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.smtp import Message, Reply, SMTPError
from protocols.smtp import interfaces as asked
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

OTHER = Reply(251, "forwarded", "2.1.5")
REFUSAL = SMTPError(550, "5.7.1", "no")


@implementer(
    asked.IDelivery,
    asked.IConnectPolicy,
    asked.IHelloPolicy,
    asked.ISenderPolicy,
    asked.IRecipientPolicy,
    asked.IContentPolicy,
    asked.IResetPolicy,
    asked.IQuitPolicy,
    asked.IRoom,
)
class Everything:
    """Notes what it is asked; C{answers} has what it says, by question."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.pieces = b""
        self.messages: list[tuple[bytes, tuple[object, ...]]] = []
        self.room = True

    def ask(self, question: str) -> Any:
        self.asked.append(question)
        answer = self.answers.get(question)
        if isinstance(answer, SMTPError):
            raise answer
        return answer() if isinstance(answer, Callable) else answer  # type: ignore[arg-type]

    def validateConnection(self, session: Any) -> Any:
        return self.ask("connect")

    def validateHello(self, session: Any) -> Any:
        return self.ask("hello")

    def validateSender(self, sender: str, session: Any, parameters: Any) -> Any:
        return self.ask("sender")

    def validateRecipient(self, recipient: str, session: Any) -> Any:
        return self.ask("recipient")

    def contentBegan(self, session: Any, envelope: Any) -> Any:
        assert envelope.recipients
        return self.ask("content")

    def chunkReceived(self, session: Any, chunk: bytes) -> Any:
        self.pieces += chunk
        return self.ask("chunk")

    def transactionReset(self, session: Any) -> Any:
        return self.ask("reset")

    def clientQuit(self, session: Any) -> Any:
        return self.ask("quit")

    def hasRoom(self, octets: int) -> bool:
        return self.room

    def messageReceived(self, message: Message) -> Any:
        self.messages.append((message.content, message.resolved))
        return self.ask("message")


SCRIPT = (EHLO, b"RSET\r\n", ENVELOPE, DATA, b"..a\r\n", b"b\r\n.\r\n", b"QUIT\r\n")
USUAL = ["250", "250 2.0.0", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "221 2.0.0"]
CHUNKED = (EHLO, ENVELOPE, b"BDAT 3\r\nabcBDAT 1 LAST\r\nd", b"QUIT\r\n")


class AskedTests(SynchronousTestCase):
    def test_order(self) -> None:
        delivery = Everything()
        self.assertEqual(answers(*SCRIPT, factory=factoryWith(delivery)), USUAL)
        self.assertEqual(
            delivery.asked,
            [
                *("connect", "hello", "reset", "sender", "recipient", "content"),
                *("chunk", "chunk", "message", "quit"),
            ],
        )
        self.assertEqual(delivery.pieces, b".a\r\nb\r\n")

    def test_laterOrInACoroutine(self) -> None:
        """However an answer comes, the conversation is the same."""
        delivery = Everything()
        answers(*SCRIPT, factory=factoryWith(delivery))
        questions = set(delivery.asked)

        async def awaited() -> None:
            await succeed(None)

        for later in (lambda: succeed(None), awaited):
            delivery = Everything(**dict.fromkeys(questions, later))
            self.assertEqual(answers(*SCRIPT, factory=factoryWith(delivery)), USUAL)
            self.assertEqual(delivery.pieces, b".a\r\nb\r\n")

    def test_replies(self) -> None:
        other = Reply(221, "so long", "2.9.9")
        delivery = Everything(quit=other, reset=Reply(250, "gone", "2.9.8"))
        said = answers(EHLO, b"RSET\r\nQUIT\r\n", factory=factoryWith(delivery))
        self.assertEqual(said[1:], ["250 2.9.8", "221 2.9.9"])

    def test_chunks(self) -> None:
        delivery = Everything()
        said = answers(*CHUNKED, factory=factoryWith(delivery))
        self.assertEqual(said[3:], ["250 2.0.0", "250 2.0.0", "221 2.0.0"])
        self.assertEqual(delivery.messages, [(b"abcd", (None,))])
        self.assertEqual(delivery.pieces, b"abcd")


class RefusedTests(SynchronousTestCase):
    def refused(self, *script: bytes, **refusals: Any) -> list[str]:
        for answer in (REFUSAL, lambda: REFUSAL.reply, lambda: fail(REFUSAL)):
            delivery = Everything(**dict.fromkeys(refusals, answer))
            said = answers(*script, factory=factoryWith(delivery))
            self.assertEqual(delivery.messages, [])
        return said

    def test_connection(self) -> None:
        """Said in place of the greeting, and that is all (section 3.1)."""
        for answer in (REFUSAL, lambda: REFUSAL.reply, lambda: fail(REFUSAL)):
            conversation = Conversation(factoryWith(Everything(connect=answer)))
            self.assertEqual(codes(conversation.heard()), ["550 5.7.1"])
            self.assertTrue(conversation.transcript.disconnecting)

    def test_nothingIsHeardBeforeTheGreeting(self) -> None:
        """Section 4.3.1: who speaks first is no mail client."""
        for limits, said in (
            ({}, ["554 5.5.0"]),
            ({"lineEndings": "record"}, ["220", "250"]),
        ):
            waiting: Deferred[None] = Deferred()
            delivery = Everything(connect=lambda waiting=waiting: waiting)
            conversation = Conversation(factoryWith(delivery, **limits))
            conversation.say(EHLO)
            self.assertEqual(conversation.heard(), b"")
            waiting.callback(None)
            conversation.settle()
            self.assertEqual(codes(conversation.heard()), said)

    def test_content(self) -> None:
        """Refused before it has come: no 354, and no mode for it."""
        said = self.refused(EHLO, ENVELOPE, DATA, b"NOOP\r\n", content=1)
        self.assertEqual(said[3:], ["550 5.7.1", "250 2.0.0"])

    def test_contentInChunks(self) -> None:
        script = (EHLO, ENVELOPE, b"BDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\nRSET\r\n")
        said = self.refused(*script, content=1)
        self.assertEqual(said[3:], ["550 5.7.1", "503 5.5.1", "250 2.0.0"])

    def test_chunk(self) -> None:
        """Refused while it comes: said at its true end, once."""
        script = (EHLO, ENVELOPE, DATA, b"a\r\n", b"b\r\n", b".\r\nNOOP\r\n")
        said = self.refused(*script, chunk=1)
        self.assertEqual(said[4:], ["550 5.7.1", "250 2.0.0"])
        said = self.refused(*CHUNKED, chunk=1)
        self.assertEqual(said[3:], ["250 2.0.0", "550 5.7.1", "221 2.0.0"])

    def test_mistakeWhileItComes(self) -> None:
        def broken() -> None:
            raise KeyError("secret")

        for question in ("chunk", "content"):
            for script in ((EHLO, ENVELOPE, DATA, b"a\r\n.\r\n"), CHUNKED[:3]):
                delivery = Everything(**{question: broken})
                said = answers(*script, factory=factoryWith(delivery))
                self.assertIn("451 4.3.0", said)
                self.assertEqual(delivery.messages, [])
        self.assertGreaterEqual(len(self.flushLoggedErrors(KeyError)), 4)

    def test_noRoom(self) -> None:
        """RFC 1870, section 6.1: said at MAIL, before the message is sent."""
        delivery = Everything()
        delivery.room = False
        said = answers(EHLO, ENVELOPE[:25], factory=factoryWith(delivery))
        self.assertEqual(said[1:], ["452 4.3.1"])


class ResolvedTests(SynchronousTestCase):
    def test_values(self) -> None:
        """What the recipient policy found out comes with the message."""
        values = iter([1, None, OTHER, "four"])
        delivery = Everything(recipient=lambda: next(values))
        more = b"RCPT TO:<%b@z>\r\n"
        rcpts = b"".join(more % name for name in (b"c", b"d", b"e"))
        factory = factoryWith(delivery)
        said = answers(EHLO, ENVELOPE + rcpts, DATA, b".\r\n", factory=factory)
        self.assertEqual(said[2:5], ["250 2.1.5", "250 2.1.5", "251 2.1.5"])
        self.assertEqual(delivery.messages[0], (b"", (1, None, None, "four")))


class PausedTests(SynchronousTestCase):
    def test_readingWaits(self) -> None:
        """While a piece is looked at, no more of the message is read."""
        waiting: Deferred[None] = Deferred()
        delivery = Everything(chunk=lambda: waiting)
        conversation = inData(factoryWith(delivery))
        conversation.say(b"a\r\n")
        conversation.say(b"b\r\n.\r\n")
        self.assertEqual(delivery.pieces, b"a")
        self.assertFalse(conversation.transport.reading)
