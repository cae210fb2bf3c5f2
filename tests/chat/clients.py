"""Clients of a chat without sockets, for tests."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.chat import ChatFactory
from protocols.chat.client import (
    ChatClient,
    ChatRefusedError,
)
from protocols.testing import connectedPair


@implementer(IStreamClientEndpoint)
class InMemory:
    """Connects to a server of its own; C{pump} carries what is under way.

    @ivar pairs: the connections so far.
    """

    def __init__(self, server: Any, clock: Clock) -> None:
        self.server = server
        self.clock = clock
        self.pairs: list[Any] = []

    def connect(self, factory: Any) -> Any:
        self.pairs.append(connectedPair(self.server, factory))
        return succeed(self.pairs[-1].client)

    def pump(self) -> None:
        """Carry, let the turn end, and carry what came of that."""
        for _ in range(3):
            for pair in self.pairs:
                pair.pump()
            self.clock.advance(0)


@implementer(IStreamClientEndpoint)
class Refusing:
    def connect(self, factory: Any) -> Any:
        return fail(ConnectError())


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.endpoint = InMemory(self.server(), self.clock)

    def server(self) -> Any:
        return ChatFactory(clock=self.clock)

    def clientOf(self, name: str, *addresses: Any) -> ChatClient:
        return ChatClient(
            self.clock, addresses or [self.endpoint], name, replyTimeout=5, attempts=1
        )

    def start(self, coroutine: Any) -> Deferred[Any]:
        started = Deferred.fromCoroutine(coroutine)
        self.endpoint.pump()
        return started

    def resultOf(self, coroutine: Any) -> Any:
        return self.successResultOf(self.start(coroutine))

    def refusalOf(self, coroutine: Any, kind: Any = ChatRefusedError) -> str:
        return str(self.failureResultOf(self.start(coroutine), kind).value)
