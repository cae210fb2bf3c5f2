"""L{protocols.lean.datagrams}: it reads and refuses as Twisted's port does."""

from __future__ import annotations

import socket
from errno import EINVAL
from typing import Any

from twisted.internet import udp
from twisted.internet.error import InvalidAddressError, MessageLengthError
from twisted.internet.interfaces import IMulticastTransport
from twisted.trial.unittest import SkipTest
from zope.interface.verify import verifyObject

from protocols.lean.datagrams import READS, LeanMulticastPort
from tests.lean.datagramports import PortCase, numbered


class ReadTests(PortCase):
    def test_atMost(self) -> None:
        """Others have their turn, whatever comes in; so it is with empty ones."""
        self.send(*[b""] * (READS + 1))
        self.port.doRead()
        self.assertEqual(len(self.protocol.received), READS)
        self.port.doRead()
        self.assertEqual(len(self.protocol.received), READS + 1)

    def test_throughput(self) -> None:
        """The bound of Twisted's, in octets."""
        self.port.maxThroughput = 6
        self.send(*numbered(3))
        self.port.doRead()
        self.assertEqual(len(self.protocol.received), 2)

    def test_cut(self) -> None:
        self.port.maxPacketSize = 2
        self.send(b"long")
        self.port.doRead()
        self.assertEqual(self.protocol.received[0][0], b"lo")

    def test_exception(self) -> None:
        """Is logged; the next datagram is handed on."""

        def act(data: bytes, addr: Any) -> None:
            self.port.write(data, addr)
            raise KeyError(data)

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(*numbered(3))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(3))
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 3)

    def test_anotherHook(self) -> None:
        """A protocol may change what it does from datagram to datagram."""
        later: list[bytes] = []

        def change(data: bytes, addr: Any) -> None:
            self.protocol.datagramReceived = lambda data, _: later.append(data)  # type: ignore[method-assign]

        self.protocol.act = change  # type: ignore[method-assign]
        self.send(*numbered(3))
        self.port.doRead()
        self.assertEqual(later, numbered(3)[1:])

    def test_refused(self) -> None:
        """A connected port hears that nobody is there."""
        self.peer.close()
        gone = self.newPeer()
        address = gone.getsockname()
        self.port.connect(*address[:2])
        gone.close()
        self.port.write(b"x")
        self.port.doRead()
        self.assertEqual(self.protocol.refused, 1)

    def test_refusedWithoutConnect(self) -> None:
        self.assertIsNone(self.port._notRead(ConnectionRefusedError(111, "refused")))
        self.assertEqual(self.protocol.refused, 0)

    def test_anotherError(self) -> None:
        """Goes to the reactor, behind the answers."""
        read = self.spy.real.recvfrom

        def recvfrom(most: int) -> Any:
            if len(self.protocol.received) == 3:
                raise OSError(EINVAL, "what is this?")
            return read(most)

        self.spy.recvfrom = recvfrom  # type: ignore[attr-defined]
        self.send(*numbered(4))
        self.assertRaises(OSError, self.port.doRead)
        self.assertEqual(self.heard(), numbered(3))


class WriteTests(PortCase):
    """C{write} says what is wrong as Twisted's does."""

    def test_notAnAddress(self) -> None:
        for host in ("localhost", "::1"):
            with self.assertRaises(InvalidAddressError):
                self.port.write(b"x", (host, 7))

    def test_tooLong(self) -> None:
        with self.assertRaises(MessageLengthError):
            self.port.write(bytes(70_000), self.peer.getsockname())

    def test_noAddress(self) -> None:
        with self.assertRaises(AssertionError):
            self.port.write(b"x")

    def test_connected(self) -> None:
        self.port.connect(*self.peer.getsockname())
        self.port.write(b"x")
        self.port.write(b"x", self.peer.getsockname())
        with self.assertRaises(AssertionError):
            self.port.write(b"x", ("127.0.0.1", 1))
        self.assertEqual(self.heard(), [b"x"] * 2)

    def test_sequence(self) -> None:
        self.port.writeSequence([b"x", b"y"], self.peer.getsockname())
        self.assertEqual(self.heard(), [b"xy"])


class SixTests(PortCase):
    """IPv6: an address has a host and a port, as Twisted's."""

    interface = "::1"

    def setUp(self) -> None:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as error:
            raise SkipTest("no IPv6 here") from error
        super().setUp()

    def test_echo(self) -> None:
        self.send(*numbered(5))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(5))
        address = self.peer.getsockname()[:2]
        self.assertEqual({each for _, each in self.protocol.received}, {address})

    def test_fourOnSix(self) -> None:
        with self.assertRaises(InvalidAddressError):
            self.port.write(b"x", ("127.0.0.1", 7))


class MulticastTests(PortCase):
    kind = LeanMulticastPort

    def test_echo(self) -> None:
        self.assertTrue(verifyObject(IMulticastTransport, self.port))
        self.assertIsInstance(self.port, udp.MulticastPort)
        self.send(*numbered(5))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(5))
