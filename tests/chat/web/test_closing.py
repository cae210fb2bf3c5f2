"""L{protocols.chat.web.closing}: how a WebSocket ends (RFC 6455, section 7)."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.closing import CLOSE_TIME
from protocols.chat.web.frames import CLOSE, PING, TEXT
from tests.chat.web.browsers import (
    Browser,
    EchoingFactory,
    SilentFactory,
    closed,
    factoryFor,
    masked,
    text,
)

NORMAL = masked(CLOSE, b"\x03\xe8")


class ClosedTests(SynchronousTestCase):
    def test_byTheBrowser(self) -> None:
        """Section 5.5.1: its code comes back, behind what was still to be said."""
        browser = Browser()
        browser.say(text("a") + masked(CLOSE, b"\x0f\xa0why") + text("late"))
        self.assertEqual(browser.frames(), [(TEXT, b"you said a"), closed(4000)])
        lost = browser.factory.inner.lost
        self.assertEqual([failure.type for failure in lost], [ConnectionDone])

    def test_withoutACode(self) -> None:
        browser = Browser()
        browser.say(masked(CLOSE))
        self.assertEqual(browser.frames(), [(CLOSE, b"")])

    def test_whileAHookTakesItsTime(self) -> None:
        """There is time for an answer, but not for ever."""
        for seconds, end in ((CLOSE_TIME - 1, False), (CLOSE_TIME, True)):
            factory = EchoingFactory()
            factory.waits.append(Deferred())
            browser = Browser(factoryFor(factory))
            browser.say(text("wait") + NORMAL)
            browser.say(text("late"))
            browser.advance(seconds)
            self.assertEqual(browser.frames(), [closed(1000)] * end)
            self.assertEqual(browser.transport.disconnected, end)

    def test_ofAPlainProtocol(self) -> None:
        browser = Browser(factoryFor(SilentFactory()))
        browser.say(NORMAL + NORMAL)
        self.assertEqual(browser.frames(), [closed(1000)])
        self.assertTrue(browser.transport.disconnected)

    def test_byTheProtocol(self) -> None:
        """Section 7.1.1: the connection ends when the browser has answered."""
        browser = Browser()
        browser.say(text("bye"))
        self.assertEqual(browser.frames(), [(TEXT, b"goodbye"), closed(1000)])
        browser.say(text("late") + masked(PING))
        browser.inner.transport.resumeProducing()
        browser.inner.transport.write(b"late\r\n")
        self.assertFalse(browser.transport.disconnecting)
        browser.say(NORMAL)
        self.assertEqual(browser.heard(), b"")
        self.assertTrue(browser.transport.disconnected)

    def test_noAnswer(self) -> None:
        browser = Browser()
        browser.say(text("bye"))
        browser.advance(CLOSE_TIME - 1)
        self.assertFalse(browser.transport.disconnected)
        browser.advance(1)
        self.assertTrue(browser.transport.disconnected)
        self.assertEqual(browser.clock.getDelayedCalls(), [])

    def test_nonsenseForAnAnswer(self) -> None:
        browser = Browser()
        browser.say(text("bye"))
        browser.say(b"\xff\xff")
        self.assertEqual(len(browser.frames()), 2)
        self.assertTrue(browser.transport.disconnected)

    def test_finWithoutAClose(self) -> None:
        browser = Browser()
        browser.end()
        self.assertTrue(browser.transport.disconnected)
        self.assertEqual(browser.heard(), b"")

    def test_reset(self) -> None:
        browser = Browser()
        browser.reset()
        self.assertEqual(len(browser.factory.inner.lost), 1)
        self.assertEqual(browser.clock.getDelayedCalls(), [])

    def test_theHookOfADrain(self) -> None:
        """Section 7.4.1: 1001, a server goes away; the page comes back."""
        for hook in ("drainRequested", "idledOut"):
            browser = Browser()
            browser.do(getattr(browser.protocol, hook))
            self.assertEqual(browser.frames(), [closed(1001)])

    def test_aProtocolWithItsOwnHook(self) -> None:
        browser = Browser()
        inner = browser.inner
        inner.drainRequested = lambda: (inner.sendLine(b"ends"), inner.loseConnection())
        browser.do(browser.protocol.drainRequested)
        self.assertEqual(browser.frames(), [(TEXT, b"ends"), closed(1001)])

    def test_asSomebodysProducer(self) -> None:
        browser = Browser()
        browser.do(browser.inner.transport.stopProducing)
        self.assertEqual(browser.frames(), [closed(1000)])

    def test_abort(self) -> None:
        browser = Browser()
        browser.do(browser.inner.transport.abortConnection)
        self.assertTrue(browser.transport.aborted)

    def test_theRestOfALine(self) -> None:
        """What has no end was meant to be read all the same."""
        browser = Browser()
        browser.inner.transport.write(b"one\r\ntwo")
        browser.do(browser.inner.loseConnection)
        words = [said for _, said in browser.frames()[:2]]
        self.assertEqual(words, [b"one", b"two"])
