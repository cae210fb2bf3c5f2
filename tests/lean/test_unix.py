"""L{protocols.lean.unix}: descriptors go to and fro, as with Twisted's."""

from __future__ import annotations

import array
import os
import socket
from typing import Any
from unittest.mock import patch

from twisted.internet.interfaces import IFileDescriptorReceiver, IUNIXTransport
from zope.interface import implementer

from protocols.lean.stream import MUCH
from tests.lean.conversations import LeanCase, Talker


@implementer(IFileDescriptorReceiver)
class Receiver(Talker):
    def __init__(self) -> None:
        super().__init__()
        self.descriptors: list[int] = []

    def fileDescriptorReceived(self, descriptor: int) -> None:
        self.descriptors.append(descriptor)


def sendDescriptor(sock: socket.socket, descriptor: int, data: bytes = b"d") -> None:
    packed = array.array("i", [descriptor])
    sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)])


class DescriptorTests(LeanCase):
    protocol: Any

    def talker(self) -> Any:
        return Receiver()

    def setUp(self) -> None:
        super().setUp()
        self.reading, self.writing = os.pipe()
        self.addCleanup(os.close, self.reading)
        self.addCleanup(os.close, self.writing)

    def test_interface(self) -> None:
        self.assertTrue(IUNIXTransport.providedBy(self.transport))

    def test_received(self) -> None:
        """Before the octets that it came with."""
        seen: list[int] = []
        self.protocol.act = lambda data: seen.append(len(self.protocol.descriptors))
        sendDescriptor(self.theirs, self.writing)
        self.turn()
        [descriptor] = self.protocol.descriptors
        self.addCleanup(os.close, descriptor)
        os.write(descriptor, b"through")
        self.assertEqual(os.read(self.reading, 10), b"through")
        self.assertEqual((self.protocol.heard, seen), (b"d", [1]))

    def test_sent(self) -> None:
        """With the octets that were written, in their place."""
        self.transport.write(b"take ")
        self.transport.sendFileDescriptor(self.writing)
        self.transport.write(b"this")
        self.turn()
        data, ancillary, _, _ = self.theirs.recvmsg(20, socket.CMSG_SPACE(4))
        [(_, _, packed)] = ancillary
        descriptor = array.array("i", packed)[0]
        self.addCleanup(os.close, descriptor)
        self.assertEqual(data[:1] + self.heard(), b"take this")
        self.turn()
        self.assertEqual(self.polled(), set())

    def test_otherAncillaryData(self) -> None:
        """It is said in the log, and the octets are handed on."""
        real = self.transport.socket

        class Odd:
            def recvmsg(self, *sizes: int) -> Any:
                data, _, flags, address = real.recvmsg(*sizes)
                return data, [(socket.SOL_SOCKET, 99, b"?")], flags, address

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

        with patch.object(self.transport, "socket", Odd()):
            self.receive(b"data")
        self.assertEqual(self.protocol.heard, b"data")

    def test_much(self) -> None:
        self.receive(bytes(2 * MUCH))
        self.assertEqual(len(self.protocol.heard), 2 * MUCH)
        self.assertEqual(self.reactor._held, 2 * MUCH)

    def test_error(self) -> None:
        """A socket that can't be read is a connection lost."""

        class Broken:
            def recvmsg(self, *sizes: int) -> Any:
                raise ConnectionResetError(104, "reset")

        with patch.object(self.transport, "socket", Broken()):
            self.assertIsNotNone(self.transport.doRead())


class NotAReceiverTests(LeanCase):
    def test_closed(self) -> None:
        """Nobody wants it, so it is not kept open."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        sendDescriptor(self.theirs, writing)
        os.close(writing)
        self.turn()
        self.assertEqual(os.read(reading, 1), b"", "the last writer is gone")
