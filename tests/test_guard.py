"""L{protocols.guard} on string transports: who is let in, and how it ends.

Such a transport has no socket, so here the guard stays in between as a wrapper;
what it does when the kernel counts for it is in C{tests/live/test_guard.py}.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.address import UNIXAddress
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from protocols.guard import Limits
from protocols.guarded import reasonOf
from protocols.refusal import LAST_WORD_TIME
from tests.guarding import NO_LIMITS, GuardTestCase, HalfClosing, Plain


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
