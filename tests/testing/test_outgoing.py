"""The sending half: buffer, producers, and every way to close."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import HIGH_WATER, BackPressureTransport, WriteAfterCloseError
from tests.testing.samples import HalfCloser, Producer, Recorder


class Case(SynchronousTestCase):
    def transport(self, protocol: Any = None, **options: Any) -> BackPressureTransport:
        transport = BackPressureTransport(**options)
        self.protocol = protocol or Recorder()
        transport.connect(self.protocol)
        return transport


class BufferTests(Case):
    def test_readsInPieces(self) -> None:
        transport = self.transport()
        transport.write(b"abc")
        transport.writeSequence([b"de", b"f"])
        self.assertEqual(transport.unread, 6)
        self.assertEqual(transport.read(4), b"abcd")
        self.assertEqual(transport.read(), b"ef")
        self.assertEqual(transport.read(), b"")

    def test_onlyBytes(self) -> None:
        """Text is refused, as Twisted's transports do."""
        transport: Any = self.transport()
        for data in ("text", None, 7, [b"x"]):
            self.assertRaises(TypeError, transport.write, data)
        self.assertEqual(transport.unread, 0)


class PushProducerTests(Case):
    def setUp(self) -> None:
        self.producer = Producer()

    def test_pausedAboveHighWater(self) -> None:
        """L{twisted.internet.abstract.FileDescriptor.bufferSize} and no less."""
        transport = self.transport()
        transport.registerProducer(self.producer, True)
        transport.write(b"x" * HIGH_WATER)
        self.assertEqual(self.producer.asked, [])
        transport.write(b"x")
        self.assertEqual(self.producer.asked, ["pause"])

    def test_resumedWhenDrained(self) -> None:
        transport = self.transport(highWater=3)
        transport.registerProducer(self.producer, True)
        transport.write(b"1234")
        transport.read(3)
        self.assertEqual(self.producer.asked, ["pause"])
        transport.read(1)
        self.assertEqual(self.producer.asked, ["pause", "resume"])

    def test_notResumedUnlessPaused(self) -> None:
        transport = self.transport()
        transport.registerProducer(self.producer, True)
        transport.write(b"1234")
        transport.read()
        self.assertEqual(self.producer.asked, [])

    def test_notResumedForAnEarlierRead(self) -> None:
        """What empties the buffer counts only behind the write that paused it."""
        transport = self.transport(highWater=3)
        transport.registerProducer(self.producer, True)
        transport.write(b"12")
        transport.read()
        transport.write(b"12345")
        transport.turn()
        self.assertEqual(self.producer.asked, ["pause"])
        transport.read()
        self.assertEqual(self.producer.asked, ["pause", "resume"])

    def test_oneAtATime(self) -> None:
        transport = self.transport()
        transport.registerProducer(self.producer, True)
        self.assertRaises(RuntimeError, transport.registerProducer, Producer(), True)
        transport.unregisterProducer()
        transport.unregisterProducer()
        transport.registerProducer(Producer(), True)

    def test_stoppedWithTheConnection(self) -> None:
        transport = self.transport()
        transport.registerProducer(self.producer, True)
        transport.reset()
        self.assertEqual(self.producer.asked, ["stop"])
        late = Producer()
        transport.registerProducer(late, True)
        self.assertEqual(late.asked, ["stop"])
        self.assertIsNone(transport.producer)

    def test_stopConsuming(self) -> None:
        transport = self.transport()
        transport.registerProducer(self.producer, True)
        transport.stopConsuming()
        transport.turn()
        self.assertEqual(self.protocol.events, ["made", "ConnectionDone"])


class PullProducerTests(Case):
    def test_askedOncePerDrain(self) -> None:
        transport = self.transport(highWater=0)
        producer = Producer()
        transport.registerProducer(producer, False)
        self.assertEqual(producer.asked, ["resume"])
        transport.write(b"12")
        transport.read(1)
        self.assertEqual(producer.asked, ["resume"])
        transport.read(1)
        transport.turn()
        self.assertEqual(producer.asked, ["resume", "resume"])

    def test_closeWaits(self) -> None:
        """TCP as well asks a pull producer until it is unregistered."""
        transport = self.transport(closeWaitsForProducer=False)
        transport.registerProducer(Producer(), False)
        transport.loseConnection()
        transport.write(b"the rest")
        transport.turn()
        self.assertFalse(transport.disconnected)
        transport.unregisterProducer()
        self.assertEqual(transport.read(), b"the rest")
        self.assertTrue(transport.disconnected)


