"""The client: servers that can't be had, or do not answer."""

from __future__ import annotations

from typing import Any

from twisted.internet.protocol import Factory, Protocol

from protocols.chat.client import (
    ChatClosedError,
    ConnectFailedError,
    ReplyTimeoutError,
)
from tests.chat.clients import Case, Refusing


class ConnectTests(Case):
    def test_nameTaken(self) -> None:
        self.resultOf(self.clientOf("ann").connect())
        other = self.clientOf("ANN")
        self.assertIn("is taken", self.refusalOf(other.connect()))
        self.assertTrue(self.endpoint.pairs[1].clientTransport.aborted)
        self.refusalOf(other.say("x"), ChatClosedError)

    def test_fallsOver(self) -> None:
        client = self.clientOf("ann", Refusing(), self.endpoint)
        self.assertEqual(self.resultOf(client.connect()), "#lobby")

    def test_nobody(self) -> None:
        client = self.clientOf("ann", Refusing())
        self.refusalOf(client.connect(), ConnectFailedError)

    def test_context(self) -> None:
        async def use(error: Exception | None = None) -> None:
            async with self.clientOf("ann") as client:
                await client.say("hello")
                if error is not None:
                    raise error

        self.resultOf(use())
        self.assertFalse(self.endpoint.pairs[0].clientTransport.aborted)
        self.refusalOf(use(KeyError("x")), KeyError)
        self.assertTrue(self.endpoint.pairs[1].clientTransport.aborted)


class Silent(Protocol):
    """Asks for a name, takes it, and says nothing any more."""

    def connectionMade(self) -> None:
        self.transport.write(b"* What is your name?\r\n")  # type: ignore[union-attr]

    def dataReceived(self, data: bytes) -> None:
        if data == b"ann\r\n":
            said = b"* Hello, ann.\r\n* You are in #tea, with ann.\r\n"
            self.transport.write(said)  # type: ignore[union-attr]


class Full(Protocol):
    """Has no place."""

    def connectionMade(self) -> None:
        transport: Any = self.transport
        transport.write(b"* There is no place for you just now.\r\n")
        transport.loseConnection()


class BadServerTests(Case):
    protocol: Any = Silent

    def server(self) -> Any:
        return Factory.forProtocol(self.protocol)

    def test_noAnswer(self) -> None:
        """A late answer would be taken for the next one: we abort."""
        ann = self.clientOf("ann")
        self.assertEqual(self.resultOf(ann.connect()), "#tea")
        late, behind = (self.start(ann.join(room)) for room in ("a", "b"))
        self.clock.advance(5)
        self.failureResultOf(late).trap(ReplyTimeoutError)
        self.failureResultOf(behind).trap(ChatClosedError)
        self.assertTrue(self.endpoint.pairs[0].clientTransport.aborted)

    def test_nameIsNotTaken(self) -> None:
        connecting = self.start(self.clientOf("bob").connect())
        self.clock.advance(5)
        self.failureResultOf(connecting).trap(ReplyTimeoutError)

    def test_doesNotClose(self) -> None:
        ann = self.clientOf("ann")
        self.resultOf(ann.connect())
        closing = self.start(ann.close())
        self.clock.advance(5)
        self.failureResultOf(closing).trap(ReplyTimeoutError)
        self.assertTrue(self.endpoint.pairs[0].clientTransport.aborted)


class FullServerTests(BadServerTests):
    protocol = Full

    def test_noAnswer(self) -> None:
        said = self.refusalOf(self.clientOf("ann").connect(), ChatClosedError)
        self.assertIn("no place for you", said)

    test_nameIsNotTaken = test_doesNotClose = test_noAnswer
