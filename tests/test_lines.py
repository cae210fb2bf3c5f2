"""L{protocols.lines}: order, bounds and back-pressure of a line receiver."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol
from protocols.testing import everySplit


class Recorder(LineProtocol):
    """Answers each line; C{slow ...} waits until the test lets it go on."""

    maxLength = 20

    def connectionMade(self) -> None:
        self.seen: list[Any] = []
        self.waiting: list[Deferred[None]] = []
        self.lost: Failure | None = None

    def lineReceived(self, line: bytes) -> Any:
        self.seen.append(line)
        if line.startswith(b"slow"):
            self.waiting.append(Deferred())
            self.waiting[-1].addCallback(lambda _: self.sendLine(b"late " + line))
            return self.waiting[-1]
        if line == b"fired":
            return succeed(None).addCallback(lambda _: self.sendLine(b"now"))
        if line == b"async":
            return self.answerAsync()
        if line == b"raise":
            raise ValueError("a hook's own mistake")
        if line == b"fail":
            return Deferred().errback(ValueError("the same, later")) or None
        if line == b"raw":
            self.setRawMode()
        elif line == b"secure":
            self.seen.append(("cleared", self.clearInput()))
        elif line == b"bye":
            self.loseConnection()
        elif line == b"leave":
            self.transport.loseConnection()
        elif line == b"hold":
            self.pauseLines()
        else:
            self.sendLine(b"ok " + line)
        return None

    async def answerAsync(self) -> None:
        await succeed(None)
        self.sendLine(b"awaited")

    def rawDataReceived(self, data: bytes) -> None:
        body, found, rest = data.partition(b"!")
        self.seen.append(("raw", body))
        if found:
            self.setLineMode(rest)

    def lineLengthExceeded(self, length: int) -> None:
        self.seen.append("too long")
        self.sendLine(b"too long")

    def connectionLost(self, reason: Any = None) -> None:
        self.lost = reason


class Quiet(Recorder):
    """Takes the log of its failures for itself."""

    def hookFailed(self, failure: Failure) -> None:
        self.seen.append(failure.type)


def factoryOf(protocol: Any, clock: Any = None) -> Any:
    factory: Any = Factory.forProtocol(protocol)
    factory.clock = clock
    return factory


class LineTestCase(SynchronousTestCase):
    protocol: Any = Recorder

    def setUp(self) -> None:
        self.clock = Clock()
        self.proto: Any = factoryOf(self.protocol, self.clock).buildProtocol(None)
        self.transport = StringTransport()
        self.proto.makeConnection(self.transport)

    def feed(self, data: bytes) -> bytes:
        self.transport.clear()
        self.proto.dataReceived(data)
        return self.transport.value()


class SplittingTests(LineTestCase):
    """Lines come out whole, however they come in."""

    def test_everySplit(self) -> None:
        transcript = everySplit(
            lambda: factoryOf(Recorder),
            b"a\r\n\r\nfired\r\nasync\r\nb\rc\nd\r\nbye\r\nx",
        )
        self.assertEqual(
            transcript.written,
            b"ok a\r\nok \r\nnow\r\nawaited\r\nok b\rc\nd\r\n",
        )
        self.assertTrue(transcript.disconnecting)

    def test_everySplitOfLongLines(self) -> None:
        """20 octets are a line and 21 are not, wherever they were cut."""
        data = (
            b"x" * 20
            + b"\r\n"
            + b"y" * 21
            + b"\r\nok\r\n"
            + b"z" * 300
            + b"\r\nend\r\n"
        )
        transcript = everySplit(lambda: factoryOf(Recorder), data)
        self.assertEqual(
            transcript.written,
            b"ok " + b"x" * 20 + b"\r\ntoo long\r\nok ok\r\ntoo long\r\nok end\r\n",
        )

    def test_everySplitOfRawMode(self) -> None:
        transcript = everySplit(
            lambda: factoryOf(Recorder),
            b"a\r\nraw\r\n\r\nb\r\nx!c\r\nraw\r\n!!\r\nd\r\n",
        )
        self.assertEqual(transcript.written, b"ok a\r\nok c\r\nok !\r\nok d\r\n")

    def test_unendedLineIsBounded(self) -> None:
        """Of a line without end no more is kept than may be its delimiter."""
        for _ in range(1000):
            self.proto.dataReceived(b"x" * 1000)
        self.assertEqual(self.proto.seen, ["too long"])
        self.assertLessEqual(len(self.proto.clearInput()), 1)

    def test_defaultEndsAnOverlongLine(self) -> None:
        class Default(LineProtocol):
            maxLength = 3

        proto: Any = factoryOf(Default).buildProtocol(None)
        proto.makeConnection(transport := StringTransport())
        proto.dataReceived(b"12345")
        self.assertTrue(transport.disconnecting)


class OrderTests(LineTestCase):
    """Nothing is delivered while a hook waits."""

    def test_repliesKeepTheirOrder(self) -> None:
        self.assertEqual(self.feed(b"slow 1\r\nb\r\nslow 2\r\nc\r\n"), b"")
        self.assertEqual(self.proto.seen, [b"slow 1"])
        self.proto.waiting[0].callback(None)
        self.assertEqual(self.transport.value(), b"late slow 1\r\nok b\r\n")
        self.proto.waiting[1].callback(None)
        self.assertTrue(self.transport.value().endswith(b"late slow 2\r\nok c\r\n"))

    def test_readingStopsWhileAHookWaits(self) -> None:
        """It stops with the first octets that come meanwhile, and starts again."""
        self.feed(b"slow\r\n")
        self.assertEqual(self.transport.producerState, "producing")
        self.feed(b"a\r\n")
        self.assertEqual(self.transport.producerState, "paused")
        self.proto.waiting[0].callback(None)
        self.assertEqual(self.transport.producerState, "producing")
        self.assertEqual(self.proto.seen, [b"slow", b"a"])

    def test_manyFiredHooksDoNotRecurse(self) -> None:
        self.assertEqual(self.feed(b"fired\r\n" * 5000), b"now\r\n" * 5000)

    def test_manyWaitingHooksDoNotRecurse(self) -> None:
        self.feed(b"slow\r\n" * 3000)
        for number in range(3000):
            self.proto.waiting[number].callback(None)
        self.assertEqual(self.transport.value(), b"late slow\r\n" * 3000)

    def test_pauseOfItsOwn(self) -> None:
        self.feed(b"hold\r\na\r\n")
        self.assertEqual(self.proto.seen, [b"hold"])
        self.proto.resumeLines()
        self.assertEqual(self.proto.seen, [b"hold", b"a"])

    def test_lostConnectionCancels(self) -> None:
        self.feed(b"slow\r\nb\r\n")
        self.proto.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.proto.seen, [b"slow"])
        self.assertIsNotNone(self.proto.lost)
        self.assertTrue(self.proto.waiting[0].called)

    def test_pipelined(self) -> None:
        noted = []
        self.proto.lineReceived = lambda line: noted.append(self.proto.pipelined)
        self.proto.dataReceived(b"a\r\nb\r\n")
        self.proto.dataReceived(b"c\r\nd")
        self.assertEqual(noted, [True, False, True])

    def test_clearedInputIsNeverDelivered(self) -> None:
        """RFC 3207, section 4.2."""
        self.feed(b"secure\r\nb\r\nc")
        self.assertEqual(self.proto.seen, [b"secure", ("cleared", b"b\r\nc")])


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
