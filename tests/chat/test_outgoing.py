"""Who gets the same as others gets it in one call with them."""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatProtocol
from protocols.chat.events import Posting
from protocols.testing import Conversation
from tests.chat.people import chat
from tests.chat.test_room import RoomTestCase, Somebody


class Shared(StringTransport):
    """A transport that knows what it was written together with others."""

    calls: list[tuple[list[Any], bytes]]

    @staticmethod
    def writeToAll(transports: list[Any], data: bytes) -> None:
        Shared.calls.append((transports, data))
        for transport in transports:
            transport.write(data)


class OutletTests(SynchronousTestCase):
    def setUp(self) -> None:
        Shared.calls = []
        self.factory = chat()

    def enter(self, name: str, kind: Any = ChatProtocol, transport: Any = None) -> Any:
        self.factory.protocol = kind
        protocol: Any = self.factory.buildProtocol(None)
        protocol.makeConnection(Shared() if transport is None else transport)
        protocol.dataReceived(f"{name}\n".encode())
        self.turn()
        return protocol

    def turn(self) -> None:
        self.factory.clock.advance(0)

    def say(self, protocol: Any, text: str) -> list[bytes]:
        """What each of C{self.people} hears."""
        for person in self.people:
            person.transport.clear()
        Shared.calls.clear()
        protocol.dataReceived(f"{text}\n".encode())
        self.turn()
        return [person.transport.value() for person in self.people]

    def test_together(self) -> None:
        """All but who says it; one call, and one object, for all."""
        self.people = [self.enter(name) for name in ("ann", "bob", "eve")]
        ann, bob, eve = self.people
        said = b"#lobby <ann> hi\r\n"
        self.assertEqual(self.say(ann, "hi"), [b"", said, said])
        self.assertEqual(Shared.calls, [([bob.transport, eve.transport], said)])

    def test_whoDoesNotRead(self) -> None:
        """What is kept for somebody is kept in order."""
        self.people = [self.enter(name) for name in ("ann", "bob", "eve")]
        ann, bob, eve = self.people
        bob.pauseProducing()
        self.assertEqual(self.say(ann, "one")[1], b"")
        self.assertEqual(Shared.calls[0][0], [eve.transport])
        bob.resumeProducing()
        self.assertEqual(bob.transport.value(), b"#lobby <ann> one\r\n")
        self.assertEqual(self.say(ann, "two")[1], b"#lobby <ann> two\r\n")
        self.assertEqual(Shared.calls[0][0], [bob.transport, eve.transport])

    def test_whoLooksAtIt(self) -> None:
        """A subclass that overrides C{deliver} gets all of it."""

        class Loud(ChatProtocol):
            def deliver(self, octets: bytes) -> None:
                super().deliver(octets.upper())

        self.people = [self.enter("ann"), self.enter("bob", Loud)]
        self.assertEqual(self.say(self.people[0], "hi")[1], b"#LOBBY <ANN> HI\r\n")
        self.assertEqual(Shared.calls, [])

    def test_whoseTransportCannot(self) -> None:
        """Nor is it asked of one that only passes on what another can."""

        class Wrapper(StringTransport):
            def __getattr__(self, name: str) -> Any:
                return getattr(Shared, name)

        self.people = [self.enter("ann"), self.enter("bob", transport=Wrapper())]
        self.assertEqual(self.say(self.people[0], "hi")[1], b"#lobby <ann> hi\r\n")
        self.assertEqual(Shared.calls, [])

    def test_anyOtherTransport(self) -> None:
        self.factory.protocol = ChatProtocol
        self.assertIsNone(Conversation(self.factory).protocol.outlet)


class RoomTests(RoomTestCase):
    def test_nothingIsWritten(self) -> None:
        """A dialect that does not tell something is not heard of it."""

        class Outlet:
            writeToAll = None

        _, bob = self.enter("ann", "bob")
        bob.outlet = Outlet()
        self.room.post(Posting("#tea", "typing", "ann", kind="tags"))
        self.turn()
        self.assertEqual(bob.got, [])

    def test_whoCame(self) -> None:
        """Who is told something else than all others is told by itself."""
        (ann,) = self.enter("ann")
        bob: Any = Somebody("bob")
        bob.outlet = ann.outlet = StringTransport()
        self.lobby.claim("bob", bob)
        self.lobby.join(bob, "#tea")
        told: list[Any] = []
        ann.outlet.writeToAll = lambda outlets, octets: told.append(octets)
        self.room.post(Posting("#tea", "hi", "eve"))
        self.turn()
        self.assertEqual(told, [b"#tea * bob joined\r\n#tea <eve> hi\r\n"])
        self.assertEqual(bob.got, [b"#tea <eve> hi\r\n"])
