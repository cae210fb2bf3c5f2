"""Deliveries of C{twisted.mail}, behind our receiver."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.mail.interfaces import IMessageDelivery, IMessageSMTP
from twisted.mail.smtp import SMTPBadRcpt, SMTPBadSender, SMTPServerError
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.smtp import LMTPProtocol, SMTPFactory
from protocols.smtp.twistedmail import PORTION, MessageDelivery
from protocols.testing import Conversation
from tests.smtp.conversations import DATA, EHLO, ENVELOPE, codes

TWO = ENVELOPE + b"RCPT TO:<c@z.example>\r\n"


@implementer(IMessageSMTP)
class Lines:
    def __init__(self, kept: list[Any], end: Any) -> None:
        self.lines: list[bytes] = []
        self.kept, self.end = kept, end
        self.lost = False

    def lineReceived(self, line: bytes) -> None:
        if line == b"fail":
            raise KeyError("secret")
        self.lines.append(line)

    def eomReceived(self) -> Deferred[None]:
        self.kept.append(self.lines)
        result: Deferred[None] = self.end()
        return result

    def connectionLost(self) -> None:
        self.lost = True


@implementer(IMessageDelivery)
class Delivery:
    """As somebody wrote it for Twisted's own server."""

    def __init__(self) -> None:
        self.kept: list[list[bytes]] = []
        self.made: list[Lines] = []
        self.ends: dict[bytes, Any] = {}

    def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:
        return b"Received: from %b for %b" % (helo[0], bytes(recipients[0]))

    def validateFrom(self, helo: Any, origin: Any) -> Any:
        if bytes(origin) == b"bad@x.example":
            raise SMTPBadSender(origin)
        return succeed(origin)

    def validateTo(self, user: Any) -> Any:
        address = bytes(user.dest)
        if address == b"nobody@y.example":
            raise SMTPBadRcpt(user)
        end = self.ends.get(address, lambda: succeed(None))

        def make() -> Lines:
            self.made.append(Lines(self.kept, end))
            return self.made[-1]

        return make


class AdapterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.delivery = Delivery()
        adapted = MessageDelivery(self.delivery, self.clock)
        self.factory = SMTPFactory(adapted, clock=self.clock, hostname="mx.example")

    def said(self, *segments: bytes, hello: bytes = EHLO) -> list[str]:
        conversation = Conversation(self.factory, clock=self.clock)
        for segment in (hello, *segments):
            conversation.say(segment)
            for _ in range(8):
                self.clock.advance(0)
                conversation.settle()
        return codes(conversation.heard())[2:]

    def test_message(self) -> None:
        said = self.said(TWO, DATA, b"S: t\r\n\r\n..a\r\n.\r\n")
        self.assertEqual(said[-2:], ["354", "250 2.0.0"])
        for kept, to in zip(self.delivery.kept, (b"b@y", b"c@z"), strict=True):
            received = b"Received: from client.example for %b.example" % to
            self.assertEqual(kept, [received, b"S: t", b"", b".a"])

    def test_refusals(self) -> None:
        self.assertEqual(self.said(b"MAIL FROM:<bad@x.example>\r\n"), ["550 5.0.0"])
        said = self.said(ENVELOPE[:25], b"RCPT TO:<nobody@y.example>\r\n")
        self.assertEqual(said, ["250 2.1.0", "550 5.0.0"])

    def test_oneOfTwoFails(self) -> None:
        """SMTP has one answer; LMTP has one for each (RFC 2033, section 4.2)."""
        busy = SMTPServerError(452, b"full")
        self.delivery.ends[b"c@z.example"] = lambda: fail(busy)
        self.assertEqual(self.said(TWO, DATA, b".\r\n")[-1], "452 4.0.0")
        self.factory.protocol = LMTPProtocol
        said = self.said(TWO, DATA, b".\r\n", hello=b"LHLO c\r\n")
        self.assertEqual(said[-2:], ["250 2.0.0", "452 4.0.0"])

    def test_mistakeOfTheirs(self) -> None:
        said = self.said(ENVELOPE, DATA, b"fail\r\n.\r\n")
        self.assertEqual(said[-1], "451 4.3.0")
        self.assertTrue(self.delivery.made[0].lost)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_everybodyElseHasATurn(self) -> None:
        """A large message is handed over in portions."""
        octets = b"x" * 78 + b"\r\n"
        conversation = Conversation(self.factory, clock=self.clock)
        for segment in (EHLO, ENVELOPE, DATA, octets * 3000 + b".\r\n"):
            conversation.say(segment)
        turns: list[Any] = []
        later = self.clock.callLater
        self.patch(self.clock, "callLater", lambda *a: turns.append(a) or later(*a))
        self.clock.advance(0)
        self.assertGreaterEqual(len(turns), 3000 * 80 // PORTION)
        self.assertEqual(self.delivery.kept[0][1:], [octets[:-2]] * 3000)

    def test_nothingAndNoLastLineEnd(self) -> None:
        said = self.said(ENVELOPE, b"BDAT 4 LAST\r\na\r\nb")
        self.assertEqual(said[-1], "250 2.0.0")
        self.assertEqual(self.delivery.kept[0][1:], [b"a", b"b"])