class LoseConnectionTests(Case):
    def test_notWithinTheCall(self) -> None:
        transport = self.transport()
        transport.loseConnection()
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.protocol.events, ["made"])
        transport.turn()
        self.assertEqual(self.protocol.events, ["made", "ConnectionDone"])

    def test_waitsForTheBuffer(self) -> None:
        transport = self.transport()
        transport.write(b"last words")
        transport.loseConnection()
        transport.read(4)
        self.assertFalse(transport.disconnected)
        self.assertEqual(transport.read(), b" words")
        self.assertEqual(self.protocol.events, ["made", "ConnectionDone"])

    def test_waitsForTheProducer(self) -> None:
        """As TLS does, which so finds a producer that is never unregistered."""
        transport = self.transport()
        transport.registerProducer(Producer(), True)
        transport.loseConnection()
        transport.turn()
        self.assertFalse(transport.disconnected)
        transport.unregisterProducer()
        transport.turn()
        self.assertTrue(transport.disconnected)

    def test_doesNotWaitForTheProducer(self) -> None:
        """As TCP does: a push producer that isn't paused doesn't count."""
        transport = self.transport(closeWaitsForProducer=False)
        producer = Producer()
        transport.registerProducer(producer, True)
        transport.loseConnection()
        transport.turn()
        self.assertTrue(transport.disconnected)
        self.assertEqual(producer.asked, ["stop"])

    def test_again(self) -> None:
        transport = self.transport()
        transport.reset()
        transport.loseConnection()
        transport.abortConnection()
        transport.turn()
        self.assertFalse(transport.disconnecting)
        self.assertFalse(transport.aborted)
        self.assertEqual(self.protocol.events, ["made", "ConnectionLost"])


class AbortTests(Case):
    def test_dropsTheBuffer(self) -> None:
        transport = self.transport()
        transport.write(b"never read")
        transport.abortConnection()
        self.assertEqual(self.protocol.events, ["made"])
        self.assertEqual(transport.read(), b"")
        self.assertTrue(transport.aborted)
        self.assertEqual(self.protocol.events, ["made", "ConnectionAborted"])


class LoseWriteConnectionTests(Case):
    def test_behindTheBuffer(self) -> None:
        transport = self.transport(HalfCloser())
        transport.write(b"x")
        transport.loseWriteConnection()
        transport.turn()
        self.assertFalse(transport.writeEnded)
        transport.read()
        self.assertTrue(transport.writeEnded)
        transport.deliver(b"still heard")
        self.assertEqual(self.protocol.events, ["made", "writeLost", b"still heard"])

    def test_notHalfCloseable(self) -> None:
        transport = self.transport()
        transport.loseWriteConnection()
        transport.turn()
        self.assertEqual(self.protocol.events, ["made"])

    def test_thenClose(self) -> None:
        transport = self.transport(HalfCloser())
        transport.loseWriteConnection()
        transport.loseConnection()
        transport.turn()
        self.assertEqual(self.protocol.events, ["made", "ConnectionDone"])


class LateWriteTests(Case):
    def assertRefused(self, transport: BackPressureTransport) -> None:
        self.assertRaises(WriteAfterCloseError, transport.write, b"late")
        self.assertEqual(transport.lateWrites, [b"late"])

    def test_afterLoseConnection(self) -> None:
        transport = self.transport()
        transport.write(b"in time")
        transport.loseConnection()
        self.assertRefused(transport)
        self.assertEqual(transport.read(), b"in time")

    def test_afterAbort(self) -> None:
        transport = self.transport()
        transport.registerProducer(Producer(), True)
        transport.abortConnection()
        self.assertRefused(transport)

    def test_afterLoseWriteConnection(self) -> None:
        transport = self.transport()
        transport.loseWriteConnection()
        self.assertRefused(transport)

    def test_afterConnectionLost(self) -> None:
        transport = self.transport()
        transport.reset()
        self.assertRefused(transport)

    def test_aProducerMayFinish(self) -> None:
        transport = self.transport()
        transport.registerProducer(Producer(), True)
        transport.loseConnection()
        transport.write(b"the rest")
        transport.unregisterProducer()
        self.assertRefused(transport)

    def test_droppedWhenAskedTo(self) -> None:
        """As sockets do: sent while connected, then dropped in silence."""
        transport = self.transport(refuseLateWrites=False)
        transport.loseConnection()
        transport.write(b"sent")
        self.assertEqual(transport.read(), b"sent")
        transport.write(b"dropped")
        self.assertEqual(transport.unread, 0)
        self.assertEqual(transport.lateWrites, [])
