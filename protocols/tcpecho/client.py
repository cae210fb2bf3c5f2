"""A client of the Echo Protocol over TCP (RFC 862), to be awaited."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from protocols.closing import ClosingClient
from protocols.connecting import (
    ATTEMPTS,
    CONNECT_TIMEOUT,
    Address,
    ConnectFailedError,
    ReplyTimeoutError,
    connectAny,
    withTimeout,
)

__all__ = [
    "ConnectFailedError",
    "EchoClient",
    "EchoClosedError",
    "ReplyTimeoutError",
]

# Seconds for an echo to be back whole: three times what a SYN lost twice costs
# (protocols.connecting), so that a lossy path is not taken for a dead server.
REPLY_TIMEOUT = 30.0


class EchoClosedError(ConnectionError):
    """There is no connection, or it ended before all octets were back.

    @ivar received: what had come of the echo that was waited for.
    """

    def __init__(self, why: str, received: bytes = b"") -> None:
        super().__init__(why)
        self.received = received


class EchoConnection(Protocol):
    """Matches octets that come back with those who wait for them.

    TCP keeps their order, so counting is enough: the first to ask is the first
    to be answered, and many may ask before the first is answered.
    """

    _ended: str | None = None

    def __init__(self) -> None:
        self._received = bytearray()
        self._asked: deque[tuple[int, Deferred[bytes]]] = deque()
        self._closings: list[Deferred[None]] = []
        self._lost = False

    def ask(self, data: bytes) -> Deferred[bytes]:
        """Send one or more octets; fires with as many.

        Who cancels it ends the connection: nobody could tell any longer whose
        octets the next ones are.
        """
        if self._ended is not None:
            raise EchoClosedError(self._ended)
        answer: Deferred[bytes] = Deferred(lambda _: self.abort("an echo was given up"))
        self._asked.append((len(data), answer))
        self.transport.write(data)  # type: ignore[union-attr]
        return answer

    def dataReceived(self, data: bytes) -> None:
        """Hand out what is complete; an echo never gives more than it got."""
        self._received += data
        while self._asked and len(self._received) >= self._asked[0][0]:
            size, answer = self._asked.popleft()
            echoed = bytes(self._received[:size])
            del self._received[:size]
            answer.callback(echoed)
        if self._received and not self._asked:
            self.abort("more came back than was sent: no echo server")

    def finish(self) -> Deferred[None]:
        """Send no more, wait for the rest; fires when the connection is gone."""
        gone: Deferred[None] = Deferred()
        if self._lost:
            gone.callback(None)
            return gone
        self._closings.append(gone)
        if self._ended is None:
            self._ended = "the connection was closed"
            self._endWriting()
        return gone

    def abort(self, why: str) -> None:
        """End at once, and fail all who wait."""
        self._giveUp(why)
        self.transport.abortConnection()  # type: ignore[union-attr]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing more comes."""
        self._lost = True
        self._giveUp(f"the server closed: {reason.getErrorMessage()}")
        closings, self._closings = self._closings, []
        for gone in closings:
            gone.callback(None)

    def _endWriting(self) -> None:
        """TLS can't end one way only: there the last echo is waited for first."""
        transport: Any = self.transport
        if not ISSLTransport.providedBy(transport):
            transport.loseWriteConnection()
        elif self._asked:
            self._asked[-1][1].addCallback(lambda _: transport.loseConnection())
        else:
            transport.loseConnection()

    def _giveUp(self, why: str) -> None:
        self._ended = self._ended or why
        asked, self._asked = self._asked, deque()
        received, self._received = bytes(self._received), bytearray()
        for _, answer in asked:
            answer.errback(EchoClosedError(why, received))
            received = b""


class _EchoConnectionFactory(Factory):
    protocol = EchoConnection
    noisy = False


class EchoClient(ClosingClient):
    """One connection to an echo server, at the first address that answers::

        async with EchoClient(reactor, [("127.0.0.1", 7007)]) as client:
            assert await client.echo(b"hello") == b"hello"

    @param reactor: where it connects, and its clock.
    @param addresses: hosts and ports, or client endpoints (for TLS and UNIX).
    @param connectTimeout: seconds for each attempt to connect.
    @param replyTimeout: seconds from asking until the last octet is back, and
        for the server to close after us.
    @param retrying: C{attempts}, C{backoff}, C{maxBackoff} and C{jitter}, as
        L{connectAny} takes them.
    """

    def __init__(
        self,
        reactor: Any,
        addresses: Sequence[Address],
        *,
        connectTimeout: float = CONNECT_TIMEOUT,
        replyTimeout: float = REPLY_TIMEOUT,
        attempts: int = ATTEMPTS,
        **retrying: Any,
    ) -> None:
        self._reactor = reactor
        self._addresses = addresses
        self._replyTimeout = replyTimeout
        self._connecting = {
            "connectTimeout": connectTimeout,
            "attempts": attempts,
            **retrying,
        }
        self._connection: EchoConnection | None = None

    async def connect(self) -> None:
        """Connect; after L{close} or L{abort} it may be called again.

        @raise ConnectFailedError: no address took us.
        @raise RuntimeError: an earlier connection has not been closed.
        """
        if self._connection is not None:
            raise RuntimeError("close the connection that there is first")
        self._connection = await connectAny(
            self._reactor,
            _EchoConnectionFactory(),
            self._addresses,
            **self._connecting,
        )

    async def echo(self, data: bytes) -> bytes:
        """Send C{data}, and return as many octets as it has.

        They are what the server sent back; whether they are the same is for the
        caller to see. Several calls may wait at a time.

        @raise EchoClosedError: there is no connection, or it ended.
        @raise ReplyTimeoutError: they were not back in time. The connection is
            aborted, since later octets could not be told from late ones.
        """
        if self._connection is None:
            raise EchoClosedError("not connected")
        if not data:
            return b""
        answer = self._connection.ask(data)
        return await withTimeout(self._reactor, self._replyTimeout, answer, "the echo")

    def _endOf(self, connection: EchoConnection) -> Deferred[None]:
        """Send FIN, let what is under way come back, and wait for the server's."""
        return connection.finish()
