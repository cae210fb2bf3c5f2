"""L{protocols.guard} on string transports: who is let in, and how it ends.

Such a transport has no socket, so here the guard stays in between as a wrapper;
what it does when the kernel counts for it is in C{tests/live/test_guard.py}.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.guard import GuardFactory, Limits
from protocols.guarded import CLOSING_TIME, QUIET, reasonOf
from protocols.refusal import LAST_WORD_TIME

NO_LIMITS = Limits(
    maxConnections=0, maxPerPeer=0, idleTimeout=0, lifetime=0, acceptRate=0
)


class Plain(Protocol):
    """Echoes; knows nothing of guards."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)
        self.transport.writeSequence([b"-", b"-"])


class Polite(Plain):
    """Has a word for each occasion."""

    def idledOut(self) -> None:
        self.transport.write(b"idle\r\n")
        self.transport.loseConnection()

    def drainRequested(self) -> None:
        self.transport.write(b"stopping\r\n")
        self.transport.loseConnection()


@implementer(IHalfCloseableProtocol)
class HalfClosing(Plain):
    def connectionMade(self) -> None:
        self.events: list[str] = []

    def readConnectionLost(self) -> None:
        self.events.append("read")

    def writeConnectionLost(self) -> None:
        self.events.append("write")


class Failing(Plain):
    def idledOut(self) -> None:
        raise ValueError("a hook's own mistake")


class GuardTestCase(SynchronousTestCase):
    protocol: Any = Plain
    limits = NO_LIMITS

    def setUp(self) -> None:
        self.clock = Clock()
        self.factory: Any = Factory.forProtocol(self.protocol)
        self.guard = GuardFactory(self.factory, self.limits, clock=self.clock)

    def connect(self, host: str = "192.0.2.1") -> tuple[Any, StringTransport]:
        kind = IPv6Address if ":" in host else IPv4Address
        transport = StringTransport()
        proto: Any = self.guard.buildProtocol(kind("TCP", host, 9))
        proto.makeConnection(transport)
        return proto, transport

    def lose(self, proto: Any, error: Exception | None = None) -> None:
        proto.connectionLost(Failure(error or ConnectionDone()))

    @property
    def counters(self) -> Any:
        return self.guard.metrics.snapshot()["counters"]

    @property
    def gauges(self) -> Any:
        return self.guard.metrics.snapshot()["gauges"]


class CountingTests(GuardTestCase):
    def test_aConnectionsLife(self) -> None:
        proto, transport = self.connect()
        proto.dataReceived(b"abc")
        self.assertEqual(transport.value(), b"abc--")
        self.assertEqual((self.counters["accepted"], self.gauges["open"]), (1, 1))
        self.clock.advance(2)
        with capturedLogs() as events:
            self.lose(proto)
        self.assertEqual(self.gauges["open"], 0)
        self.assertEqual((self.counters["bytesIn"], self.counters["bytesOut"]), (3, 5))
        (event,) = events
        wanted = {
            "event": "connectionEnded",
            "peer": "192.0.2.1",
            "reason": "closed",
            "seconds": 2,
            "bytesIn": 3,
            "bytesOut": 5,
        }
        self.assertEqual({key: event[key] for key in wanted}, wanted)

    def test_octetsOfOpenConnections(self) -> None:
        """Settling twice counts nothing twice."""
        proto, _ = self.connect()
        proto.dataReceived(b"abc")
        self.guard.settle()
        self.guard.settle()
        self.assertEqual(self.counters["bytesIn"], 3)
        self.lose(proto)
        self.assertEqual(self.counters["bytesIn"], 3)

    def test_errorOfOurs(self) -> None:
        proto, _ = self.connect()
        self.lose(proto, ValueError("a bug"))
        self.assertEqual(self.counters["errors"], 1)

    def test_reasons(self) -> None:
        tls = type("Error", (Exception,), {"__module__": "OpenSSL.SSL"})
        for error, reason in (
            (ConnectionDone(), "closed"),
            (ConnectionLost(), "lost"),
            (ConnectionAborted(), "aborted"),
            (tls(), "tls"),
            (KeyError(), "error"),
        ):
            self.assertEqual(reasonOf(Failure(error)), reason)

    def test_peerWithoutAddress(self) -> None:
        proto: Any = self.guard.buildProtocol(UNIXAddress("/tmp/echo.sock"))
        proto.makeConnection(StringTransport())
        with capturedLogs() as events:
            self.lose(proto)
        self.assertEqual(events[0]["peer"], "local")


