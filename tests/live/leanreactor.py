"""A lean reactor that runs for a test, beside the one that there is."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from unittest.mock import patch

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase

from protocols.lean.reactor import LeanReactor
from twisted import internet

TIMEOUT = 20
MUCH = bytes(range(256)) * 20_000


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)  # type: ignore[union-attr]


class Client(Protocol):
    """Waits for so many octets at a time."""

    transport: Any

    def __init__(self) -> None:
        self.buffer = b""
        self.wanted = 0
        self.waiting: Deferred[bytes] = Deferred()
        self.lost: Deferred[None] = Deferred()

    def expect(self, octets: int) -> Deferred[bytes]:
        self.wanted, self.waiting = octets, Deferred()
        self.dataReceived(b"")
        return self.waiting

    def dataReceived(self, data: bytes) -> None:
        self.buffer += data
        if self.wanted and len(self.buffer) >= self.wanted:
            got, self.buffer = self.buffer[: self.wanted], self.buffer[self.wanted :]
            self.wanted = 0
            self.waiting.callback(got)

    def connectionLost(self, reason: Any = None) -> None:
        self.lost.callback(None)


class LiveCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor: Any = LeanReactor()
        self.addCleanup(self.reactor.discard)
        self.result: Any = None
        # TLS asks whatever reactor there is to call it later.
        there = patch.object(internet, "reactor", self.reactor, create=True)
        there.start()
        self.addCleanup(there.stop)

    def run_(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let the reactor run until the work is done, or the time is up."""

        def start() -> None:
            done: Deferred[None] = ensureDeferred(work())
            done.addTimeout(TIMEOUT, self.reactor)
            done.addBoth(self.ended)

        self.reactor.callWhenRunning(start)
        self.reactor.run(installSignalHandlers=False)
        if self.result is not None:
            self.result.raiseException()

    def ended(self, result: Any) -> None:
        self.result = result
        self.reactor.stop()

    async def pair(self, listen: str, connect: str) -> tuple[Any, Client]:
        """A port that echoes, and a client of it."""
        factory = Factory.forProtocol(Echo)
        port = await serverFromString(self.reactor, listen).listen(factory)
        where = connect.format(getattr(port.getHost(), "port", ""))
        endpoint: Any = clientFromString(self.reactor, where)
        return port, await endpoint.connect(Factory.forProtocol(Client))

    async def echoes(self, client: Client) -> None:
        """A little, and then much, to and fro."""
        for data in (b"hello", MUCH, b"again"):
            answer = client.expect(len(data))
            client.transport.write(data)
            self.assertTrue(await answer == data)
