"""L{protocols.chat.web.keepalive}."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.keepalive import GONE_AFTER, PING_AFTER, Keepalive


class KeepaliveTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.said: list[tuple[str, float]] = []
        self.keepalive = Keepalive(
            self.clock, lambda: self._note("ping"), lambda: self._note("gone")
        )
        self.keepalive.start()

    def _note(self, what: str) -> None:
        self.said.append((what, self.clock.seconds()))

    def pass_(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)

    def test_silence(self) -> None:
        self.pass_(1000)
        self.assertEqual(self.said, [("ping", PING_AFTER), ("gone", GONE_AFTER)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_anAnswer(self) -> None:
        self.pass_(120)
        self.keepalive.heard()
        self.pass_(149)
        self.assertEqual(self.said, [("ping", 90.0), ("ping", 210.0)])
        self.pass_(1)
        self.assertEqual(self.said[2:], [("gone", 270.0)])

    def test_whoTalksIsNotAsked(self) -> None:
        for _ in range(100):
            self.pass_(50)
            self.keepalive.heard()
        self.assertEqual(self.said, [])

    def test_oneTimer(self) -> None:
        for _ in range(10):
            self.keepalive.start()
            self.keepalive.heard()
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_stopped(self) -> None:
        self.keepalive.stop()
        self.keepalive.stop()
        self.pass_(1000)
        self.assertEqual(self.said, [])
        self.keepalive.start()
        self.pass_(90)
        self.assertEqual(self.said, [("ping", 1090.0)])

    def test_oneTimerForAll(self) -> None:
        others = [Keepalive(self.clock, lambda: None, lambda: None) for _ in range(9)]
        for other in others:
            other.start()
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        for each in (self.keepalive, *others):
            each.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stoppedWhileAnotherIsAsked(self) -> None:
        other = Keepalive(self.clock, lambda: self._note("other"), lambda: None)
        first = Keepalive(self.clock, other.stop, lambda: None)
        first.start()
        other.start()
        self.keepalive.stop()
        self.pass_(1000)
        self.assertEqual(self.said, [])
