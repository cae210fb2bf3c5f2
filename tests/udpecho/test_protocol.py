"""The Echo Protocol over UDP, RFC 862."""

from __future__ import annotations

from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.error import MessageLengthError
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import FakeDatagramTransport
from protocols.udpecho import EchoDatagramProtocol
from protocols.udpecho.protocol import MAX_PAYLOAD, MAX_WAITING

PEER = ("192.0.2.1", 40000)


def connected(
    kind: Any = EchoDatagramProtocol, **options: Any
) -> tuple[Any, FakeDatagramTransport]:
    protocol = kind(clock=Clock(), **options)
    transport = FakeDatagramTransport()
    protocol.makeConnection(transport)
    return protocol, transport


def counters(protocol: Any) -> Any:
    return protocol.metrics.snapshot()["counters"]


class EchoTests(SynchronousTestCase):
    """RFC 862, "UDP Based Echo Service": any data received is sent back."""

    @given(st.binary(max_size=300))
    def test_anyPayload(self, payload: bytes) -> None:
        protocol, transport = connected()
        protocol.datagramReceived(payload, PEER)
        self.assertEqual(transport.written, [(payload, PEER)])
        self.assertEqual(counters(protocol), {"received": 1, "echoed": 1})

    def test_everySize(self) -> None:
        for size in (0, 1, 1472, MAX_PAYLOAD):
            protocol, transport = connected()
            protocol.datagramReceived(bytes(size), PEER)
            self.assertEqual(len(transport.written[0][0]), size)

    def test_cutDatagram(self) -> None:
        """More than UDP can carry was never sent: it is not answered."""
        protocol, transport = connected()
        protocol.datagramReceived(bytes(MAX_PAYLOAD + 1), PEER)
        self.assertEqual(counters(protocol)["dropped.size"], 1)
        self.assertEqual(transport.written, [])


class DropTests(SynchronousTestCase):
    def test_byReason(self) -> None:
        protocol, transport = connected()
        own = transport.getHost().port
        for address, reason in {
            ("192.0.2.1", 19): "port",
            ("192.0.2.1", own): "self" if own > 1023 else "port",
            ("224.0.0.1", 40000): "multicast",
            ("255.255.255.255", 40000): "broadcast",
            ("0.0.0.0", 40000): "unspecified",
            ("240.0.0.1", 40000): "reserved",
        }.items():
            before = counters(protocol).get(f"dropped.{reason}", 0)
            protocol.datagramReceived(b"x", address)
            self.assertEqual(counters(protocol)[f"dropped.{reason}"], before + 1)
        self.assertEqual(transport.written, [])

    def test_allowedPort(self) -> None:
        protocol, transport = connected(allowedPorts=[19])
        protocol.datagramReceived(b"x", ("192.0.2.1", 19))
        self.assertEqual(len(transport.written), 1)

    def test_rate(self) -> None:
        protocol, transport = connected(rate=10, burst=5)
        for _ in range(20):
            protocol.datagramReceived(b"x", PEER)
        protocol.datagramReceived(b"x", ("192.0.2.2", 40000))
        self.assertEqual(counters(protocol)["dropped.rate"], 15)
        self.assertEqual(len(transport.written), 6)
        protocol.clock.advance(0.1)
        protocol.datagramReceived(b"x", PEER)
        self.assertEqual(len(transport.written), 7)

    def test_inventedSources(self) -> None:
        """A flood from invented addresses costs bounded memory and answers."""
        protocol, transport = connected(rate=10, burst=5, maxSources=50)
        for number in range(2000):
            protocol.datagramReceived(
                b"x", (f"10.0.{number >> 8}.{number & 255}", 40000)
            )
        self.assertEqual(len(transport.written), 50 + 5)
        self.assertLessEqual(len(protocol._buckets), 100)

    def test_kernelThatDoesNotSend(self) -> None:
        for error in (BlockingIOError(), PermissionError(), MessageLengthError()):
            protocol, _ = connected()
            protocol._send = mock.Mock(side_effect=error)
            protocol.datagramReceived(b"x", PEER)
            self.assertEqual(counters(protocol), {"received": 1, "dropped.send": 1})


class HookTests(SynchronousTestCase):
    def answering(self, hook: Any) -> Any:
        return type("Hooked", (EchoDatagramProtocol,), {"echoed": hook})

    def test_results(self) -> None:
        async def later(self: Any, data: bytes, address: Any) -> bytes:
            return data * 2

        for hook, written in (
            (lambda self, data, address: data.upper(), [b"AB"]),
            (lambda self, data, address: None, []),
            (later, [b"abab"]),
        ):
            protocol, transport = connected(self.answering(hook))
            protocol.datagramReceived(b"ab", PEER)
            self.assertEqual([data for data, _ in transport.written], written)

    def test_failure(self) -> None:
        """It is logged and counted, and the port stays."""
        protocol, _ = connected(self.answering(lambda *args: 1 / 0))
        for _ in range(2):
            protocol.datagramReceived(b"x", PEER)
        self.assertEqual(counters(protocol)["dropped.hook"], 2)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)

    def test_boundedWaiting(self) -> None:
        waiting: list[Deferred[bytes]] = []

        def hook(self: Any, data: bytes, address: Any) -> Deferred[bytes]:
            waiting.append(Deferred())
            return waiting[-1]

        protocol, transport = connected(self.answering(hook), rate=1e6, burst=1e6)
        for _ in range(MAX_WAITING + 3):
            protocol.datagramReceived(b"x", PEER)
        self.assertEqual(counters(protocol)["dropped.waiting"], 3)
        for deferred in waiting[:MAX_WAITING]:
            deferred.callback(b"y")
        self.assertEqual(len(transport.written), MAX_WAITING)
        protocol.datagramReceived(b"x", PEER)
        self.assertEqual(counters(protocol)["dropped.waiting"], 3)


class BufferTests(SynchronousTestCase):
    def start(self, granted: int) -> tuple[Any, Any]:
        protocol = EchoDatagramProtocol(clock=Clock(), receiveBuffer=1000)
        transport: Any = mock.Mock()
        transport.getHost.return_value.port = 7007
        transport.socket.getsockopt.return_value = granted
        protocol.transport = transport
        with capturedLogs() as events:
            protocol.startProtocol()
        transport.socket.setsockopt.assert_called_once()
        return protocol, events

    def test_granted(self) -> None:
        self.assertEqual(self.start(2000)[1], [])

    def test_notGranted(self) -> None:
        _, (event,) = self.start(500)
        self.assertEqual((event["granted"], event["asked"]), (500, 1000))
