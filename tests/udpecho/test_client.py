"""L{protocols.udpecho.client}: time-outs, rounds, and the next server."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.connecting import ConnectFailedError, ReplyTimeoutError
from protocols.testing import FakeDatagramTransport
from protocols.udpecho.client import EchoDatagramClient, EchoRefusedError

A, B = ("192.0.2.1", 7), ("2001:db8::1", 7)


class Ports(Clock):
    """A reactor whose datagram ports are in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Any, Any]] = []
        self.open = 0

    def listenUDP(self, port: int, protocol: Any, interface: str, size: int) -> Any:
        host = "2001:db8::9" if interface else "192.0.2.9"
        transport = FakeDatagramTransport(host=host, port=40000)
        transport.stopListening = self.stopped  # type: ignore[method-assign, assignment]
        self.open += 1
        self.asked.append((protocol, transport))
        protocol.makeConnection(transport)
        return transport

    def stopped(self) -> None:
        self.open -= 1


class ClientTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Ports()

    def ask(
        self, *servers: Any, payload: bytes = b"hi", **options: Any
    ) -> Deferred[bytes]:
        client = EchoDatagramClient(
            self.reactor, servers, jitter=lambda: 1.0, replyTimeout=1, **options
        )
        return ensureDeferred(client.echo(payload))

    def last(self) -> Any:
        return self.reactor.asked[-1][0]

    def test_echo(self) -> None:
        done = self.ask(A)
        self.assertEqual(self.reactor.asked[0][1].written, [(b"hi", A)])
        self.last().datagramReceived(b"hi", A)
        self.assertEqual(self.successResultOf(done), b"hi")
        self.assertEqual((self.reactor.open, self.reactor.getDelayedCalls()), (0, []))

    def test_emptyDatagram(self) -> None:
        done = self.ask(B, payload=b"")
        self.last().datagramReceived(b"", B)
        self.assertEqual(self.successResultOf(done), b"")

    def test_somethingElseIsNoEcho(self) -> None:
        done = self.ask(A)
        self.last().datagramReceived(b"ho", A)
        self.assertNoResult(done)
        self.last().datagramReceived(b"hi", A)
        self.last().datagramReceived(b"hi", A)
        self.last().connectionRefused()
        self.successResultOf(done)

    def test_refusedLeadsToTheNextAtOnce(self) -> None:
        done = self.ask(A, B)
        self.last().connectionRefused()
        self.assertEqual(self.reactor.asked[1][1].written, [(b"hi", B)])
        self.last().datagramReceived(b"hi", B)
        self.successResultOf(done)

    def test_silenceLeadsToTheNext(self) -> None:
        done = self.ask(A, B)
        self.reactor.advance(1)
        self.last().datagramReceived(b"hi", B)
        self.successResultOf(done)

    def test_rounds(self) -> None:
        done = self.ask(A, attempts=3, backoff=0.5)
        self.last().connectionRefused()
        for wait in (0.5, 1.0):
            self.assertEqual(self.reactor.open, 0)
            self.reactor.advance(wait)
            self.reactor.advance(1)
        failure = self.failureResultOf(done)
        failure.trap(ConnectFailedError)
        kinds = [type(error) for _, error in failure.value.failures]
        self.assertEqual(
            kinds, [EchoRefusedError, ReplyTimeoutError, ReplyTimeoutError]
        )

    def test_nothingToAsk(self) -> None:
        self.assertRaises(ValueError, EchoDatagramClient, self.reactor, [])
        self.assertRaises(ValueError, EchoDatagramClient, self.reactor, [A], attempts=0)
