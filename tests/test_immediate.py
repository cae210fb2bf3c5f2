"""L{protocols.immediate}: sent in the same turn, and else as Twisted does."""

from __future__ import annotations

import socket
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection, Server
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from protocols import immediate
from protocols.immediate import _Polls, sendAtOnce, works


class Talker(Protocol):
    """Does what the test says when octets come."""

    def __init__(self) -> None:
        self.act: Any = lambda data: None

    def dataReceived(self, data: bytes) -> None:
        self.act(data)


class Producer:
    def __init__(self) -> None:
        self.events: list[str] = []

    def pauseProducing(self) -> None:
        self.events.append("pause")

    def resumeProducing(self) -> None:
        self.events.append("resume")

    def stopProducing(self) -> None:
        self.events.append("stop")


class ImmediateCase(SynchronousTestCase):
    def setUp(self) -> None:
        ours, self.theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(self.theirs.close)
        self.theirs.setblocking(False)
        self.reactor: Any = _Polls()
        self.protocol = Talker()
        self.transport: Any = Connection(ours, self.protocol, self.reactor)  # type: ignore[arg-type]
        self.transport.connected = 1
        self.assertTrue(sendAtOnce(self.transport))
        self.protocol.makeConnection(self.transport)
        self.sends = 0
        send = self.transport.writeSomeData

        def counted(data: bytes) -> Any:
            self.sends += 1
            return send(data)

        self.transport.writeSomeData = counted

    def receive(self, data: bytes = b"x") -> None:
        self.theirs.sendall(data)
        self.transport.doRead()
        self.reactor.endTurn()

    def another(self) -> tuple[Any, Any]:
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        return ours, Talker()

    def heard(self) -> bytes:
        try:
            return self.theirs.recv(1 << 20)
        except BlockingIOError:
            return b""


class SendTests(ImmediateCase):
    def test_whileReceiving(self) -> None:
        """All of it at the end, in one system call; nothing is polled for."""

        def act(data: bytes) -> None:
            self.transport.write(b"one ")
            self.transport.writeSequence([b"two ", b"three"])
            self.assertEqual(self.heard(), b"")

        self.protocol.act = act
        self.receive()
        self.assertEqual((self.heard(), self.sends), (b"one two three", 1))
        self.assertEqual(self.reactor.polled, set())

    def test_atAnyOtherTime(self) -> None:
        self.transport.write(b"hel")
        self.transport.write(b"lo")
        self.assertEqual(self.heard(), b"")
        self.reactor.endTurn()
        self.assertEqual((self.heard(), self.reactor.polled), (b"hello", set()))
        self.assertEqual(self.sends, 1)

    def test_onePassForAll(self) -> None:
        """All transports of a reactor are sent to behind one another."""
        other: Any = Connection(*self.another(), self.reactor)
        other.connected = 1
        sendAtOnce(other)
        self.transport.write(b"one")
        other.write(b"two")
        self.assertEqual(len(self.reactor._calls), 1)

    def test_whatIsLeft(self) -> None:
        """The kernel's buffer is full: the rest is sent when there is room."""
        octets = b"x" * (1 << 22)
        self.transport.write(octets)
        self.reactor.endTurn()
        self.assertEqual(self.reactor.polled, {"write"})
        sends = self.sends
        self.transport.write(b"end")
        self.reactor.endTurn()
        self.assertEqual(self.sends, sends, "nothing is tried while it is full")
        heard = b""
        for _ in range(10_000):
            heard += self.heard()
            if "write" not in self.reactor.polled and len(heard) > len(octets):
                break
            self.transport.doWrite()
        self.assertEqual(heard, octets + b"end")

    def test_mistake(self) -> None:
        """What was written before a protocol raises is sent."""

        def act(data: bytes) -> None:
            self.transport.write(b"oops")
            raise KeyError

        self.protocol.act = act
        self.assertRaises(KeyError, self.receive)
        self.reactor.endTurn()
        self.assertEqual(self.heard(), b"oops")


