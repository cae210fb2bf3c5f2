"""L{protocols.lines}: order and bounds of a line receiver."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from protocols.lines import LineProtocol
from protocols.testing import everySplit
from tests.linereceivers import LineTestCase, Recorder, factoryOf


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
