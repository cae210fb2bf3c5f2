"""A client of the Echo Protocol over UDP (RFC 862), to be awaited."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import deferLater

from protocols.connecting import (
    ATTEMPTS,
    BACKOFF,
    MAX_BACKOFF,
    ConnectFailedError,
    ReplyTimeoutError,
    waits,
    withTimeout,
)

# Seconds for an echo to come back: RFC 6298, section 2.1, begins with one, and a
# path around the world takes less than half of that.
REPLY_TIMEOUT = 1.0

Address = tuple[str, int]


class EchoRefusedError(ConnectionRefusedError):
    """The host says that nobody listens on the port (ICMP port unreachable)."""


class _Exchange(DatagramProtocol):
    """One datagram out, and the same one back."""

    noisy = False

    def __init__(self, server: Address, payload: bytes) -> None:
        self._server = server
        self._payload = payload
        self.answer: Deferred[bytes] = Deferred()

    def startProtocol(self) -> None:
        transport: Any = self.transport
        transport.connect(*self._server)
        transport.write(self._payload)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """An echo has no number: it is ours if it says what we said."""
        if datagram == self._payload and not self.answer.called:
            self.answer.callback(datagram)

    def connectionRefused(self) -> None:
        if not self.answer.called:
            self.answer.errback(EchoRefusedError(f"nobody listens at {self._server}"))


class EchoDatagramClient:
    """Sends datagrams to be echoed.

    @param reactor: an C{IReactorUDP} and C{IReactorTime}.
    @param servers: literal addresses and ports; the next one is asked when one
        refuses or stays silent.
    @param replyTimeout: seconds to wait for one echo.
    @param attempts: rounds over all servers, 1 or more; between two of them
        there is a random wait, twice as long at most each time.
    @param backoff: seconds, at most, of the first such wait.
    """

    def __init__(
        self,
        reactor: Any,
        servers: Sequence[Address],
        *,
        replyTimeout: float = REPLY_TIMEOUT,
        attempts: int = ATTEMPTS,
        backoff: float = BACKOFF,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if not servers or attempts < 1:
            raise ValueError("there is a server, and an attempt, at least")
        self._reactor = reactor
        self._servers = list(servers)
        self._replyTimeout = replyTimeout
        self._attempts = attempts
        self._backoff = backoff
        self._jitter = jitter

    async def echo(self, payload: bytes) -> bytes:
        """Send C{payload}, 0 to 65,507 octets, and wait for it to come back.

        @raise ConnectFailedError: no server sent it back in any round; it lists
            what each one said.
        """
        said: list[tuple[str, Exception]] = []
        pauses = waits(self._backoff, MAX_BACKOFF, self._jitter)
        for pause in [0.0, *islice(pauses, self._attempts - 1)]:
            if pause:
                await deferLater(self._reactor, pause)
            for server in self._servers:
                try:
                    return await self._ask(server, payload)
                except (OSError, ReplyTimeoutError) as error:
                    said.append((f"{server[0]}:{server[1]}", error))
        raise ConnectFailedError(said)

    async def _ask(self, server: Address, payload: bytes) -> bytes:
        exchange = _Exchange(server, payload)
        interface = "::" if ":" in server[0] else ""
        port = self._reactor.listenUDP(0, exchange, interface, 65536)
        try:
            back: bytes = await withTimeout(
                self._reactor, self._replyTimeout, exchange.answer, "the echo"
            )
            return back
        finally:
            await _stopped(port)


async def _stopped(port: Any) -> None:
    stopping = port.stopListening()
    if stopping is not None:
        await stopping
