"""L{protocols.guard}: limits of time, and the drain."""

from __future__ import annotations

from twisted.logger import capturedLogs

from protocols.guard import Limits
from protocols.guarded import CLOSING_TIME, QUIET
from tests.guarding import Failing, GuardTestCase, Plain, Polite


class TimeTests(GuardTestCase):
    protocol = Polite
    limits = Limits(idleTimeout=30, lifetime=100, acceptRate=0)

    def test_idle(self) -> None:
        proto, transport = self.connect()
        self.clock.pump([1] * 29)
        self.assertEqual(transport.value(), b"")
        self.clock.pump([1] * 2)
        self.assertEqual(transport.value(), b"idle\r\n")
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.counters["timedOut.idle"], 1)
        with capturedLogs() as events:
            self.lose(proto)
        self.assertEqual(events[0]["reason"], "idle")

    def test_talkingPutsItOff(self) -> None:
        proto, transport = self.connect()
        for _ in range(4):
            self.clock.pump([1] * 20)
            proto.dataReceived(b"x")
        self.assertFalse(transport.disconnecting)

    def test_lifetime(self) -> None:
        proto, _ = self.connect()
        for _ in range(102):
            proto.dataReceived(b"x")
            self.clock.advance(1)
        self.assertEqual(self.counters["timedOut.lifetime"], 1)

    def test_whoDoesNotGoIsAborted(self) -> None:
        proto, transport = self.connect()
        self.clock.pump([1] * 31)
        transport.disconnecting = False
        self.clock.pump([1] * int(CLOSING_TIME + 2))
        self.assertTrue(transport.disconnected or transport.disconnecting)
        self.lose(proto)

    def test_withoutAHook(self) -> None:
        self.factory.protocol = Plain
        _, transport = self.connect()
        self.clock.pump([1] * 31)
        self.assertTrue(transport.disconnecting)

    def test_hookThatFails(self) -> None:
        self.factory.protocol = Failing
        _, transport = self.connect()
        self.clock.pump([1] * 31)
        self.assertTrue(transport.disconnected or transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_shorterLimitsHoldAtOnce(self) -> None:
        _, transport = self.connect()
        self.clock.advance(10)
        self.guard.setLimits(Limits(idleTimeout=5))
        self.clock.pump([1] * 2)
        self.assertTrue(transport.disconnecting)

    def test_noTimerForNobody(self) -> None:
        proto, _ = self.connect()
        self.lose(proto)
        self.clock.pump([1] * 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class DrainTests(GuardTestCase):
    def test_nobodyThere(self) -> None:
        self.successResultOf(self.guard.drain())

    def test_whoComesIsRefused(self) -> None:
        self.guard.drain()
        self.factory.lastWord = lambda reason: reason.encode()
        self.assertEqual(self.connect()[1].value(), b"draining")

    def test_quietConnection(self) -> None:
        proto, transport = self.connect()
        self.clock.advance(QUIET)
        drained = self.guard.drain()
        self.assertTrue(transport.disconnecting)
        self.assertNoResult(drained)
        self.lose(proto)
        self.successResultOf(drained)

    def test_busyConnection(self) -> None:
        """It is left alone for as long as something comes or goes."""
        proto, transport = self.connect()
        self.guard.drain()
        for _ in range(20):
            proto.dataReceived(b"x")
            self.clock.advance(QUIET / 2)
        self.assertFalse(transport.disconnecting)
        self.clock.pump([0.05] * 12)
        self.assertTrue(transport.disconnecting)

    def test_farewell(self) -> None:
        self.factory.protocol = Polite
        proto, transport = self.connect()
        self.guard.drain()
        self.clock.pump([0.05] * 30)
        self.assertEqual(transport.value(), b"stopping\r\n")
        self.lose(proto)
        self.clock.advance(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_abort(self) -> None:
        _, transport = self.connect()
        drained = self.guard.drain()
        refused, refusedTransport = self.connect()
        self.guard.refusals.add(refused)
        self.guard.abort()
        for each in (transport, refusedTransport):
            self.assertTrue(each.disconnected or each.disconnecting)
        self.assertNoResult(drained)
