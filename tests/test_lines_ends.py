"""L{protocols.lines}: back-pressure, time, failures and the end."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol
from tests.linereceivers import LineTestCase, Quiet, Recorder, factoryOf


class BackPressureTests(LineTestCase):
    """Who does not read replies is not listened to."""

    def test_deliveryStopsInsideAChunk(self) -> None:
        self.proto.pauseProducing()
        self.assertEqual(self.feed(b"a\r\nb\r\n"), b"")
        self.assertEqual(self.transport.producerState, "paused")
        self.proto.resumeProducing()
        self.assertEqual(self.transport.value(), b"ok a\r\nok b\r\n")
        self.assertEqual(self.transport.producerState, "producing")

    def test_inputEndsAfterAllIsDelivered(self) -> None:
        self.proto.pauseProducing()
        self.feed(b"a\r\n")
        self.proto.readConnectionLost()
        self.assertFalse(self.transport.disconnecting)
        self.proto.resumeProducing()
        self.assertEqual(self.transport.value(), b"ok a\r\n")
        self.assertTrue(self.transport.disconnecting)

    def test_halfCloseWaitsForAHook(self) -> None:
        self.feed(b"slow\r\n")
        self.proto.readConnectionLost()
        self.proto.writeConnectionLost()
        self.assertFalse(self.transport.disconnecting)
        self.proto.waiting[0].callback(None)
        self.assertTrue(self.transport.disconnecting)


class HoldTests(LineTestCase):
    """What is waited for besides a hook."""

    def test_allAreWaitedFor(self) -> None:
        """The end of the first one does not let lines pass the second one."""
        other: Deferred[None] = Deferred()
        self.feed(b"slow\r\n")
        self.proto.holdFor(other)
        self.feed(b"a\r\n")
        self.proto.waiting[0].callback(None)
        self.assertEqual(self.proto.seen, [b"slow"])
        other.callback(None)
        self.assertEqual(self.proto.seen, [b"slow", b"a"])

    def test_noneIsWaitedForInTheEnd(self) -> None:
        other: Deferred[None] = Deferred()
        self.feed(b"slow\r\n")
        self.proto.holdFor(other)
        self.proto.connectionLost(Failure(ConnectionDone()))
        self.assertTrue(other.called and self.proto.waiting[0].called)


class EndTests(LineTestCase):
    """How a connection ends."""

    def test_nothingAfterOurOwnClose(self) -> None:
        self.feed(b"bye\r\nb\r\n")
        self.feed(b"c\r\n")
        self.assertEqual(self.proto.seen, [b"bye"])

    def test_nothingAfterTheTransportsClose(self) -> None:
        """The producer must be gone as well, or TLS would never close."""
        self.feed(b"leave\r\nb\r\n")
        self.assertEqual(self.proto.seen, [b"leave"])
        self.assertIsNone(self.transport.producer)

    def test_readsOnToTheEnd(self) -> None:
        """The peer's goodbye (TLS) is behind what was not read while a hook waited."""
        self.feed(b"slow\r\n")
        self.feed(b"more\r\n")
        self.assertEqual(self.transport.producerState, "paused")
        self.proto.loseConnection()
        self.assertEqual(self.transport.producerState, "producing")
        self.feed(b"and more\r\n")
        self.assertEqual(self.proto.seen, [b"slow"])

    def test_stopProducing(self) -> None:
        self.proto.stopProducing()
        self.assertEqual(self.feed(b"a\r\n"), b"ok a\r\n")


class FailureTests(LineTestCase):
    """A hook that fails."""

    def test_default(self) -> None:
        self.feed(b"raise\r\nb\r\n")
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(self.proto.seen, [b"raise"])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_laterFailure(self) -> None:
        self.feed(b"slow\r\n")
        self.proto.waiting[0].errback(ValueError("later"))
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_wrongKindOfResult(self) -> None:
        self.proto.lineReceived = lambda line: 5
        self.feed(b"a\r\n")
        (failure,) = self.flushLoggedErrors(TypeError)
        self.assertIn("returned 5", failure.getErrorMessage())

    def test_failureOfTheFailureHook(self) -> None:
        def failAgain(failure: Failure) -> None:
            raise KeyError("and again")

        self.proto.hookFailed = failAgain
        self.feed(b"slow\r\nb\r\n")
        self.proto.waiting[0].errback(ValueError("later"))
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)


class QuietFailureTests(LineTestCase):
    """A protocol that answers failures goes on with the next line."""

    protocol = Quiet

    def test_goesOn(self) -> None:
        self.assertEqual(self.feed(b"raise\r\nb\r\n"), b"ok b\r\n")
        self.assertEqual(self.proto.seen, [b"raise", ValueError, b"b"])


class TimeTests(LineTestCase):
    """C{lineTimeout} is the time in which the next whole line must come."""

    class Timed(Recorder):
        lineTimeout = 30

    protocol = Timed

    def test_noLineAtAll(self) -> None:
        self.clock.advance(29.9)
        self.assertFalse(self.transport.disconnecting)
        self.clock.advance(0.2)
        self.assertTrue(self.transport.disconnecting)

    def test_octetsAreNoLine(self) -> None:
        """One octet a second does not hold a connection open."""
        for _ in range(31):
            self.proto.dataReceived(b"x")
            self.clock.advance(1)
        self.assertTrue(self.transport.disconnecting)

    def test_eachLineStartsItAnew(self) -> None:
        for _ in range(10):
            self.clock.advance(20)
            self.feed(b"a\r\n")
        self.assertFalse(self.transport.disconnecting)

    def test_ourOwnTimeDoesNotCount(self) -> None:
        self.feed(b"slow\r\n")
        self.clock.advance(1000)
        self.assertFalse(self.transport.disconnecting)
        self.proto.waiting[0].callback(None)
        self.clock.advance(31)
        self.assertTrue(self.transport.disconnecting)

    def test_noTimerIsLeft(self) -> None:
        self.proto.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_withoutAClock(self) -> None:
        proto: Any = factoryOf(self.Timed).buildProtocol(None)
        with self.assertRaisesRegex(RuntimeError, "clock"):
            proto.makeConnection(StringTransport())


class UnfinishedTests(SynchronousTestCase):
    """A subclass that forgets a hook hears of it."""

    def test_hooksAreOwed(self) -> None:
        self.assertRaises(NotImplementedError, LineProtocol().lineReceived, b"")
        self.assertRaises(NotImplementedError, LineProtocol().rawDataReceived, b"")
