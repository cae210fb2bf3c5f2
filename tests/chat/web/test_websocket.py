"""L{protocols.chat.web.websocket}: lines over WebSockets (RFC 6455)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.files import PageFile
from protocols.chat.web.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MAX_MESSAGE,
    PING,
    PONG,
    TEXT,
)
from protocols.chat.web.websocket import CONTROL_BURST
from protocols.testing import everySplit
from tests.chat.web.browsers import (
    Browser,
    EchoingFactory,
    SilentFactory,
    closed,
    factoryFor,
    framesIn,
    masked,
    opening,
    text,
)

NORMAL = masked(CLOSE, b"\x03\xe8")


class OpenedTests(SynchronousTestCase):
    def test_response(self) -> None:
        browser = Browser()
        self.assertTrue(browser.response.startswith(b"HTTP/1.1 101 "))
        self.assertEqual(browser.greeting, [(TEXT, b"hello")])

    def test_atThePagesPathToo(self) -> None:
        browser = Browser()
        other = everySplit(factoryFor, opening("/"))
        self.assertTrue(other.written.startswith(browser.response))

    def test_nowhereElse(self) -> None:
        written = everySplit(factoryFor, opening("/a.js")).written
        self.assertTrue(written.startswith(b"HTTP/1.1 200 "))

    def test_refused(self) -> None:
        for fields, status in (
            ({"Origin": "https://evil.test"}, b"403"),
            ({"Sec_WebSocket_Version": "12"}, b"426"),
            ({"Sec_WebSocket_Key": ""}, b"400"),
            ({"Upgrade": ""}, b"426"),
        ):
            said = everySplit(factoryFor, opening(**fields))
            self.assertEqual(said.written[9:12], status)
            self.assertTrue(said.disconnecting)
        written = everySplit(factoryFor, opening(Sec_WebSocket_Version="12")).written
        self.assertIn(b"\r\nSec-WebSocket-Version: 13\r\n", written)

    def test_noPlace(self) -> None:
        class Full(Factory):
            def buildProtocol(self, addr: Any) -> None:
                return None

        said = everySplit(lambda: factoryFor(Full()), opening())
        self.assertEqual((said.written[9:12], said.disconnecting), (b"503", True))

    def test_afterAPage(self) -> None:
        """A browser may open it on the connection that brought the page."""
        said = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + opening() + text("x")
        written = everySplit(factoryFor, said).written
        self.assertTrue(written.endswith(b"\x81\x0ayou said x"))

    def test_theClockIsHandedOn(self) -> None:
        browser = Browser()
        self.assertIs(browser.inner.factory.clock, browser.clock)

    def test_addresses(self) -> None:
        browser = Browser()
        transport = browser.inner.transport
        self.assertEqual(transport.getPeer(), browser.transport.getPeer())
        self.assertEqual(transport.getHost(), browser.transport.getHost())


class TalkTests(SynchronousTestCase):
    def test_messages(self) -> None:
        said = opening() + text("a") + masked(TEXT, b"b", last=False)
        said += masked(PING, b"?") + masked(CONTINUATION, "é".encode()) + text("bye")
        written = everySplit(factoryFor, said + NORMAL).written
        self.assertEqual(
            framesIn(written.partition(b"\r\n\r\n")[2]),
            [
                (TEXT, b"hello"),
                (TEXT, b"you said a"),
                (PONG, b"?"),
                (TEXT, "you said bé".encode()),
                (TEXT, b"goodbye"),
                closed(1000),
            ],
        )

    def test_binary(self) -> None:
        browser = Browser(Sec_WebSocket_Protocol="binary.ircv3.net")
        browser.say(masked(BINARY, b"caf\xe9"))
        self.assertEqual(browser.frames(), [(BINARY, b"you said caf\xe9")])

    def test_octetsThatAreNoText(self) -> None:
        """Taken in binary messages always; given out as the subprotocol has it."""
        browser = Browser()
        browser.say(masked(BINARY, b"caf\xe9"))
        self.assertEqual(browser.frames(), [(TEXT, "you said caf\ufffd".encode())])

    def test_noSubprotocol(self) -> None:
        self.assertEqual(
            Browser(Sec_WebSocket_Protocol="").greeting, [(TEXT, b"hello")]
        )

    def test_lineEndsAreForgiven(self) -> None:
        browser = Browser()
        browser.say(text("a\r\n") + text("b\n"))
        self.assertEqual(
            [said for _, said in browser.frames()], [b"you said a", b"you said b"]
        )

    def test_aSegmentIsHandedOverAtOnce(self) -> None:
        browser = Browser(factoryFor(SilentFactory()))
        browser.say(text("a") + text("") + text("b"))
        self.assertEqual(browser.inner.got, [b"a\r\n\r\nb\r\n"])

    def test_halfALine(self) -> None:
        """One message is one line, however it was written."""
        browser = Browser(factoryFor(SilentFactory()))
        transport = browser.inner.transport
        transport.write(b"a\r\nb")
        self.assertEqual(browser.frames(), [(TEXT, b"a")])
        transport.writeSequence([b"c\r", b"\n", b"d\r\n"])
        self.assertEqual(browser.frames(), [(TEXT, b"bc"), (TEXT, b"d")])
        transport.write(b"\r\n")
        self.assertEqual(browser.heard(), b"")

    def test_aHookThatTakesItsTime(self) -> None:
        """What comes meanwhile waits, and is not read without end."""
        factory = EchoingFactory()
        waiting: Deferred[None] = Deferred()
        factory.waits.append(waiting)
        browser = Browser(factoryFor(factory))
        browser.say(text("wait") + text("a"))
        browser.say(text("b"))
        browser.say(text("c"))
        self.assertEqual((browser.frames(), browser.transport.reading), ([], False))
        browser.do(lambda: waiting.callback(None))
        self.assertEqual(len(browser.frames()), 3)

    def test_readWhileTheHandshakeWaited(self) -> None:
        """Reading that was paused for the page goes on for the WebSocket."""
        factory = factoryFor()
        factory.files["/"] = PageFile.of("index.html", b"x" * 100_000)
        browser = Browser.__new__(Browser)
        super(Browser, browser).__init__(factory)
        browser.transport.deliver(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        browser.transport.deliver(opening())
        self.assertFalse(browser.transport.reading)
        browser.heard()
        browser.say(text("x"))
        self.assertTrue(browser.heard().endswith(b"you said x"))


class FaultTests(SynchronousTestCase):
    def test_faults(self) -> None:
        for octets, code in (
            (b"\x81\x01x", 1002),
            (masked(TEXT, b"x", reserved=0x40), 1002),
            (masked(TEXT, b"\xff"), 1007),
            (masked(TEXT, b"x" * (MAX_MESSAGE + 1)), 1009),
            (masked(CLOSE, b"\x00\x01"), 1002),
        ):
            said = everySplit(factoryFor, opening() + text("a") + octets + text("b"))
            frames = framesIn(said.written.partition(b"\r\n\r\n")[2])
            self.assertEqual(frames[1], (TEXT, b"you said a"))
            self.assertEqual(frames[2][1][:2], code.to_bytes(2, "big"))
            self.assertEqual((len(frames), said.disconnecting), (3, True))

    def test_theProtocolIsTold(self) -> None:
        browser = Browser()
        browser.say(b"\x81\x01x")
        self.assertEqual(len(browser.factory.inner.lost), 1)
        browser.inner.transport.write(b"late\r\n")
        self.assertEqual(browser.clock.getDelayedCalls(), [])

    def test_pingFlood(self) -> None:
        browser = Browser()
        most = int(CONTROL_BURST)
        browser.say(masked(PING) * most)
        self.assertEqual(browser.frames(), [(PONG, b"")] * most)
        browser.advance(1)
        browser.say(masked(PING) + masked(PONG) + masked(PING))
        answer, end = browser.frames()
        self.assertEqual((answer, end[1][:2]), ((PONG, b""), b"\x03\xf0"))
        self.assertTrue(browser.transport.disconnecting)

    def test_aHookThatFails(self) -> None:
        browser = Browser()
        browser.say(text("fault"))
        self.assertEqual(browser.frames(), [(TEXT, b"oh")])
