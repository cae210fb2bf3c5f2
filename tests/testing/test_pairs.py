"""A server and a client connected in memory."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.protocols.policies import WrappingFactory
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol
from protocols.testing import HIGH_WATER, Pair, connectedPair, pairs
from protocols.testing.pairs import WINDOW
from tests.testing.samples import Echo, HalfCloser, Producer, Recorder, factoryOf


class Greeting(LineProtocol):
    """Greets, and reverses lines."""

    def connectionMade(self) -> None:
        self.sendLine(b"hello")

    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line[::-1])
        if line == b"quit":
            self.loseConnection()


def pairOf(server: Any, client: Any = Recorder, **options: Any) -> Pair:
    return connectedPair(factoryOf(server), factoryOf(client), **options)


class BothWays:
    """What holds in the clear and under TLS."""

    tls = False
    abortedWith = "ConnectionAborted"
    assertEqual: Any
    assertIs: Any

    def pair(self, server: Any, client: Any = Recorder, **options: Any) -> Pair:
        return pairOf(server, client, tls=self.tls, **options)

    def test_greeting(self) -> None:
        pair = self.pair(Greeting)
        self.assertEqual(pair.client.events, ["made", b"hello\r\n"])

    def test_toAndFro(self) -> None:
        pair = self.pair(Greeting)
        pair.client.transport.write(b"abc\r\nd")
        pair.client.transport.write(b"ef\r\n")
        pair.pump()
        self.assertEqual(pair.client.received, b"hello\r\ncba\r\nfed\r\n")

    def test_serverCloses(self) -> None:
        pair = self.pair(Greeting)
        pair.client.transport.write(b"quit\r\n")
        pair.pump()
        self.assertEqual(pair.client.received, b"hello\r\ntiuq\r\n")
        self.assertEqual(pair.client.events[-1], "ConnectionDone")

    def test_clientCloses(self) -> None:
        pair = self.pair(Recorder)
        pair.client.transport.write(b"last words")
        pair.client.transport.loseConnection()
        pair.pump()
        self.assertEqual(pair.server.received, b"last words")
        for side in (pair.server, pair.client):
            self.assertEqual(side.events[-1], "ConnectionDone")

    def test_abort(self) -> None:
        pair = self.pair(Recorder)
        pair.client.transport.abortConnection()
        pair.pump()
        self.assertEqual(pair.client.events, ["made", self.abortedWith])
        self.assertEqual(len(pair.server.events), 2)

    def test_clock(self) -> None:
        clock = Clock()
        pair = self.pair(Recorder, clock=clock)
        clock.callLater(5, pair.server.transport.write, b"tick")
        pair.advance(4.9)
        self.assertEqual(pair.client.received, b"")
        pair.advance(0.1)
        self.assertEqual(pair.client.received, b"tick")
        self.assertIs(pair.clock, clock)

    def test_aMegabyte(self) -> None:
        content = bytes(range(256)) * 4096
        pair = self.pair(Echo)
        content = content.replace(b".", b"").replace(b"!", b"")
        pair.client.transport.write(content)
        pair.pump()
        self.assertEqual(pair.client.received, content)


class ClearTests(BothWays, SynchronousTestCase):
    """Without TLS."""

    def test_transports(self) -> None:
        pair = pairOf(Recorder)
        self.assertIs(pair.server.transport, pair.serverTransport)
        self.assertIs(pair.client.transport, pair.clientTransport)
        self.assertEqual(pair.serverTransport.getPeer(), pair.clientTransport.getHost())

    def test_wrapped(self) -> None:
        wrapping = WrappingFactory(WrappingFactory(factoryOf(Recorder)))
        pair = connectedPair(wrapping, factoryOf(Recorder))
        pair.client.transport.write(b"x")
        pair.pump()
        self.assertIsInstance(pair.server, Recorder)
        self.assertEqual(pair.server.received, b"x")

    def test_lentClock(self) -> None:
        server, client = (factoryOf(Recorder, clock=None) for _ in range(2))
        pair = connectedPair(server, client)
        self.assertIs(server.clock, pair.clock)
        self.assertIs(client.clock, pair.clock)

    def test_aborted(self) -> None:
        pair = pairOf(Recorder)
        pair.client.transport.abortConnection()
        pair.pump()
        self.assertEqual(pair.server.events, ["made", "ConnectionLost"])

    def test_halfClose(self) -> None:
        pair = pairOf(HalfCloser, HalfCloser)
        pair.client.transport.write(b"question")
        pair.client.transport.loseWriteConnection()
        pair.pump()
        self.assertEqual(pair.server.events, ["made", b"question", "readLost"])
        pair.server.transport.write(b"answer")
        pair.server.transport.loseConnection()
        pair.pump()
        self.assertEqual(
            pair.client.events, ["made", "writeLost", b"answer", "readLost"]
        )

    def test_writingToOneWhoIsGone(self) -> None:
        """The peer's kernel answers with a reset (RFC 9293, section 3.5.2)."""
        pair = pairOf(HalfCloser)
        pair.client.transport.loseConnection()
        pair.pump()
        self.assertEqual(pair.server.events, ["made", "readLost"])
        pair.server.transport.write(b"are you there?")
        pair.pump()
        self.assertEqual(pair.server.events, ["made", "readLost", "ConnectionLost"])

    def test_refused(self) -> None:
        class Refusing:
            def buildProtocol(self, addr: object) -> None:
                return None

        pair = connectedPair(Refusing(), factoryOf(Recorder))
        self.assertIsNone(pair.server)
        self.assertEqual(pair.client.events, ["made", "ConnectionDone"])

    def test_backPressureGoesTheWholeWay(self) -> None:
        pair = pairOf(Recorder)
        producer = Producer()
        pair.server.transport.registerProducer(producer, True)
        pair.client.transport.pauseProducing()
        pair.server.transport.write(b"x" * WINDOW)
        pair.pump()
        pair.server.transport.write(b"y" * HIGH_WATER)
        pair.pump()
        self.assertEqual((pair.client.received, producer.asked), (b"", []))
        pair.server.transport.write(b"z")
        pair.pump()
        self.assertEqual(producer.asked, ["pause"])
        pair.client.transport.resumeProducing()
        pair.pump()
        self.assertEqual(producer.asked, ["pause", "resume"])
        self.assertEqual(len(pair.client.received), WINDOW + HIGH_WATER + 1)

    def test_noEnd(self) -> None:
        self.patch(pairs, "MAX_STEPS", 10)
        pair = pairOf(Echo, Echo)
        pair.client.transport.write(b"ping")
        with self.assertRaisesRegex(AssertionError, "talk for ever"):
            pair.pump()

    def test_callsThatAreDue(self) -> None:
        """What a call that is due schedules for now is called as well."""
        pair = pairOf(Recorder)
        calls: list[int] = []

        def call(left: int) -> None:
            calls.append(left)
            if left:
                pair.clock.callLater(0, call, left - 1)

        pair.clock.callLater(0, call, 3)
        pair.pump()
        self.assertEqual(calls, [3, 2, 1, 0])

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.booleans(), st.binary(max_size=9)), max_size=20))
    def test_nothingIsLost(self, written: list[tuple[bool, bytes]]) -> None:
        pair = pairOf(Recorder)
        sides = (pair.server, pair.client)
        for side, data in written:
            sides[side].transport.write(data)
        pair.pump()
        for side in (False, True):
            sent = b"".join(data for sender, data in written if sender is side)
            self.assertEqual(sides[not side].received, sent)


class TLSTests(BothWays, SynchronousTestCase):
    """Under TLS."""

    tls = True
    # Twisted's TLS takes the end of its octets for the reason.
    abortedWith = "ConnectionLost"

    def test_encrypted(self) -> None:
        pair = self.pair(Recorder)
        pair.client.transport.write(b"secret")
        pair.clock.advance(0)
        onTheWire = pair.clientTransport.read()
        self.assertNotIn(b"secret", onTheWire)
        pair.serverTransport.deliver(onTheWire)
        self.assertEqual(pair.server.received, b"secret")

    def test_verified(self) -> None:
        pair = self.pair(Recorder)
        self.assertIsNotNone(pair.client.transport.getPeerCertificate())

    def test_closeWaitsForProducer(self) -> None:
        """The reason for C{closeWaitsForProducer} being the default."""
        pair = self.pair(Recorder)
        producer = Producer()
        pair.server.transport.registerProducer(producer, True)
        pair.server.transport.loseConnection()
        pair.pump()
        self.assertEqual(pair.client.events, ["made"])
        pair.server.transport.unregisterProducer()
        pair.pump()
        self.assertEqual(pair.client.events, ["made", "ConnectionDone"])
