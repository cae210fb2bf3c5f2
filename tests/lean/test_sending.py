"""L{protocols.lean.sending.writeToAll}: the same to many, as if to each."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.python.failure import Failure

from protocols.lean.sending import writeToAll
from tests.lean.conversations import LeanCase, Talker


class Pausing:
    """A producer that knows whether it was paused."""

    paused = False

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False

    def stopProducing(self) -> None:
        """Its transport is gone."""


class WriteToAllTests(LeanCase):
    def setUp(self) -> None:
        super().setUp()
        self.others = [Talker() for _ in range(3)]
        self.theirs = [self.connect(other) for other in self.others]
        self.streams = [other.transport for other in self.others]

    def sent(self) -> list[bytes]:
        self.turn()
        return [self.heard(each) for each in self.theirs]

    def test_once(self) -> None:
        """Nothing is sent before the turn ends, and then once to each."""
        writeToAll(self.streams, b"hello")
        self.assertEqual(self.heard(self.theirs[0]), b"")
        self.assertEqual(self.sent(), [b"hello"] * 3)
        self.assertEqual([stream.socket.sends for stream in self.streams], [1] * 3)
        self.assertEqual(self.polled(), set())

    def test_inOrder(self) -> None:
        """Behind what was written before, and before what is written later."""
        self.streams[1].write(b"one ")
        writeToAll(self.streams, b"two ")
        writeToAll(self.streams, b"three ")
        self.streams[1].write(b"four")
        both = b"two three "
        self.assertEqual(self.sent(), [both, b"one two three four", both])
        self.assertEqual([stream.socket.sends for stream in self.streams], [1] * 3)

    def test_fullKernel(self) -> None:
        """It waits behind what could not be sent."""
        much = bytes(1 << 22)
        self.streams[0].write(much)
        self.turn()
        writeToAll(self.streams, b"end")
        heard = b""
        while not heard.endswith(b"end"):
            self.turn()
            heard += self.heard(self.theirs[0])
        self.assertEqual(len(heard), len(much) + 3)

    def test_noRoom(self) -> None:
        """The kernel takes nothing, or a part: the rest when there is room."""
        for stream in self.streams[:2]:
            self.fill(stream)
        self.heard(self.theirs[1])
        much = bytes(range(256)) * (1 << 8)
        writeToAll(self.streams, much)
        self.turn()
        waiting = {stream.fileno() for stream in self.streams[:2]}
        self.assertTrue(
            self.polled() <= waiting and self.streams[0].fileno() in waiting
        )
        for theirs in self.theirs[:2]:
            self.assertTrue(self.everything(theirs).endswith(much))
        self.assertEqual(self.heard(self.theirs[2]), much)
        self.assertEqual(self.polled(), set())

    def test_inPart(self) -> None:
        """The kernel takes the beginning: the rest comes behind it, once."""
        inner = self.streams[0].socket.send
        self.streams[0].socket.send = lambda data: inner(data[:2])
        writeToAll(self.streams, b"hello")
        self.turn()
        self.assertEqual(self.polled(), {self.streams[0].fileno()})
        self.turn(3)
        self.assertEqual([self.heard(each) for each in self.theirs], [b"hello"] * 3)
        self.assertEqual(self.polled(), set())

    def fill(self, stream: Any) -> None:
        try:
            while True:
                stream.socket.send(bytes(1 << 20))
        except BlockingIOError:
            return

    def everything(self, theirs: Any) -> bytes:
        found, heard = b"", b"x"
        while heard or self.polled():
            heard = self.heard(theirs)
            found += heard
            self.turn()
            if not heard and not found:
                break
        return found

    def test_closedBehindIt(self) -> None:
        """What was written before the end is sent before it."""
        closed, half, aborted = self.streams
        writeToAll(self.streams, b"hello")
        closed.loseConnection()
        half.loseWriteConnection()
        aborted.abortConnection()
        self.turn(2)
        heard = [self.everything(each) for each in self.theirs]
        self.assertEqual(heard, [b"hello", b"hello", b""])
        self.others[0].lost.trap(ConnectionDone)
        self.assertIsNone(self.others[1].lost)
        self.others[2].lost.trap(ConnectionAborted)

    def test_gone(self) -> None:
        """Who has gone loses it; the others do not."""
        self.theirs[0].close()
        writeToAll(self.streams, b"hello")
        self.turn()
        self.assertIsNotNone(self.others[0].lost)
        self.assertEqual([self.heard(each) for each in self.theirs[1:]], [b"hello"] * 2)

    def test_lostMeanwhile(self) -> None:
        writeToAll(self.streams, b"hello")
        self.streams[0].connectionLost(Failure(ConnectionDone()))
        self.turn()
        self.assertEqual(
            [self.heard(each) for each in self.theirs], [b"", *[b"hello"] * 2]
        )

    def test_interrupted(self) -> None:
        """By the keyboard: what was not sent yet is sent later."""
        writeToAll(self.streams, b"hello")

        def interrupt(data: bytes) -> int:
            raise KeyboardInterrupt

        with patch.object(self.streams[1], "socket") as broken:
            broken.send = interrupt
            self.assertRaises(KeyboardInterrupt, self.reactor.sendWritten)
        self.assertEqual(
            [self.heard(each) for each in self.theirs], [b"hello", b"", b""]
        )
        self.assertEqual(self.sent(), [b"", b"hello", b"hello"])

    def test_whoWantsToWrite(self) -> None:
        """Each of them, as long as nothing is sent (IReactorFDSet)."""
        writeToAll(self.streams, b"hello")
        self.assertEqual(set(self.reactor.getWriters()), set(self.streams))
        self.turn()
        self.assertEqual(self.reactor.getWriters(), [])
        writeToAll(self.streams, b"hello")
        self.assertTrue(set(self.streams) <= set(self.reactor.removeAll()))
        self.assertEqual(self.reactor.getWriters(), [])

    def test_pulled(self) -> None:
        """Who waits until all is sent is told when it is."""
        pulled: list[bytes] = []
        producer = Pausing()
        producer.resumeProducing = lambda: pulled.append(b"x")  # type: ignore[method-assign]
        stream = self.streams[0]
        stream.registerProducer(producer, False)
        self.turn()
        pulled.clear()
        writeToAll(self.streams, b"hello")
        self.assertEqual(pulled, [])
        self.turn()
        self.assertEqual(len(pulled), 1)

    def assertWritten(self, stream: Any) -> None:
        """It gets it in the way of one that is written to by itself."""
        with patch.object(stream, "write") as write:
            writeToAll(self.streams, b"hello")
        write.assert_called_once_with(b"hello")

    def test_whoIsNotPlain(self) -> None:
        """Under TLS, half-closed or gone: as their own C{write} has it."""
        tls, half, gone = self.streams
        tls.TLS = True
        self.assertWritten(tls)
        tls.TLS = False
        half._writeDisconnected = True
        self.assertWritten(half)
        half._writeDisconnected = False
        gone.connected = 0
        self.assertWritten(gone)
        gone.connected = 1

    def test_producersPause(self) -> None:
        """More than a buffer holds pauses who has registered."""
        producer = Pausing()
        stream = self.streams[0]
        stream.registerProducer(producer, True)
        writeToAll(self.streams, bytes(stream.bufferSize))
        self.assertFalse(producer.paused)
        self.turn()
        writeToAll(self.streams, bytes(stream.bufferSize + 1))
        self.assertTrue(producer.paused)
        while self.heard(self.theirs[0]):
            self.turn()
        self.assertFalse(producer.paused)
