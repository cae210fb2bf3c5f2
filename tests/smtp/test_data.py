"""DATA: transparency, limits, time (RFC 5321, sections 4.1.1.4, 4.5.2, 4.5.3)."""

from __future__ import annotations

import tracemalloc
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery
from protocols.smtp.body import Body
from protocols.smtp.policy import COMMAND_TIMEOUT, DATA_TIMEOUT, MIN_RATE, RATE_WINDOW
from tests.smtp.conversations import (
    DATA,
    ENVELOPE,
    codes,
    everyCut,
    factoryWith,
    inData,
)

OK = ["250 2.0.0"]
END = b"\r\n.\r\n"


class TransparencyTests(SynchronousTestCase):
    """Section 4.5.2."""

    def test_emptyMessage(self) -> None:
        self.assertEqual(everyCut(b".\r\n"), (OK, [b""]))

    def test_dots(self) -> None:
        for sent, kept in {
            b"..\r\n": b".\r\n",
            b".a\r\n": b"a\r\n",
            b"..\r\n..\r\n": b".\r\n.\r\n",
            b"a..b\r\n...\r\n": b"a..b\r\n..\r\n",
            b"\r\n": b"\r\n",
        }.items():
            self.assertEqual(everyCut(sent + b".\r\n"), (OK, [kept]), sent)

    def test_bareCRBehindTheDot(self) -> None:
        self.assertEqual(everyCut(b".\rX\r\n.\r\n"), (["550 5.5.2"], []))

    def test_commandsBehindTheEnd(self) -> None:
        """RFC 2920, section 3.1: they may be in the same segment."""
        said, kept = everyCut(b"a\r\n.\r\nNOOP\r\n")
        self.assertEqual((said, kept), ([*OK, *OK], [b"a\r\n"]))

    def test_anotherMessageBehindTheEnd(self) -> None:
        said, _ = everyCut(b"a\r\n.\r\n" + ENVELOPE + b"DATA\r\n")
        self.assertEqual(said, [*OK, "250 2.1.0", "250 2.1.5", "354"])

    def test_whatIsOddIsNotedAndKept(self) -> None:
        """NUL, and 8-bit octets that were not announced: never mangled."""
        delivery = MemoryDelivery()
        inData(factoryWith(delivery)).say(b"\0 \xe9\r\n.\r\n")
        (message,) = delivery.messages
        self.assertEqual(message.content, b"\0 \xe9\r\n")
        self.assertEqual(message.lint, {"nul", "8bit"})

    def test_finInTheMiddle(self) -> None:
        """Nothing is kept, and nothing is said."""
        delivery = MemoryDelivery()
        conversation = inData(factoryWith(delivery))
        conversation.say(b"half a message")
        conversation.end()
        self.assertEqual(conversation.heard(), b"")
        self.assertTrue(conversation.transcript.disconnecting)
        self.assertEqual(list(delivery.messages), [])


class LineLengthTests(SynchronousTestCase):
    """Section 4.5.3.1.6: 1000 octets with CRLF, a doubled dot not counted."""

    def test_limit(self) -> None:
        for line, said in {
            b"x" * 998: OK,
            b"x" * 999: ["500 5.6.0"],
            b".." + b"x" * 997: OK,
            b".." + b"x" * 998: ["500 5.6.0"],
        }.items():
            for before in (b"", b"short\r\n", b"y" * 998 + b"\r\n"):
                found, _ = everyCut(before + line + END)
                self.assertEqual(found, said, (before[:5], line[:5], len(line)))

    def test_record(self) -> None:
        said, kept = everyCut(b"x" * 5000 + END, lineEndings="record")
        self.assertEqual((said, kept), (OK, [b"x" * 5000 + b"\r\n"]))

    def test_longLineAndWhatLooksLikeCommands(self) -> None:
        """One reply, at the true end."""
        data = b"x" * 20000 + b"\r\nRSET\r\nMAIL FROM:<c@z.example>\r\nQUIT" + END
        self.assertEqual(everyCut(data), (["500 5.6.0"], []))


