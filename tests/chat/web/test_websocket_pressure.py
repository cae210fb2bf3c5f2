"""L{protocols.chat.web.websocket}: who is quiet, and who does not read."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.closing import CLOSE_TIME
from protocols.chat.web.frames import PING, PONG, TEXT
from protocols.chat.web.keepalive import GONE_AFTER, PING_AFTER
from protocols.testing import HIGH_WATER
from tests.chat.web.browsers import Browser, framesIn, masked, text

LARGE = b"x" * (HIGH_WATER + 1) + b"\r\n"


def _withMuchToRead() -> Browser:
    """One that has stopped to read."""
    browser = Browser()
    browser.transport.read(0)
    browser.inner.transport.write(LARGE)
    return browser


class QuietTests(SynchronousTestCase):
    def test_silence(self) -> None:
        browser = Browser()
        browser.advance(PING_AFTER)
        self.assertEqual(browser.frames(), [(PING, b"")])
        browser.advance(GONE_AFTER - PING_AFTER)
        self.assertTrue(browser.transport.aborted)
        self.assertEqual(browser.clock.getDelayedCalls(), [])

    def test_whoAnswersStays(self) -> None:
        browser = Browser()
        for _ in range(20):
            browser.advance(PING_AFTER)
            self.assertEqual(browser.frames(), [(PING, b"")])
            browser.say(masked(PONG))
        self.assertFalse(browser.transport.disconnecting)

    def test_whoIsNotHeardIsNotQuiet(self) -> None:
        """While reading is paused, silence is ours."""
        browser = Browser()
        browser.inner.transport.pauseProducing()
        browser.advance(1000)
        self.assertEqual(browser.heard(), b"")
        browser.do(browser.inner.transport.resumeProducing)
        browser.advance(PING_AFTER)
        self.assertEqual(browser.frames(), [(PING, b"")])


class UnreadTests(SynchronousTestCase):
    def test_theProtocolIsTold(self) -> None:
        """It hears no more until what waits has been read."""
        browser = _withMuchToRead()
        browser.transport.deliver(text("a"))
        browser.transport.deliver(text("b"))
        self.assertFalse(browser.transport.reading)
        first, *others = framesIn(browser.heard())
        self.assertEqual(len(first[1]), HIGH_WATER + 1)
        self.assertEqual(others, [(TEXT, b"you said a"), (TEXT, b"you said b")])

    def test_noAnswersToPingsAndNoPings(self) -> None:
        """They would wait as well."""
        browser = _withMuchToRead()
        unread = browser.transport.unread
        browser.transport.deliver(masked(PING))
        browser.clock.advance(PING_AFTER)
        self.assertEqual(browser.transport.unread, unread)
        browser.heard()
        browser.say(masked(PING))
        self.assertEqual(browser.frames(), [(PONG, b"")])

    def test_theEndOfOneWhoDoesNotRead(self) -> None:
        """The close waits behind the rest, but not for ever."""
        browser = _withMuchToRead()
        browser.inner.loseConnection()
        for _ in range(2):
            browser.transport.turn()
            self.assertFalse(browser.transport.disconnected)
            browser.clock.advance(CLOSE_TIME)
        browser.transport.turn()
        self.assertTrue(browser.transport.aborted)

    def test_gone(self) -> None:
        """A producer is told that nobody will read."""
        browser = Browser()
        told: list[bool] = []
        browser.inner.stopProducing = lambda: told.append(True)
        browser.reset()
        self.assertEqual(told, [True])
