"""L{protocols.lean.stream}: what is written is sent once a turn."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from protocols.lean import polling
from protocols.lean.stream import MOST_ROOM, MUCH
from tests.lean.conversations import LeanCase, Talker


class SendTests(LeanCase):
    def test_whileReceiving(self) -> None:
        """All of it at the end, in one system call; nothing is polled for."""

        def act(data: bytes) -> None:
            self.transport.write(b"one ")
            self.transport.writeSequence([b"two ", b"three"])
            self.assertEqual(self.heard(), b"")

        self.protocol.act = act
        self.receive()
        self.assertEqual((self.heard(), self.sends), (b"one two three", 1))
        self.assertEqual(self.polled(), set())

    def test_atAnyOtherTime(self) -> None:
        self.transport.write(b"hel")
        self.transport.write(b"lo")
        self.assertEqual(self.heard(), b"")
        self.turn()
        self.assertEqual((self.heard(), self.sends), (b"hello", 1))
        self.assertEqual(self.polled(), set())

    def test_inATimedCall(self) -> None:
        """It is sent before the reactor goes to sleep."""
        self.reactor.callLater(0, self.transport.write, b"now")
        self.turn()
        self.assertEqual(self.heard(), b"now")

    def test_toOthers(self) -> None:
        """One that receives writes to all: each is sent to once."""
        others = [Talker() for _ in range(3)]
        theirs = [self.connect(other) for other in others]

        def act(data: bytes) -> None:
            for _ in range(2):
                for other in others:
                    other.transport.write(data)

        self.protocol.act = act
        self.receive(b"all")
        self.assertEqual([self.heard(each) for each in theirs], [b"allall"] * 3)
        self.assertEqual([other.transport.socket.sends for other in others], [1] * 3)

    def test_whatIsLeft(self) -> None:
        """The kernel's buffer is full: the rest is sent when there is room."""
        octets = bytes(range(256)) * (1 << 14)
        self.transport.write(octets)
        self.turn()
        self.assertEqual(self.polled(), {self.transport.fileno()})
        sends = self.sends
        self.transport.write(b"end")
        self.turn()
        self.assertEqual(self.sends, sends, "nothing is tried while it is full")
        heard = b""
        while self.polled():
            heard += self.heard()
            self.turn()
        self.assertTrue(heard + self.heard() == octets + b"end")

    def test_full(self) -> None:
        """Not an octet more fits: as if it had been taken in part."""
        self.fill()
        self.transport.write(b"more")
        self.turn()
        self.assertEqual(self.polled(), {self.transport.fileno()})
        while self.heard():
            pass
        self.turn()
        self.assertEqual((self.heard(), self.polled()), (b"more", set()))

    def fill(self) -> None:
        try:
            while True:
                self.transport.socket.send(bytes(1 << 20))
        except BlockingIOError:
            return

    def test_notOctets(self) -> None:
        self.assertRaises(TypeError, self.transport.write, "text")
        self.assertRaises(TypeError, self.transport.writeSequence, ["text"])

    def test_nothing(self) -> None:
        self.transport.write(b"")
        self.transport.writeSequence([])
        self.turn()
        self.assertEqual(self.sends, 0)


class ReceiveTests(LeanCase):
    def test_room(self) -> None:
        """It grows when it was filled: 64 KiB, as Twisted's, and then more."""
        self.assertEqual(self.transport._room, 1 << 16)
        self.theirs.sendall(bytes(1 << 16))
        self.turn()
        self.assertEqual(self.transport._room, MOST_ROOM)
        self.assertEqual(self.transport.bufferSize, 1 << 16, "for producers")

    def test_roomOfOnesOwn(self) -> None:
        """Who sets C{bufferSize} gets no more than that at a time."""
        sizes: list[int] = []
        self.protocol.act = lambda data: sizes.append(len(data))
        self.transport.bufferSize = MUCH
        self.receive(bytes(2 * MUCH))
        self.turn()
        self.assertEqual((sizes, self.transport.bufferSize), ([MUCH, MUCH], MUCH))

    def test_muchIsSentAtOnce(self) -> None:
        """What holds much memory does not wait for the end of the turn."""
        other = Talker()
        theirs = self.connect(other)
        heard: list[Any] = []

        def act(data: bytes) -> None:
            heard.append(self.heard() or self.heard(theirs))
            self.transport.write(data)
            other.transport.write(b"beside")

        self.protocol.act = other.act = act
        much = b"m" * (1 << 16)
        for each in (self.theirs, theirs):
            each.sendall(much)
        with patch.object(polling, "MOST_HELD", len(much)):
            self.turn()
        self.assertEqual(heard[0], b"")
        self.assertIn(heard[1], (much, b"beside", much + b"beside", b"beside" + much))

    def test_pausedWhileReceiving(self) -> None:
        self.protocol.act = lambda data: self.transport.pauseProducing()
        self.receive(b"one")
        self.receive(b"two")
        self.assertEqual(self.protocol.heard, b"one")
        self.transport.resumeProducing()
        self.turn()
        self.assertEqual(self.protocol.heard, b"onetwo")

    def test_nothingThereAfterAll(self) -> None:
        """A socket may be said to be readable and not be it (select(2), BUGS)."""
        self.assertIsNone(self.transport.doRead())
        self.assertEqual((self.protocol.heard, self.protocol.lost), (b"", None))