class SizeTests(SynchronousTestCase):
    """RFC 1870, section 6.3."""

    def test_exactly(self) -> None:
        for octets, said in {1000: OK, 1001: ["552 5.3.4"]}.items():
            found, _ = everyCut(
                b"x" * (octets - 2) + END, maxSize=1000, lineEndings="record"
            )
            self.assertEqual(found, said)

    def test_takenToItsEnd(self) -> None:
        """Its rest is no commands, even if it looks like them."""
        data = b"x\r\n" * 500 + b"RSET\r\nQUIT" + END + b"NOOP\r\n"
        self.assertEqual(everyCut(data, maxSize=1000), (["552 5.3.4", *OK], []))

    def test_noEnd(self) -> None:
        """What is far too much is not taken for ever."""
        conversation = inData(factoryWith(maxSize=1000))
        for _ in range(40):
            conversation.say(b"x" * 998 * 32 + b"\r\n")
        self.assertEqual(codes(conversation.heard()), ["421 4.7.0"])
        self.assertTrue(conversation.transcript.disconnecting)

    def test_flatMemory(self) -> None:
        """Of what is too large nothing is kept, and most of it lies on the disk."""
        for limit in (1 << 20, 1 << 30):
            body = Body(limit, 1000)
            chunk = (b"x" * 76 + b"\r\n") * 840
            tracemalloc.start()
            for _ in range(128):
                body.feed(chunk)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            body.close()
            self.assertLess(peak, 1 << 20)


class TimeTests(SynchronousTestCase):
    """Section 4.5.3.2, and a floor for the rate."""

    def setUp(self) -> None:
        self.factory = factoryWith()

    def test_slowData(self) -> None:
        """An octet a second holds nobody's place."""
        conversation = inData(self.factory)
        for _ in range(int(RATE_WINDOW)):
            conversation.say(b"x")
            conversation.advance(1)
        self.assertEqual(codes(conversation.heard()), ["421 4.4.2"])
        self.assertTrue(conversation.transcript.disconnecting)

    def test_fastEnough(self) -> None:
        conversation = inData(self.factory)
        for _ in range(10):
            conversation.say((b"x" * 98 + b"\r\n") * int(MIN_RATE * RATE_WINDOW // 100))
            conversation.advance(RATE_WINDOW)
        self.assertEqual(conversation.heard(), b"")
        conversation.reset()

    def test_notForEver(self) -> None:
        conversation = inData(factoryWith(maxSize=1 << 30))
        for _ in range(int(DATA_TIMEOUT / RATE_WINDOW)):
            conversation.say((b"x" * 98 + b"\r\n") * int(MIN_RATE * RATE_WINDOW // 100))
            conversation.advance(RATE_WINDOW)
        self.assertEqual(codes(conversation.heard()), ["421 4.4.2"])

    def test_commandTimeAgainAfterTheMessage(self) -> None:
        conversation = inData(self.factory)
        conversation.say(b"x\r\n.\r\n")
        conversation.advance(COMMAND_TIMEOUT - 1)
        self.assertEqual(codes(conversation.heard()), OK)
        conversation.advance(1)
        self.assertEqual(codes(conversation.heard()), ["421 4.4.2"])

    def test_slowCommand(self) -> None:
        conversation: Any = inData(self.factory)
        conversation.say(b"x\r\n.\r\n")
        for _ in range(300):
            conversation.say(b"N")
            conversation.advance(1)
        self.assertEqual(codes(conversation.heard()), [*OK, "421 4.4.2"])


class EnvelopeTests(SynchronousTestCase):
    def test_whatTheDeliveryIsGiven(self) -> None:
        delivery = MemoryDelivery()
        factory = factoryWith(delivery)
        factory.clock.advance(7)
        conversation = inData(factory)
        conversation.say(b"Subject: t\r\n\r\n\xc3\xa9\r\n.\r\n")
        (message,) = delivery.messages
        envelope = message.envelope
        self.assertEqual(envelope.sender, "a@x.example")
        self.assertEqual(envelope.recipients, ("b@y.example",))
        self.assertEqual(
            (envelope.peer, envelope.helo), ("192.0.2.1", "client.example")
        )
        self.assertEqual((envelope.receivedAt, message.size), (7, 18))

    def test_nextMessageBeginsAnew(self) -> None:
        delivery = MemoryDelivery()
        conversation = inData(factoryWith(delivery))
        conversation.say(b".\r\n")
        for segment in (
            b"MAIL FROM:<>\r\n",
            b"RCPT TO:<c@z.example>\r\n",
            DATA,
            b".\r\n",
        ):
            conversation.say(segment)
        second = delivery.messages[1].envelope
        self.assertEqual((second.sender, second.recipients), ("", ("c@z.example",)))