class HalfCloseTests(GuardTestCase):
    protocol = HalfClosing

    def test_passedOn(self) -> None:
        proto, _ = self.connect()
        self.assertTrue(IHalfCloseableProtocol.providedBy(proto))
        proto.readConnectionLost()
        proto.writeConnectionLost()
        self.assertEqual(proto.wrappedProtocol.events, ["read", "write"])

    def test_onlyForWhoWantsIt(self) -> None:
        self.factory.protocol = Plain
        proto, _ = self.connect()
        self.assertFalse(IHalfCloseableProtocol.providedBy(proto))


class RefusalTests(GuardTestCase):
    limits = Limits(maxConnections=1, acceptRate=0)

    def setUp(self) -> None:
        super().setUp()
        self.factory.lastWord = lambda reason: f"no: {reason}\r\n".encode()

    def test_lastWord(self) -> None:
        self.connect()
        _, transport = self.connect()
        self.assertEqual(transport.value(), b"no: total\r\n")
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.counters["refused.total"], 1)
        self.assertEqual(self.counters["accepted"], 1)

    def test_peerThatStays(self) -> None:
        """It is aborted after a while, and does not count as connected."""
        self.connect()
        proto, transport = self.connect()
        self.clock.advance(LAST_WORD_TIME)
        self.assertTrue(transport.disconnected or transport.disconnecting)
        self.lose(proto)
        self.assertEqual(self.guard.refusals, set())

    def test_nothingOfItIsHeard(self) -> None:
        self.connect()
        proto, transport = self.connect()
        proto.dataReceived(b"let me in")
        proto.readConnectionLost()
        proto.writeConnectionLost()
        self.lose(proto)
        self.assertEqual(transport.value(), b"no: total\r\n")
        self.assertFalse(
            [c for c in self.clock.getDelayedCalls() if c.func == proto.abort]
        )

    def test_withoutAWord(self) -> None:
        del self.factory.lastWord
        self.connect()
        _, transport = self.connect()
        self.assertEqual(transport.value(), b"")
        self.assertTrue(transport.disconnected or transport.disconnecting)

    def test_wordThatFails(self) -> None:
        self.factory.lastWord = lambda reason: 1 / 0
        self.connect()
        _, transport = self.connect()
        self.assertEqual(transport.value(), b"")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_boundedWaiting(self) -> None:
        """Of a flood, only so many may wait for their last word to be read."""
        self.patch(__import__("protocols.guard").guard, "MAX_REFUSALS", 2)
        words = [self.connect()[1].value() for _ in range(5)]
        self.assertEqual(words, [b"", b"no: total\r\n", b"no: total\r\n", b"", b""])

    def test_factoryThatBuildsNothing(self) -> None:
        self.factory.buildProtocol = lambda addr: None
        _, transport = self.connect()
        self.assertEqual(transport.value(), b"no: factory\r\n")

    def test_whoLeavesMakesRoom(self) -> None:
        proto, _ = self.connect()
        self.lose(proto)
        _, transport = self.connect()
        self.assertEqual(transport.value(), b"")

    def test_newLimits(self) -> None:
        self.connect()
        self.guard.setLimits(NO_LIMITS)
        self.assertEqual(self.connect()[1].value(), b"")


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
