"""Connecting: fall-over, backoff and limits on time."""

from __future__ import annotations

from itertools import islice
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.internet.interfaces import (
    IHostnameResolver,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.connecting import (
    ConnectFailedError,
    ReplyTimeoutError,
    connectAny,
    waits,
    withTimeout,
)
from tests.reactors import Reactor

A, B = ("192.0.2.1", 7), ("2001:db8::1", 7)  # RFC 5737, RFC 3849
NAME = ("echo.example", 7)


@implementer(IHostnameResolver)
class SilentResolver:
    """A name server that never answers."""

    def resolveHostName(self, receiver: Any, *args: Any, **kwargs: Any) -> None:
        receiver.resolutionBegan(None)


@implementer(IStreamClientEndpoint)
class Answering:
    """An endpoint with one answer for everybody."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __repr__(self) -> str:
        return "<Answering>"

    def connect(self, factory: Any) -> Any:
        return self.answer


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor: Any = Reactor()

    def start(self, *addresses: Any, **options: Any) -> Deferred[Any]:
        options = {"jitter": lambda: 1.0, **options}
        factory = Factory.forProtocol(Protocol)
        coroutine = connectAny(self.reactor, factory, addresses, **options)
        return Deferred.fromCoroutine(coroutine)

    @property
    def tried(self) -> list[str]:
        """The hosts that were tried."""
        return [client[0] for client in self.reactor.tcpClients]

    def refuse(self) -> None:
        """The latest attempt is refused."""
        factory = self.reactor.tcpClients[-1][2]
        factory.clientConnectionFailed(None, Failure(ConnectError(string="refused")))

    def accept(self) -> None:
        """The latest attempt succeeds."""
        factory = self.reactor.tcpClients[-1][2]
        factory.buildProtocol(None).makeConnection(StringTransport())

    def assertAtRest(self) -> None:
        self.assertEqual(self.reactor.getDelayedCalls(), [])


class FallOverTests(Case):
    def test_first(self) -> None:
        connected = self.start(A, B)
        self.accept()
        self.assertIsInstance(self.successResultOf(connected), Protocol)
        self.assertEqual(self.tried, [A[0]])
        self.assertAtRest()

    def test_atOnceToTheNext(self) -> None:
        connected = self.start(A, B)
        self.refuse()
        self.assertEqual(self.tried, [A[0], B[0]])
        self.accept()
        self.assertIsInstance(self.successResultOf(connected), Protocol)
        self.assertEqual(self.reactor.seconds(), 0)

    def test_name(self) -> None:
        connected = self.start(NAME)
        self.accept()
        self.assertIsInstance(self.successResultOf(connected), Protocol)

    def test_endpoint(self) -> None:
        """TLS, UNIX and one's own."""
        protocol = Protocol()
        connected = self.start(A, Answering(succeed(protocol)))
        self.refuse()
        self.assertIs(self.successResultOf(connected), protocol)

    def test_handshakeThatFails(self) -> None:
        """An endpoint that wraps others may see the connection go."""
        connected = self.start(Answering(fail(ConnectionLost())), A)
        self.accept()
        self.successResultOf(connected)

    def test_faultOfTheCaller(self) -> None:
        """... is not an answer of the network, and is told as it is."""
        failure = self.failureResultOf(self.start(Answering(fail(KeyError("x"))), A))
        failure.trap(KeyError)
        self.assertEqual(self.tried, [])

    def test_nothingToTry(self) -> None:
        self.failureResultOf(self.start()).trap(ValueError)
        self.failureResultOf(self.start(A, attempts=0)).trap(ValueError)

    def test_noName(self) -> None:
        self.failureResultOf(self.start(("bad\x00..name", 7))).trap(ValueError)


class RoundTests(Case):
    def test_waitsBetweenRounds(self) -> None:
        connected = self.start(A, backoff=0.5)
        for wait in (0.5, 1.0):
            self.refuse()
            tried = len(self.tried)
            self.reactor.advance(wait - 0.01)
            self.assertEqual(len(self.tried), tried)
            self.reactor.advance(0.01)
            self.assertEqual(len(self.tried), tried + 1)
        self.accept()
        self.successResultOf(connected)
        self.assertAtRest()

    def test_whatEachSaid(self) -> None:
        connected = self.start(A, B, attempts=2)
        for _ in range(2):
            self.refuse()
            self.refuse()
            self.reactor.advance(0.5)
        error: Any = self.failureResultOf(connected, ConnectFailedError).value
        places = [where for where, _ in error.failures]
        self.assertEqual(places, ["192.0.2.1:7", "[2001:db8::1]:7"] * 2)
        self.assertRegex(str(error), r"192\.0\.2\.1:7: .*refused.* \(2 times\); \[2001")
        self.assertIsInstance(error, ConnectionError)
        self.assertAtRest()

    def test_cancelledWhileItWaits(self) -> None:
        connected = self.start(A)
        self.refuse()
        connected.cancel()
        self.failureResultOf(connected).trap(CancelledError)
        self.assertAtRest()


class ConnectTimeoutTests(Case):
    def test_silentAddress(self) -> None:
        """It is given up, the attempt is stopped, and the next one's turn comes."""
        connected = self.start(A, B, connectTimeout=4)
        self.reactor.advance(3.9)
        self.assertEqual(self.tried, [A[0]])
        self.reactor.advance(0.1)
        self.assertEqual(self.tried, [A[0], B[0]])
        self.assertTrue(self.reactor.connectors[0].stoppedConnecting)
        self.accept()
        self.successResultOf(connected)

    def test_silentNameServer(self) -> None:
        """The limit covers the look-up."""
        self.reactor.installNameResolver(SilentResolver())
        connected = self.start(NAME, connectTimeout=4, attempts=1)
        self.reactor.advance(4)
        value: Any = self.failureResultOf(connected, ConnectFailedError).value
        [(where, error)] = value.failures
        self.assertEqual(where, "echo.example:7")
        self.assertIsInstance(error, ReplyTimeoutError)

    def test_cancelledWhileConnecting(self) -> None:
        connected = self.start(A, B)
        connected.cancel()
        self.failureResultOf(connected).trap(CancelledError)
        self.assertTrue(self.reactor.connectors[0].stoppedConnecting)
        self.assertEqual(self.tried, [A[0]])
        self.assertAtRest()

    def test_cancelledWhileTheNameIsLookedUp(self) -> None:
        """A cancelled look-up says "not found", which must not lead us on."""
        self.reactor.installNameResolver(SilentResolver())
        connected = self.start(NAME, A)
        connected.cancel()
        self.failureResultOf(connected).trap(CancelledError)
        self.assertEqual(self.tried, [])
        self.assertAtRest()


class WaitsTests(SynchronousTestCase):
    def test_doubled(self) -> None:
        self.assertEqual(list(islice(waits(1, 5, lambda: 1.0), 5)), [1, 2, 4, 5, 5])

    def test_fullJitter(self) -> None:
        self.assertEqual(list(islice(waits(1, 5, lambda: 0.0), 3)), [0, 0, 0])

    @given(st.floats(0, 60), st.floats(0, 60), st.integers(1, 2000))
    def test_bounded(self, first: float, most: float, n: int) -> None:
        for wait in islice(waits(first, most), n):
            self.assertTrue(0 <= wait <= most)


class WithTimeoutTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()

    def start(self, awaitable: Any) -> Deferred[Any]:
        limited = withTimeout(self.clock, 2.0, awaitable, "the word")
        return Deferred.fromCoroutine(limited)

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_inTime(self) -> None:
        work: Deferred[str] = Deferred()
        limited = self.start(work)
        self.clock.advance(1.9)
        work.callback("hello")
        self.assertEqual(self.successResultOf(limited), "hello")

    def test_coroutine(self) -> None:
        async def work() -> str:
            return "hello"

        self.assertEqual(self.successResultOf(self.start(work())), "hello")

    def test_failure(self) -> None:
        self.failureResultOf(self.start(fail(KeyError("x")))).trap(KeyError)

    def test_late(self) -> None:
        cancelled: list[Any] = []
        limited = self.start(Deferred(cancelled.append))
        self.clock.advance(2)
        error: Any = self.failureResultOf(limited, ReplyTimeoutError).value
        self.assertEqual(len(cancelled), 1)
        self.assertEqual((error.what, error.seconds), ("the word", 2.0))
        self.assertEqual(str(error), "the word: not within 2 s")
        self.assertIsInstance(error, TimeoutError)

    def test_whatIsMadeOfTheCancelling(self) -> None:
        """... does not matter: not an error, not a result."""
        for settle in (
            lambda work: work.errback(KeyError("x")),
            lambda work: work.callback("late"),
        ):
            limited = self.start(Deferred(settle))
            self.clock.advance(2)
            self.failureResultOf(limited).trap(ReplyTimeoutError)

    def test_workThatGoesOn(self) -> None:
        """A coroutine may clean up for long; the caller is not kept."""
        cleaned: Deferred[None] = Deferred()

        async def work() -> None:
            try:
                await Deferred()
            finally:
                await cleaned

        limited = self.start(work())
        self.clock.advance(2)
        self.failureResultOf(limited).trap(ReplyTimeoutError)
        cleaned.errback(KeyError("nobody hears"))

    def test_cancelled(self) -> None:
        cancelled: list[Any] = []
        limited = self.start(Deferred(cancelled.append))
        limited.cancel()
        self.failureResultOf(limited).trap(CancelledError)
        self.assertEqual(len(cancelled), 1)

    def test_nothingToWaitFor(self) -> None:
        self.failureResultOf(self.start(3)).trap(TypeError)
