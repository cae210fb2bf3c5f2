"""The Echo Protocol over TCP, RFC 862."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.tcpecho import EchoFactory, EchoProtocol
from protocols.testing import BackPressureTransport, connectedPair, converse, everySplit


class EchoTests(SynchronousTestCase):
    """RFC 862: any data received is sent back."""

    @given(st.binary(max_size=200))
    def test_octetsComeBack(self, data: bytes) -> None:
        self.assertEqual(converse(EchoFactory(), [data]).written, data)

    def test_everySplit(self) -> None:
        data = bytes(range(256))
        transcript = everySplit(EchoFactory, data, end=True)
        self.assertEqual(transcript.written, data)

    def test_untilTheClientEnds(self) -> None:
        """... until the calling user ends the connection."""
        self.assertFalse(converse(EchoFactory(), [b"a"]).disconnecting)
        self.assertTrue(converse(EchoFactory(), [b"a"], end=True).disconnecting)


class BackPressureTests(SynchronousTestCase):
    """Who sends and never reads costs a bounded buffer."""

    def setUp(self) -> None:
        self.transport = BackPressureTransport()
        self.proto: Any = EchoFactory().buildProtocol(None)
        self.transport.connect(self.proto)

    def test_bounded(self) -> None:
        for _ in range(100):
            self.transport.deliver(b"x" * 65536)
        self.assertLessEqual(self.transport.unread, 2 * 65536)
        self.assertGreaterEqual(self.transport.held, 98 * 65536)

    def test_nothingIsLost(self) -> None:
        """All comes back to a client that begins to read after its FIN."""
        sent = b"".join(bytes([n]) * 65536 for n in range(40))
        for start in range(0, len(sent), 65536):
            self.transport.deliver(sent[start : start + 65536])
        self.transport.deliverEnd()
        read = b""
        while piece := self.transport.read(10000):
            read += piece
        self.assertEqual(read, sent)
        self.assertTrue(self.transport.disconnected)

    def test_closeFromOurSide(self) -> None:
        """All that was echoed is flushed first; TLS waits for our unregistering."""
        self.transport.deliver(b"x" * 70000)
        self.proto.loseConnection()
        self.assertEqual(len(self.transport.read()), 70000)
        self.assertTrue(self.transport.disconnected)


class Collector(Protocol):
    """A client that keeps what comes, and notes the end."""

    received = b""
    lost = False

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost = True


class TLSTests(SynchronousTestCase):
    def test_overTLS(self) -> None:
        """Closing works under TLS, which waits for producers."""
        pair = connectedPair(EchoFactory(), Factory.forProtocol(Collector), tls=True)
        pair.client.transport.write(b"x" * 300_000)
        pair.pump()
        self.assertEqual(len(pair.client.received), 300_000)
        pair.server.loseConnection()
        pair.pump()
        self.assertTrue(pair.client.lost)


class Shouting(EchoProtocol):
    def echoed(self, data: bytes) -> bytes:
        return data.upper()


class Slow(EchoProtocol):
    """Answers when the test says so."""

    def connectionMade(self) -> None:
        self.asked: list[tuple[bytes, Deferred[bytes | None]]] = []

    def echoed(self, data: bytes) -> Any:
        self.asked.append((data, Deferred()))
        return self.asked[-1][1]


class Silent(EchoProtocol):
    def echoed(self, data: bytes) -> None:
        return None


class Awaiting(EchoProtocol):
    async def echoed(self, data: bytes) -> bytes:  # type: ignore[override]
        return data + b"!"


def factoryOf(protocol: Any) -> EchoFactory:
    factory = EchoFactory()
    factory.protocol = protocol
    return factory


class HookTests(SynchronousTestCase):
    """A subclass overrides one hook, and owes it nothing else."""

    def connect(self, protocol: Any) -> tuple[Any, BackPressureTransport]:
        transport = BackPressureTransport()
        proto: Any = factoryOf(protocol).buildProtocol(None)
        transport.connect(proto)
        return proto, transport

    def test_octets(self) -> None:
        self.assertEqual(converse(factoryOf(Shouting), [b"ab"]).written, b"AB")

    def test_nothing(self) -> None:
        self.assertEqual(converse(factoryOf(Silent), [b"ab"]).written, b"")

    def test_coroutine(self) -> None:
        script = [b"a", b"b"]
        self.assertEqual(converse(factoryOf(Awaiting), script).written, b"a!b!")

    def test_laterAnswersKeepTheirOrder(self) -> None:
        proto, transport = self.connect(Slow)
        for data in (b"1", b"2", b"3"):
            transport.deliver(data)
        self.assertEqual([data for data, _ in proto.asked], [b"1"])
        proto.asked[0][1].callback(b"one")
        transport.turn()
        proto.asked[1][1].callback(None)
        transport.turn()
        proto.asked[2][1].callback(b"three")
        self.assertEqual(transport.read(), b"onethree")

    def test_octetsThatComeAllTheSame(self) -> None:
        """TLS may deliver more after we paused: it waits its turn."""
        proto, transport = self.connect(Slow)
        for data in (b"1", b"2", b"3"):
            proto.dataReceived(data)
        proto.asked[0][1].callback(b"one ")
        self.assertEqual(proto.asked[1][0], b"23")
        proto.asked[1][1].callback(b"and more")
        self.assertEqual(transport.read(), b"one and more")

    def test_readerThatComesBackWhileAHookWaits(self) -> None:
        proto, transport = self.connect(Slow)
        transport.deliver(b"1")
        proto.resumeProducing()
        self.assertFalse(transport.reading)

    def test_finWhileAHookWaits(self) -> None:
        proto, transport = self.connect(Slow)
        transport.deliver(b"1")
        proto.readConnectionLost()
        self.assertFalse(transport.disconnecting)
        proto.asked[0][1].callback(b"one")
        self.assertEqual(transport.read(), b"one")
        self.assertTrue(transport.disconnected)

    def test_failure(self) -> None:
        """It is logged, and the connection ends: RFC 862 has no word for it."""
        proto, transport = self.connect(Slow)
        transport.deliver(b"1")
        proto.asked[0][1].errback(ValueError("no answer"))
        transport.turn()
        self.assertTrue(transport.disconnected)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_lostConnectionCancels(self) -> None:
        proto, transport = self.connect(Slow)
        transport.deliver(b"1")
        transport.reset()
        self.assertTrue(proto.asked[0][1].called)
        self.assertEqual(transport.read(), b"")