class EndTests(ImmediateCase):
    def test_close(self) -> None:
        """In the next turn, behind what was written, as ever."""

        def act(data: bytes) -> None:
            self.transport.write(b"bye")
            self.transport.loseConnection()

        self.protocol.act = act
        self.receive()
        self.assertEqual(self.reactor.polled, {"write"})
        self.assertIsInstance(self.transport.doWrite(), ConnectionDone)
        self.assertEqual(self.heard(), b"bye")

    def test_closeWithNothingToSay(self) -> None:
        self.transport.loseConnection()
        self.reactor.endTurn()
        self.assertEqual(self.reactor.polled, {"write"})
        self.assertIsInstance(self.transport.doWrite(), ConnectionDone)

    def test_halfClose(self) -> None:
        self.transport.write(b"bye")
        self.transport.loseWriteConnection()
        self.reactor.endTurn()
        self.assertEqual(self.reactor.polled, {"write"})
        self.transport.doWrite()
        self.assertEqual((self.heard(), self.heard()), (b"bye", b""))
        self.transport.write(b"more")
        self.reactor.endTurn()
        self.assertEqual(self.heard(), b"")

    def test_error(self) -> None:
        """It is the reactor that hears of it."""
        self.theirs.close()
        self.transport.write(b"x")
        self.reactor.endTurn()
        self.assertEqual(self.reactor.polled, {"write"})
        self.assertIsNotNone(self.transport.doWrite())

    def test_lost(self) -> None:
        """Nothing is sent on a connection that is gone."""

        def act(data: bytes) -> None:
            self.transport.write(b"late")
            self.transport.connected = 0

        self.protocol.act = act
        self.receive()
        self.assertEqual((self.heard(), self.reactor.polled), (b"", set()))


class ProducerTests(ImmediateCase):
    def test_notWithinAWrite(self) -> None:
        """A producer that was paused is resumed in a turn of its own."""
        producer = Producer()
        self.transport.registerProducer(producer, True)
        self.transport.write(b"x" * 70_000)
        self.assertEqual(producer.events, ["pause"])
        self.reactor.endTurn()
        self.assertEqual(self.heard(), b"x" * 70_000)
        self.assertEqual(producer.events, ["pause", "resume"])

    def test_pulled(self) -> None:
        """One piece a turn: a file does not fill the stack."""
        transport, pieces = self.transport, iter([b"a", b"b", b"c"])

        class Pulled(Producer):
            def resumeProducing(self) -> None:
                piece = next(pieces, None)
                if piece is None:
                    transport.unregisterProducer()
                else:
                    transport.write(piece)

        transport.registerProducer(Pulled(), False)
        heard = []
        for _ in range(4):
            self.reactor.endTurn()
            heard.append(self.heard())
        self.assertEqual(heard, [b"a", b"b", b"c", b""])

    def test_thatRaises(self) -> None:
        """Its own connection is lost, and not what others wrote."""
        producer: Any = Producer()
        producer.resumeProducing = lambda: {}["what"]
        other: Any = Connection(*self.another(), self.reactor)
        other.connected = 1
        sendAtOnce(other)
        self.transport.registerProducer(producer, True)
        self.transport.write(b"x" * 70_000)
        other.write(b"sent")
        self.reactor.endTurn()
        self.assertEqual(other._tempDataBuffer, [])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
        self.reactor.endTurn()
        self.assertFalse(self.transport.connected)


class CheckTests(SynchronousTestCase):
    def test_works(self) -> None:
        self.assertTrue(works())
        self.assertFalse(sendAtOnce(StringTransport()))

    def test_anotherTwisted(self) -> None:
        """Whose transports do otherwise: they are left as they are."""
        for target in ("turnEnded", "startWriting"):
            works.cache_clear()
            self.addCleanup(works.cache_clear)
            with patch.object(immediate._Immediate, target, lambda self: None):
                ours, theirs = socket.socketpair()
                transport: Any = Connection(ours, Talker(), _Polls())  # type: ignore[arg-type]
                self.assertFalse(sendAtOnce(transport))
                self.assertIs(type(transport), Connection)
                ours.close()
                theirs.close()


class NextTests(SynchronousTestCase):
    """Those that a port accepts later are of that kind from the beginning."""

    def test_next(self) -> None:
        port: Any = SimpleNamespace(transport=Server, _realPortNumber=7)
        reactor: Any = _Polls()
        sizes = []
        for number in range(100):
            ours, theirs = socket.socketpair()
            self.addCleanup(ours.close)
            self.addCleanup(theirs.close)
            made = port.transport(
                *(ours, Talker(), ("192.0.2.1", 9), port, number, reactor)
            )
            self.assertTrue(sendAtOnce(made))
            self.assertIs(type(made), port.transport)
            made.connected = 1
            made.write(b"x")
            reactor.endTurn()
            self.assertEqual(theirs.recv(9), b"x")
            sizes.append(sys.getsizeof(vars(made)))
        self.assertEqual(str(made), "<Talker #99 on 7>")
        self.assertEqual(made.logPrefix(), "Talker,99,192.0.2.1")
        # A dictionary of its own would have room for 42 attributes (0.8 KiB).
        if sys.version_info[:2] in ((3, 11), (3, 12)):
            self.assertLess(sizes[-1], 500)

    def test_anotherKindOfPort(self) -> None:
        """Who has its own kind of transport keeps it."""
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        port: Any = SimpleNamespace(transport=None, _realPortNumber=7)
        reactor: Any = _Polls()
        made = Server(ours, Talker(), ("192.0.2.1", 9), port, 0, reactor)
        self.assertTrue(sendAtOnce(made))
        self.assertIsNone(port.transport)
