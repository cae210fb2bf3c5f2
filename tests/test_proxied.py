"""L{protocols.proxied}: whose connection it is, and who may say so."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any
from unittest.mock import patch

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.guard import GuardFactory
from protocols.limits import Limits
from protocols.proxied import HEADER_TIMEOUT, ProxiedFactory
from protocols.tcpecho.tap import Options
from protocols.testing import BackPressureTransport

NETWORKS = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8")))
PROXY = IPv4Address("TCP", "10.0.0.1", 1)
LINE = b"PROXY TCP4 192.0.2.1 10.0.0.9 56324 25\r\n"


class Peer(Protocol):
    """Says who it talks to, and what it hears."""

    def connectionMade(self) -> None:
        assert self.transport is not None
        peer: Any = self.transport.getPeer()
        self.transport.write(f"{peer.host} {peer.port}\n".encode())

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)


class ProxiedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        factory: Any = Factory.forProtocol(Peer)
        self.guard = GuardFactory(factory, Limits(maxPerPeer=1), clock=self.clock)
        self.factory = ProxiedFactory(self.guard, NETWORKS, self.clock)

    def connect(self, peer: Any = PROXY, *segments: bytes) -> BackPressureTransport:
        transport = BackPressureTransport(peer=peer)
        transport.connect(self.factory.buildProtocol(peer))
        for segment in segments:
            transport.deliver(segment)
        return transport

    def test_whoseItIs(self) -> None:
        transport = self.connect(PROXY, LINE + b"hello")
        self.assertEqual(transport.read(), b"192.0.2.1 56324\nhello")
        transport.deliver(b" there")
        self.assertEqual(transport.read(), b" there")

    def test_everyCut(self) -> None:
        for cut in range(1, len(LINE)):
            transport = self.connect(PROXY, LINE[:cut], LINE[cut:] + b"x")
            self.assertEqual(transport.read(), b"192.0.2.1 56324\nx")
            transport.deliverEnd()

    def test_sixthVersion(self) -> None:
        line = b"PROXY TCP6 2001:db8::1 ::1 7 25\r\n"
        transport = self.connect(IPv6Address("TCP", "fd00::1%eth0", 1), line)
        self.assertEqual(transport.read(), b"2001:db8::1 7\n")

    def test_proxiesOwn(self) -> None:
        """A check of the proxy's: it speaks for itself."""
        transport = self.connect(PROXY, b"PROXY UNKNOWN\r\n")
        self.assertEqual(transport.read(), b"10.0.0.1 1\n")

    def test_mappedIntoIPv6(self) -> None:
        transport = self.connect(IPv6Address("TCP", "::ffff:10.0.0.1", 1), LINE)
        self.assertEqual(transport.read(), b"192.0.2.1 56324\n")

    def test_fromAnywhereElse(self) -> None:
        """What is not from a proxy of ours is no header."""
        transport = self.connect(IPv4Address("TCP", "192.0.2.7", 1), LINE)
        self.assertEqual(transport.read(), b"192.0.2.7 1\n" + LINE)

    def test_noHeader(self) -> None:
        transport = self.connect(PROXY, b"NOOP\r\n")
        self.assertTrue(transport.disconnected)
        self.assertEqual(transport.read(), b"")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        transport = self.connect(PROXY, LINE[:10])
        self.clock.advance(HEADER_TIMEOUT)
        transport.turn()
        self.assertTrue(transport.disconnected)

    def test_leftBefore(self) -> None:
        self.connect(PROXY, LINE[:10]).deliverEnd()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_boundedAndEnded(self) -> None:
        """Those that wait are counted, and go when the port is closed."""
        with patch("protocols.proxied.MAX_WAITING", 2):
            waiting = [self.connect() for _ in range(3)]
        self.assertEqual([each.disconnected for each in waiting], [False, False, True])
        waiting[0].deliver(LINE)
        self.assertEqual(len(self.factory.waiting), 1)
        self.factory.doStart()
        self.factory.doStop()
        waiting[1].turn()
        self.assertEqual([each.disconnected for each in waiting], [False, True, True])
        self.assertEqual(self.factory.waiting, set())

    def test_limitsGoByTheClient(self) -> None:
        """One place for each client, however many come by the one proxy."""
        self.connect(PROXY, LINE)
        other = self.connect(PROXY, LINE.replace(b"2.1 ", b"2.2 "))
        self.assertEqual(other.read(), b"192.0.2.2 56324\n")
        again = self.connect(PROXY, LINE)
        self.assertEqual(again.read(), b"")
        self.assertTrue(again.disconnecting)

    def test_factoryThatRefuses(self) -> None:
        self.patch(self.guard, "buildProtocol", lambda address: None)
        self.assertTrue(self.connect(PROXY, LINE).disconnected)


class OptionTests(SynchronousTestCase):
    def options(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(arguments)
        return options

    def test_networks(self) -> None:
        given = ("--proxy-from", "10.0.0.0/8", "--proxy-from", "fd00::/8")
        self.assertEqual(self.options(*given).proxies, NETWORKS)
        self.assertEqual(self.options().proxies, ())

    def test_noNetwork(self) -> None:
        error = self.assertRaises(
            UsageError, self.options, "--proxy-from", "10.0.0.1/8"
        )
        self.assertIn("--proxy-from: ", str(error))
        self.assertIn("'10.0.0.1/8'", str(error))
