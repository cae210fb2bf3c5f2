"""The client of the Echo Protocol over TCP, RFC 862."""

from __future__ import annotations

from socket import socket
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.tcpecho import EchoFactory
from protocols.tcpecho.client import (
    ConnectFailedError,
    EchoClient,
    EchoClosedError,
    ReplyTimeoutError,
)
from protocols.testing import connectedPair, runningInThread


@implementer(IStreamClientEndpoint)
class InMemory:
    """Connects to a server of its own; C{pump} carries what is under way.

    @ivar pairs: the connections so far.
    """

    def __init__(self, server: Any, tls: bool = False) -> None:
        self.server = server
        self.tls = tls
        self.pairs: list[Any] = []

    def connect(self, factory: Any) -> Any:
        self.pairs.append(connectedPair(self.server, factory, tls=self.tls))
        return succeed(self.pairs[-1].client)

    def pump(self) -> None:
        self.pairs[-1].pump()


@implementer(IStreamClientEndpoint)
class Refusing:
    def connect(self, factory: Any) -> Any:
        return fail(ConnectError())


class Case(SynchronousTestCase):
    server: Any = EchoFactory()
    tls = False

    def setUp(self) -> None:
        self.clock = Clock()
        self.endpoint = InMemory(self.server, self.tls)
        self.client = self.clientOf(self.endpoint)
        self.successResultOf(self.start(self.client.connect()))

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def clientOf(self, *addresses: Any) -> EchoClient:
        return EchoClient(self.clock, addresses, replyTimeout=5, attempts=1)

    def start(self, coroutine: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(coroutine)

    def resultOf(self, *coroutines: Any) -> list[Any]:
        """All results, when what is under way has been carried."""
        started = [self.start(each) for each in coroutines]
        self.endpoint.pump()
        return [self.successResultOf(each) for each in started]


class EchoTests(Case):
    """RFC 862: any data received is sent back."""

    def test_asMuchAsWasSent(self) -> None:
        self.assertEqual(self.resultOf(self.client.echo(b"hello")), [b"hello"])

    def test_nothing(self) -> None:
        self.assertEqual(self.resultOf(self.client.echo(b"")), [b""])

    def test_more(self) -> None:
        """More than fits into all buffers on the way."""
        data = bytes(range(256)) * 4096
        self.assertEqual(self.resultOf(self.client.echo(data)), [data])

    def test_manyAtATime(self) -> None:
        """TCP keeps their order, and so do we."""
        asked = [b"a", b"bcd" * 50_000, b"ef"]
        self.assertEqual(self.resultOf(*map(self.client.echo, asked)), asked)

    def test_closeWaitsForAllThatIsUnderWay(self) -> None:
        """Our FIN comes after our octets, theirs after the echo."""
        data = b"x" * 300_000
        self.assertEqual(
            self.resultOf(self.client.echo(data), self.client.close()), [data, None]
        )
        self.assertTrue(self.endpoint.pairs[0].server.transport.disconnected)

    def test_closeAtRest(self) -> None:
        self.assertEqual(self.resultOf(self.client.close()), [None])
        self.assertEqual(self.resultOf(self.client.close()), [None])

    def test_afterTheEnd(self) -> None:
        self.resultOf(self.client.close())
        asked = self.start(self.client.echo(b"a"))
        self.failureResultOf(asked).trap(EchoClosedError)

    def test_again(self) -> None:
        """A closed client may be connected again, an open one may not."""
        again = self.start(self.client.connect())
        self.failureResultOf(again).trap(RuntimeError)
        self.resultOf(self.client.close())
        self.resultOf(self.client.connect())
        self.assertEqual(self.resultOf(self.client.echo(b"a")), [b"a"])
        self.assertEqual(len(self.endpoint.pairs), 2)

    def test_abort(self) -> None:
        asked = self.start(self.client.echo(b"a"))
        self.client.abort()
        self.client.abort()
        self.failureResultOf(asked).trap(EchoClosedError)
        self.assertTrue(self.endpoint.pairs[0].clientTransport.aborted)


class ContextTests(Case):
    async def use(self, *, broken: bool = False) -> bytes:
        async with self.clientOf(self.endpoint) as client:
            if broken:
                raise KeyError("x")
            return await client.echo(b"hello")

    def test_closes(self) -> None:
        used = self.start(self.use())
        self.endpoint.pump()
        self.assertEqual(self.successResultOf(used), b"hello")
        self.assertTrue(self.endpoint.pairs[-1].clientTransport.disconnected)

    def test_abortsAfterAnError(self) -> None:
        self.failureResultOf(self.start(self.use(broken=True))).trap(KeyError)
        self.assertTrue(self.endpoint.pairs[-1].clientTransport.aborted)


class TLSTests(Case):
    """TLS has no half-close: the last echo is back before we close."""

    tls = True

    def test_closeWaitsForAllThatIsUnderWay(self) -> None:
        data = b"x" * 300_000
        self.assertEqual(
            self.resultOf(self.client.echo(data), self.client.close()), [data, None]
        )

    def test_closeAtRest(self) -> None:
        self.assertEqual(self.resultOf(self.client.close()), [None])


class Scripted(Protocol):
    """Does with what comes whatever the test wants."""

    def dataReceived(self, data: bytes) -> None:
        transport: Any = self.transport
        if data.startswith(b"partly"):
            transport.write(b"par")
        elif data.startswith(b"end"):
            transport.write(b"en")
            transport.loseConnection()
        elif data.startswith(b"more"):
            transport.write(b"more and more")


class BadServerTests(Case):
    """Servers that don't echo, or not whole."""

    server = Factory.forProtocol(Scripted)

    def test_endsBeforeAllIsBack(self) -> None:
        first, second = (self.start(self.client.echo(each)) for each in (b"end", b"x"))
        self.endpoint.pump()
        error: Any = self.failureResultOf(first, EchoClosedError).value
        self.assertEqual(error.received, b"en")
        self.assertIsInstance(error, ConnectionError)
        error = self.failureResultOf(second, EchoClosedError).value
        self.assertEqual(error.received, b"")

    def test_endedMeanwhile(self) -> None:
        """Closing what is gone is no error; asking is."""
        self.endpoint.pairs[0].server.transport.loseConnection()
        self.endpoint.pump()
        asked = self.start(self.client.echo(b"a"))
        error = self.failureResultOf(asked, EchoClosedError).value
        self.assertIn("the server closed", str(error))
        self.assertEqual(self.resultOf(self.client.close()), [None])

    def test_late(self) -> None:
        """Octets that come later would be taken for the next echo's: we abort."""
        late, waiting = (
            self.start(self.client.echo(each)) for each in (b"partly", b"x")
        )
        self.endpoint.pump()
        self.clock.advance(5)
        self.failureResultOf(late).trap(ReplyTimeoutError)
        self.failureResultOf(waiting).trap(EchoClosedError)
        self.assertTrue(self.endpoint.pairs[0].clientTransport.aborted)
        self.failureResultOf(self.start(self.client.echo(b"a"))).trap(EchoClosedError)

    def test_cancelled(self) -> None:
        asked = self.start(self.client.echo(b"partly"))
        asked.cancel()
        self.failureResultOf(asked).trap(CancelledError)
        self.assertTrue(self.endpoint.pairs[0].clientTransport.aborted)

    def test_closeAfterGivingUp(self) -> None:
        """The end of an aborted connection is waited for like any other."""
        self.start(self.client.echo(b"partly")).addErrback(lambda _: None).cancel()
        self.assertEqual(self.resultOf(self.client.close()), [None])

    def test_moreThanWasSent(self) -> None:
        """Nothing is kept for later: a server can't fill our memory."""
        self.assertEqual(self.resultOf(self.client.echo(b"more")), [b"more"])
        asked = self.start(self.client.echo(b"a"))
        error = self.failureResultOf(asked, EchoClosedError).value
        self.assertIn("no echo server", str(error))

    def test_closeThatIsNotAnswered(self) -> None:
        pair = self.endpoint.pairs[0]
        pair.server.transport.pauseProducing()
        closed = self.start(self.client.close())
        self.endpoint.pump()
        self.clock.advance(5)
        self.failureResultOf(closed).trap(ReplyTimeoutError)
        self.assertTrue(pair.clientTransport.aborted)


class ConnectTests(Case):
    def test_fallsOver(self) -> None:
        client = self.clientOf(Refusing(), self.endpoint)
        self.successResultOf(self.start(client.connect()))
        self.assertEqual(self.resultOf(client.echo(b"a")), [b"a"])

    def test_nobody(self) -> None:
        client = self.clientOf(Refusing(), Refusing())
        error: Any = self.failureResultOf(self.start(client.connect())).value
        self.assertIsInstance(error, ConnectFailedError)
        self.assertEqual(len(error.failures), 2)
        asked = self.start(client.echo(b"a"))
        self.failureResultOf(asked).trap(EchoClosedError)


class SocketTests(SynchronousTestCase):
    """The same on sockets, in a reactor's thread."""

    def test_wholeLife(self) -> None:
        data = bytes(range(256)) * 4096
        with runningInThread(EchoFactory()) as running:

            async def talk() -> bytes:
                addresses = [(running.host, running.port)]
                async with EchoClient(running.reactor, addresses) as client:
                    return await client.echo(data)

            self.assertEqual(running.call(talk), data)

    def test_nobodyListens(self) -> None:
        """A port that is taken, and that nobody listens on, refuses."""
        with socket() as taken, runningInThread(EchoFactory()) as running:
            taken.bind(("127.0.0.1", 0))
            client = EchoClient(running.reactor, [taken.getsockname()], attempts=1)
            with self.assertRaises(ConnectFailedError) as raised:
                running.call(client.connect)
        self.assertRegex(str(raised.exception), r"^127\.0\.0\.1:\d+: .*refused")
