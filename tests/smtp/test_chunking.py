"""BDAT (RFC 3030): chunks, their replies, and octets that are nobody's commands."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery, SMTPFactory
from protocols.testing import Conversation, everySplit
from tests.smtp.conversations import (
    DATA,
    EHLO,
    ENVELOPE,
    answers,
    codes,
    factoryWith,
)

GREETED = ["250", "250 2.1.0", "250 2.1.5"]
BINARY = ENVELOPE.replace(b"x.example>", b"x.example> BODY=BINARYMIME")


def sent(octets: bytes, envelope: bytes = ENVELOPE, **limits: Any) -> list[str]:
    """The replies to C{octets} behind an envelope; the same however it is cut."""

    def make() -> SMTPFactory:
        return factoryWith(lineEndings="record", **limits)

    written = everySplit(make, EHLO + envelope + octets).written
    return codes(written)[4:]


def received(
    octets: bytes, envelope: bytes = ENVELOPE, **limits: Any
) -> tuple[list[str], list[bytes], list[frozenset[str]]]:
    """Replies, contents and lint of what C{octets} made."""
    delivery = MemoryDelivery()
    said = answers(EHLO, envelope + octets, factory=factoryWith(delivery, **limits))
    messages = delivery.messages
    return said[3:], [m.content for m in messages], [m.lint for m in messages]


class ChunkTests(SynchronousTestCase):
    """RFC 3030, section 2."""

    def test_oneReplyForEachChunk(self) -> None:
        octets = b"BDAT 5\r\nab\r\ncBDAT 7 LAST\r\nd\r\n.\r\nxNOOP\r\n"
        self.assertEqual(sent(octets), ["250 2.0.0"] * 3)
        octets = b"BDAT 5\r\nab\r\ncBDAT 7 LAST\r\nd\r\n.\r\nx"
        _, contents, _ = received(octets)
        self.assertEqual(contents, [b"ab\r\ncd\r\n.\r\nx"])

    def test_dotsAreDots(self) -> None:
        octets = b"BDAT 10 LAST\r\n..a\r\n.\r\n.\r"
        self.assertEqual(received(octets, lineEndings="record")[1], [octets[14:]])

    def test_empty(self) -> None:
        said, contents, _ = received(b"BDAT 0 LAST\r\n")
        self.assertEqual((said, contents), (["250 2.0.0"], [b""]))
        said, contents, _ = received(b"BDAT 2\r\nabBDAT 0 last\r\n")
        self.assertEqual((said, contents), (["250 2.0.0"] * 2, [b"ab"]))

    def test_wholeTransactionsPipelined(self) -> None:
        one = ENVELOPE + b"BDAT 3 LAST\r\nabc"
        self.assertEqual(
            sent(b"BDAT 3 LAST\r\nabc" + one + b"QUIT\r\n"),
            ["250 2.0.0", "250 2.1.0", "250 2.1.5", "250 2.0.0", "221 2.0.0"],
        )

    def test_large(self) -> None:
        piece = bytes(range(32, 127)) * 8 + b"\r\n"
        octets = b"".join(b"BDAT %d\r\n%b" % (len(piece), piece) for _ in range(500))
        _, contents, _ = received(octets + b"BDAT 0 LAST\r\n")
        self.assertEqual(contents, [piece * 500])

    def test_commandsBetweenChunks(self) -> None:
        for command, said in {
            b"NOOP\r\n": "250 2.0.0",
            ENVELOPE[:25]: "503 5.5.1",
            b"RCPT TO:<c@z>\r\n": "503 5.5.1",
            DATA: "503 5.5.1",
        }.items():
            self.assertEqual(
                sent(b"BDAT 1\r\na" + command + b"BDAT 1 LAST\r\nb"),
                ["250 2.0.0", said, "250 2.0.0"],
            )

    def test_reset(self) -> None:
        """What has come is forgotten; so is it when the client leaves."""
        said = sent(b"BDAT 1\r\naRSET\r\nBDAT 1 LAST\r\nb")
        self.assertEqual(said, ["250 2.0.0", "250 2.0.0", "503 5.5.1"])
        delivery = MemoryDelivery()
        conversation = Conversation(factoryWith(delivery))
        conversation.say(EHLO)
        conversation.say(ENVELOPE + b"BDAT 1\r\naBDAT 10 LAST\r\nb")
        conversation.end()
        self.assertEqual(list(delivery.messages), [])


class TextTests(SynchronousTestCase):
    """Sections 2 and 3: text is still text, and binary is octets."""

    def test_bareLineEnds(self) -> None:
        octets = b"BDAT 2\r\na\rBDAT 3 LAST\r\n\nb\n"
        said, contents, _ = received(octets)
        self.assertEqual((said, contents), (["250 2.0.0", "550 5.5.2"], []))
        said, contents, lint = received(octets, lineEndings="record")
        self.assertEqual(contents, [b"a\r\nb\n"])
        self.assertEqual(lint, [frozenset({"bare-lf"})])

    def test_crAtTheEnd(self) -> None:
        self.assertEqual(received(b"BDAT 2 LAST\r\na\r")[0], ["550 5.5.2"])

    def test_binary(self) -> None:
        octets = b"BDAT 5 LAST\r\n\r\0\n\xe9\r" + BINARY + DATA
        said, contents, _ = received(octets, BINARY)
        self.assertEqual(contents, [b"\r\0\n\xe9\r"])
        self.assertEqual(said, ["250 2.0.0", "250 2.1.0", "250 2.1.5", "503 5.5.1"])
        octets = b"BDAT 2000 LAST\r\n" + b"x" * 2000
        self.assertEqual(received(octets, BINARY)[0], ["250 2.0.0"])
        self.assertEqual(received(octets)[0], ["500 5.6.0"])


class RefusedTests(SynchronousTestCase):
    """The octets of a chunk that is refused are taken, and are no commands."""

    def test_outOfOrder(self) -> None:
        for before, said in (
            (b"", ["503 5.5.1"]),
            (EHLO, ["250", "503 5.5.1"]),
            (EHLO + ENVELOPE[:25], ["250", "250 2.1.0", "503 5.5.1"]),
        ):
            factory = factoryWith(lineEndings="record")
            octets = before + b"BDAT 6\r\nQUIT\r\nNOOP\r\n"
            self.assertEqual(answers(octets, factory=factory), [*said, "250 2.0.0"])

    def test_tooLarge(self) -> None:
        """552 at once; later chunks are out of order until RSET."""
        said = sent(
            b"BDAT 60\r\n%bBDAT 60\r\n%bBDAT 5 LAST\r\nQUIT\nRSET\r\nNOOP\r\n"
            % (b"x" * 60, b"y" * 60),
            maxSize=100,
        )
        self.assertEqual(
            said, ["250 2.0.0", "552 5.3.4", "503 5.5.1", "250 2.0.0", "250 2.0.0"]
        )

    def test_saidBeforeItHasCome(self) -> None:
        conversation = Conversation(factoryWith(maxSize=100))
        conversation.say(EHLO)
        conversation.say(ENVELOPE + b"BDAT 101 LAST\r\n")
        self.assertEqual(codes(conversation.heard())[-1], "552 5.3.4")

    def test_endless(self) -> None:
        """A chunk that is thrown away is so only up to a bound."""
        conversation = Conversation(factoryWith(maxSize=100))
        conversation.say(EHLO)
        conversation.say(ENVELOPE + b"BDAT 999999999999999999 LAST\r\n")
        for _ in range(40):
            conversation.say(b"x" * 50_000)
        self.assertEqual(codes(conversation.heard())[4:], ["552 5.3.4", "421 4.7.0"])
        self.assertTrue(conversation.transcript.disconnecting)

    def test_malformed(self) -> None:
        """Where it ends is not known: whatever is no command ends it all."""
        for argument in (b"", b" -1", b" 1x", b" 1 FOO", b" %d" % 2**64, b" 1 LAST x"):
            bad = b"BDAT" + argument + b"\r\n"
            self.assertEqual(sent(bad + b"ab\r\n"), ["501 5.5.4", "421 4.7.0"], bad)
            self.assertEqual(
                sent(bad + b"RSET\r\nNOOP\r\n"),
                ["501 5.5.4", "250 2.0.0", "250 2.0.0"],
            )
            self.assertEqual(sent(bad + b"x" * 20_000), ["501 5.5.4", "421 4.7.0"], bad)

    def test_longLine(self) -> None:
        """A line too long for a command says how many octets follow all the same."""
        line = b"BDAT 6" + b" " * 600 + b"LAST\r\n"
        self.assertEqual(sent(line + b"QUIT\r\nNOOP\r\n"), ["250 2.0.0"] * 2)

    def test_lineThatIsTooLongForAny(self) -> None:
        """It may have been a BDAT: what follows is its octets, or RSET."""
        line = b"BDAT 6" + b" " * 20_000 + b"LAST\r\n"
        self.assertEqual(sent(line + b"NOOP\r\n"), ["500 5.5.2", "421 4.7.0"])
        said = ["500 5.5.2", "250 2.0.0", "503 5.5.1"]
        self.assertEqual(sent(line + b"RSET\r\nDATA\r\n"), said)
