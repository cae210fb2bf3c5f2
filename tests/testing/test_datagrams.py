"""The datagram transport refuses what a UDP port refuses."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import InvalidAddressError, MessageLengthError
from twisted.internet.interfaces import IUDPTransport
from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from protocols.testing import FakeDatagramTransport
from protocols.testing.datagrams import MAX_DATAGRAM, MAX_DATAGRAM_IPV6

PEER = ("192.0.2.1", 5353)
PEER_IPV6 = ("2001:db8::1", 5353)


class Doubling(DatagramProtocol):
    """Answers each datagram with twice its octets."""

    stopped = 0

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        transport: Any = self.transport
        transport.write(datagram * 2, addr)

    def stopProtocol(self) -> None:
        self.stopped += 1


class WritingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.transport = FakeDatagramTransport()

    def test_provides(self) -> None:
        self.assertTrue(verifyObject(IUDPTransport, self.transport))

    def test_kept(self) -> None:
        self.transport.write(b"", PEER)
        self.transport.writeSequence([b"a", b"b"], PEER)
        self.assertEqual(self.transport.written, [(b"", PEER), (b"ab", PEER)])

    def test_tooLong(self) -> None:
        """RFC 768: 16 bits of length, of which the headers take their part."""
        self.transport.write(b"x" * MAX_DATAGRAM, PEER)
        with self.assertRaises(MessageLengthError):
            self.transport.write(b"x" * (MAX_DATAGRAM + 1), PEER)
        self.assertEqual(len(self.transport.written), 1)

    def test_tooLongForIPv6(self) -> None:
        transport = FakeDatagramTransport(host="2001:db8::7")
        transport.write(b"x" * MAX_DATAGRAM_IPV6, PEER_IPV6)
        with self.assertRaises(MessageLengthError):
            transport.write(b"x" * (MAX_DATAGRAM_IPV6 + 1), PEER_IPV6)

    def test_literalAddressesOnly(self) -> None:
        for host in ("localhost", "", "192.0.2"):
            self.assertRaises(InvalidAddressError, self.transport.write, b"", (host, 1))

    def test_otherFamily(self) -> None:
        ipv6 = FakeDatagramTransport(host="::1")
        self.assertRaises(InvalidAddressError, self.transport.write, b"", PEER_IPV6)
        self.assertRaises(InvalidAddressError, ipv6.write, b"", PEER)
        self.assertRaises(InvalidAddressError, ipv6.write, b"", ("<broadcast>", 1))
        self.transport.write(b"", ("<broadcast>", 1))

    def test_onlyBytes(self) -> None:
        transport: Any = self.transport
        self.assertRaises(TypeError, transport.write, "text", PEER)

    def test_noAddress(self) -> None:
        self.assertRaises(ValueError, self.transport.write, b"x")

    def test_failure(self) -> None:
        self.transport.failure = OSError(105, "No buffer space available")
        self.assertRaises(OSError, self.transport.write, b"x", PEER)
        self.transport.failure = None
        self.transport.write(b"y", PEER)
        self.assertEqual(self.transport.written, [(b"y", PEER)])


class ConnectedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.transport = FakeDatagramTransport()
        self.transport.connect(*PEER)

    def test_addressMayBeLeftOut(self) -> None:
        self.transport.write(b"a")
        self.transport.writeSequence([b"b"], PEER)
        self.assertEqual(self.transport.written, [(b"a", PEER), (b"b", PEER)])

    def test_nobodyElse(self) -> None:
        self.assertRaises(ValueError, self.transport.write, b"x", ("192.0.2.1", 1))

    def test_once(self) -> None:
        self.assertRaises(RuntimeError, self.transport.connect, *PEER)
        other = FakeDatagramTransport()
        self.assertRaises(InvalidAddressError, other.connect, "localhost", 1)


class ProtocolTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.protocol = Doubling()
        self.transport = FakeDatagramTransport(self.protocol)

    def test_deliver(self) -> None:
        self.transport.deliver(b"ab", PEER)
        self.assertEqual(self.transport.written, [(b"abab", PEER)])

    def test_stopListening(self) -> None:
        self.assertIsNone(self.successResultOf(self.transport.stopListening()))
        self.assertIsNone(self.successResultOf(self.transport.stopListening()))
        self.transport.deliver(b"late", PEER)
        self.assertEqual((self.protocol.stopped, self.transport.written), (1, []))
        self.assertRaises(ValueError, self.transport.write, b"late", PEER)

    def test_stopListeningAlone(self) -> None:
        transport = FakeDatagramTransport()
        self.assertIsNone(self.successResultOf(transport.stopListening()))

    def test_getHost(self) -> None:
        self.assertEqual(
            self.transport.getHost(), IPv4Address("UDP", "198.51.100.1", 7)
        )
        ipv6 = FakeDatagramTransport(host="::1", port=9)
        self.assertEqual(ipv6.getHost(), IPv6Address("UDP", "::1", 9))

    def test_broadcast(self) -> None:
        self.assertFalse(self.transport.getBroadcastAllowed())
        self.transport.setBroadcastAllowed(True)
        self.assertTrue(self.transport.getBroadcastAllowed())
