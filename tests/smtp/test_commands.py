"""The commands in the order of RFC 5321, and what each is answered."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.policy import MAX_ERRORS, MAX_JUNK, MAX_SKIPPED
from protocols.testing import Conversation, converse, everySplit
from tests.smtp.conversations import (
    DATA,
    EHLO,
    ENVELOPE,
    answers,
    codes,
    factoryWith,
    inData,
    replies,
)

MAIL = b"MAIL FROM:<a@x.example>\r\n"


class SessionTests(SynchronousTestCase):
    """Sections 3.1 to 3.8, and 4.2.4."""

    def test_greeting(self) -> None:
        self.assertEqual(
            replies(converse(factoryWith(), []).written), ["220 mx.example ESMTP"]
        )

    def test_aWholeSession(self) -> None:
        """The same in every cut, with commands pipelined (RFC 2920)."""
        data = b"MAIL FROM:<a@x.example>\r\nNOOP\r\nRSET\r\nVRFY a\r\nHELP\r\nQUIT\r\n"
        written = everySplit(factoryWith, b"HELO c\r\n", end=True).written
        self.assertEqual(codes(written), ["220", "250"])
        self.assertEqual(
            answers(b"HELO c\r\n", data)[1:],
            [
                "250 2.1.0",
                "250 2.0.0",
                "250 2.0.0",
                "252 2.1.5",
                "214 2.0.0",
                "221 2.0.0",
            ],
        )

    def test_ehlo(self) -> None:
        written = converse(factoryWith(maxSize=1000), [EHLO]).written
        offered = [line[4:] for line in written.decode().split("\r\n")[1:-1]]
        self.assertEqual(
            offered,
            [
                "mx.example",
                "PIPELINING",
                "SIZE 1000",
                "8BITMIME",
                "SMTPUTF8",
                "ENHANCEDSTATUSCODES",
                "CHUNKING",
                "BINARYMIME",
                "DSN",
                "LIMITS RCPTMAX=1000",
                "HELP",
            ],
        )

    def test_quit(self) -> None:
        transcript = converse(factoryWith(), [b"quit\r\nNOOP\r\n"])
        self.assertEqual(codes(transcript.written), ["220", "221 2.0.0"])
        self.assertTrue(transcript.disconnecting)

    def test_finAfterACommand(self) -> None:
        self.assertEqual(answers(b"NOOP\r\n", end=True), ["250 2.0.0"])


class SyntaxTests(SynchronousTestCase):
    """Sections 2.3.8, 2.4, 4.1.1 and 4.2.4: one line, one reply."""

    def test_lines(self) -> None:
        for line, said in {
            b"\xff\xfe": "500 5.5.2",
            b"": "500 5.5.2",
            b" NOOP": "500 5.5.2",
            b"NO-OP": "500 5.5.2",
            b"FOO": "500 5.5.1",
            b"noop": "250 2.0.0",
            b"NOOP \xc3\xa9": "500 5.5.2",
            b"MAIL FROM:<a@x>\rRCPT TO:<b@x>": "501 5.5.2",
            b"MAIL FROM:<a@x>\nRCPT TO:<b@x>": "501 5.5.2",
            b"NOOP \0": "501 5.5.2",
            b"HELO": "501 5.5.4",
            b"EHLO": "501 5.5.4",
            b"EHLO  ": "501 5.5.4",
            b"RSET x": "501 5.5.4",
            b"DATA x": "501 5.5.4",
            b"QUIT x": "501 5.5.4",
            b"VRFY": "501 5.5.4",
            b"EXPN list": "502 5.5.1",
            b"AUTH PLAIN": "502 5.5.1",
            b"STARTTLS": "502 5.5.1",
        }.items():
            transcript = converse(factoryWith(), [line + b"\r\n", b"NOOP\r\n"])
            self.assertEqual(codes(transcript.written)[1:], [said, "250 2.0.0"], line)
            self.assertFalse(transcript.disconnecting)

    def test_otherPeoplesProtocols(self) -> None:
        """Hang up before reading on: what follows was not meant as commands."""
        for line in (b"GET / HTTP/1.1", b"POST / HTTP/1.1", b"CONNECT mx:25 HTTP/1.1"):
            transcript = converse(factoryWith(), [line + b"\r\n" + EHLO])
            self.assertEqual(codes(transcript.written)[1:], ["554 5.5.1"])
            self.assertTrue(transcript.disconnecting)

    def test_whoseOctetsAreNotOurs(self) -> None:
        """What follows BURL must not be taken for commands."""
        transcript = converse(factoryWith(), [b"BURL imap://x LAST\r\nQUIT\r\n"])
        self.assertEqual(codes(transcript.written)[1:], ["502 5.5.1"])
        self.assertTrue(transcript.disconnecting)

    def test_proxiesThatAreNotOurs(self) -> None:
        transcript = converse(
            factoryWith(), [b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"]
        )
        self.assertEqual(codes(transcript.written)[1:], ["554 5.5.1"])
        self.assertTrue(transcript.disconnecting)
        self.assertEqual(answers(b"XCLIENT ADDR=192.0.2.1\r\n"), ["550 5.7.0"])


class LengthTests(SynchronousTestCase):
    """Section 4.5.3.1.4."""

    def test_command(self) -> None:
        for octets, said in {512: "250 2.0.0", 513: "500 5.5.2"}.items():
            line = b"NOOP ".ljust(octets - 2, b"x") + b"\r\n"
            self.assertEqual(answers(line + b"RSET\r\n"), [said, "250 2.0.0"])

    def test_commandWithParameters(self) -> None:
        for octets, said in {1000: "555 5.5.4", 1001: "500 5.5.2"}.items():
            line = (MAIL[:-2] + b" X=").ljust(octets - 2, b"x") + b"\r\n"
            self.assertEqual(answers(EHLO, line)[1:], [said])

    def test_longLineIsSwallowedToItsEnd(self) -> None:
        written = everySplit(factoryWith, b"x" * 5000 + b"\r\nNOOP\r\n").written
        self.assertEqual(codes(written)[1:], ["500 5.5.2", "250 2.0.0"])

    def test_noEndAtAll(self) -> None:
        """One reply, then we hang up; meanwhile next to nothing is kept."""
        conversation = Conversation(factoryWith())
        for _ in range(300):
            conversation.say(b"x" * 1000)
        self.assertEqual(codes(conversation.heard())[1:], ["500 5.5.2"])
        self.assertTrue(conversation.transcript.disconnecting)
        self.assertLess(MAX_SKIPPED, 300_000)


class OrderTests(SynchronousTestCase):
    """Section 4.1.4, and 3.3."""

    def test_outOfOrder(self) -> None:
        for segments, said in (
            ([MAIL], "503 5.5.1"),
            ([b"RCPT TO:<b@y.example>\r\n"], "503 5.5.1"),
            ([DATA], "503 5.5.1"),
            ([EHLO, b"RCPT TO:<b@y.example>\r\n"], "503 5.5.1"),
            ([EHLO, DATA], "503 5.5.1"),
            ([EHLO, MAIL, DATA], "503 5.5.1"),
            ([EHLO, MAIL, MAIL], "503 5.5.1"),
            ([EHLO, ENVELOPE, MAIL], "503 5.5.1"),
            ([EHLO, ENVELOPE, b"RSET\r\n", DATA], "503 5.5.1"),
            ([EHLO, ENVELOPE, EHLO, DATA], "503 5.5.1"),
            ([EHLO, MAIL, b"NOOP\r\n", b"RCPT TO:<b@y.example>\r\n"], "250 2.1.5"),
            ([b"RSET\r\n", MAIL], "503 5.5.1"),
        ):
            self.assertEqual(answers(*segments)[-1], said, segments)

    def test_spokenTooSoon(self) -> None:
        """RFC 2920, section 3.1: EHLO and DATA are the last of their group."""
        for segments in ([EHLO + MAIL], [EHLO, ENVELOPE + DATA + b"x\r\n.\r\n"]):
            transcript = converse(factoryWith(), segments)
            self.assertEqual(codes(transcript.written)[-1], "554 5.5.0")
            self.assertTrue(transcript.disconnecting)

    def test_recordingCatcherIsPatient(self) -> None:
        factory = factoryWith(lineEndings="record")
        said = answers(EHLO + ENVELOPE + DATA + b"x\r\n.\r\n", factory=factory)
        self.assertEqual(said, ["250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0"])


class EnvelopeTests(SynchronousTestCase):
    """Sections 4.1.1.2, 4.1.1.3 and 4.1.1.11; RFC 1870; RFC 6531."""

    def mail(self, argument: str) -> str:
        return answers(EHLO, f"MAIL {argument}\r\n".encode())[-1]

    def rcpt(self, argument: str) -> str:
        return answers(EHLO, MAIL, f"RCPT {argument}\r\n".encode())[-1]

    def test_mail(self) -> None:
        for argument, said in {
            "FROM:<a@x>": "250 2.1.0",
            "from:<a@x>": "250 2.1.0",
            "FROM:<>": "250 2.1.0",
            'FROM:<"a b"@x>': "250 2.1.0",
            "FROM:<a@[IPv6:::1]>": "250 2.1.0",
            "FROM:<@r.example:a@x>": "250 2.1.0",
            "FROM:a@x": "501 5.1.7",
            "FROM: <a@x>": "501 5.1.7",
            "TO:<a@x>": "501 5.1.7",
            "FROM:<a@x> FOO=1": "555 5.5.4",
            "FROM:<a@x> SIZE=1000": "250 2.1.0",
            "FROM:<a@x> SIZE=999999999999": "552 5.3.4",
            "FROM:<a@x> SIZE=x": "501 5.5.4",
            "FROM:<a@x> SIZE": "501 5.5.4",
            "FROM:<a@x> SIZE=1 SIZE=1": "501 5.5.4",
            "FROM:<a@x> BODY=8BITMIME": "250 2.1.0",
            "FROM:<a@x> body=7bit": "250 2.1.0",
            "FROM:<a@x> BODY=9BIT": "501 5.5.4",
            "FROM:<é@x>": "553 5.6.7",
            "FROM:<é@x> SMTPUTF8": "250 2.1.0",
            "FROM:<é@x> SMTPUTF8=1": "501 5.5.4",
            "FROM:<a@x> É": "501 5.5.4",
        }.items():
            self.assertEqual(self.mail(argument), said, argument)

    def test_rcpt(self) -> None:
        for argument, said in {
            "TO:<b@y>": "250 2.1.5",
            "TO:<Postmaster>": "250 2.1.5",
            "TO:<>": "501 5.1.3",
            "TO:<b>": "501 5.1.3",
            "TO:<b@y> NOTIFY=NEVER": "250 2.1.5",
            "TO:<b@y> SIZE=1": "555 5.5.4",
            "TO:<é@y>": "553 5.6.7",
        }.items():
            self.assertEqual(self.rcpt(argument), said, argument)

    def test_recordingCatcherIsLenient(self) -> None:
        for argument in ("FROM:a@x", "FROM: <a@x>", "FROM:"):
            factory: Any = factoryWith(lineEndings="record")
            said = answers(EHLO, f"MAIL {argument}\r\n".encode(), factory=factory)
            self.assertEqual(said[-1], "250 2.1.0", argument)

    def test_nonASCIIRecipientUnderSMTPUTF8(self) -> None:
        said = answers(
            EHLO, b"MAIL FROM:<a@x> SMTPUTF8\r\n", "RCPT TO:<é@y>\r\n".encode()
        )
        self.assertEqual(said[-1], "250 2.1.5")

    def test_manyRecipients(self) -> None:
        """Section 4.5.3.1.10: the rest is refused for now, and the mail goes on."""
        one = b"RCPT TO:<b@y.example>\r\n"
        said = answers(EHLO, MAIL, one * 1000, one * 2, DATA)
        self.assertEqual(said[2:1002], ["250 2.1.5"] * 1000)
        self.assertEqual(said[1002:], ["452 4.5.3", "452 4.5.3", "354"])


class BudgetTests(SynchronousTestCase):
    """Section 3.8; what Postfix calls hard errors and junk commands."""

    def test_errors(self) -> None:
        said = answers(b"FOO\r\n" * 30)
        self.assertEqual(said, ["500 5.5.1"] * MAX_ERRORS + ["421 4.7.0"])

    def test_lastWordNamesTheHost(self) -> None:
        """Section 4.2.3."""
        written = converse(factoryWith(), [b"FOO\r\n" * 30]).written
        self.assertTrue(replies(written)[-1].startswith("421 4.7.0 mx.example "))

    def test_junk(self) -> None:
        said = answers(b"NOOP\r\n" * 300)
        self.assertEqual(said, ["250 2.0.0"] * MAX_JUNK + ["421 4.7.0"])

    def test_mailMakesUpForIt(self) -> None:
        conversation = inData()
        conversation.say(b".\r\n" + b"NOOP\r\n" * MAX_JUNK)
        self.assertEqual(codes(conversation.heard()), ["250 2.0.0"] * (MAX_JUNK + 1))

    def test_whoDoesNotReadIsNotListenedTo(self) -> None:
        """100,000 HELPs without reading cost a bounded buffer."""
        conversation = Conversation(factoryWith())
        conversation.transport.read = lambda size=None: b""  # type: ignore[method-assign]
        conversation.transport.deliver(b"HELP\r\n" * 100_000)
        self.assertLess(conversation.transport.unread, 128 * 1024)
