"""L{protocols.chat.web.forwarded}: who is behind a proxy."""

from __future__ import annotations

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.tap import Options
from protocols.chat.web import checkNetwork
from protocols.chat.web.forwarded import MAX_PROXIES, sourceOf
from tests.chat.web.browsers import Browser, factoryFor

OURS = [checkNetwork("10.0.0.0/8"), checkNetwork("fd00::/8")]


class SourceTests(SynchronousTestCase):
    def check(self, peer: str, said: str, source: str) -> None:
        self.assertEqual(sourceOf(peer, said.split(), OURS), source, said)

    def test_nobodyElseIsBelieved(self) -> None:
        self.check("192.0.2.1", "198.51.100.7", "192.0.2.1")
        self.check("", "198.51.100.7", "")

    def test_whatOurProxySays(self) -> None:
        self.check("10.0.0.1", "198.51.100.7", "198.51.100.7")
        self.check("10.0.0.1", "2001:db8::1", "2001:db8::1")
        self.check("fd00::1", "198.51.100.7", "198.51.100.7")
        self.check("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7")
        self.check("10.0.0.1", "", "10.0.0.1")

    def test_onlyTheEndIsTrue(self) -> None:
        """What a stranger says of itself stands in front."""
        self.check("10.0.0.1", "127.0.0.1 198.51.100.7", "198.51.100.7")
        self.check("10.0.0.1", "127.0.0.1 198.51.100.7 10.0.0.2", "198.51.100.7")

    def test_nonsense(self) -> None:
        self.check("10.0.0.1", "198.51.100.7 unknown", "10.0.0.1")
        self.check("10.0.0.1", "unknown 10.0.0.2", "10.0.0.2")

    def test_withPorts(self) -> None:
        self.check("10.0.0.1", "198.51.100.7:4711", "198.51.100.7")
        self.check("10.0.0.1", '"[2001:db8::1]:4711"', "2001:db8::1")

    def test_chainsEnd(self) -> None:
        chain = ["198.51.100.7", *["10.0.0.2"] * MAX_PROXIES]
        self.assertEqual(sourceOf("10.0.0.1", chain, OURS), "10.0.0.2")

    @given(st.lists(st.text(max_size=20), max_size=12))
    def test_anything(self, said: list[str]) -> None:
        """It is an address, whatever is said."""
        ip_address(sourceOf("10.0.0.1", said, OURS))

    def test_networks(self) -> None:
        for wrong in ("", "10.0.0.1/8", "chat.example", "10.0.0.0/33"):
            error = self.assertRaises(ValueError, checkNetwork, wrong)
            self.assertIn("10.0.0.0/8", str(error))


class OptionTests(SynchronousTestCase):
    def test_networks(self) -> None:
        options = Options()
        options.parseOptions(["--web-proxy-from=10.0.0.0/8", "--web-proxy-from=::1"])
        self.assertEqual(
            [str(each) for each in options["web-proxy-from"]], ["10.0.0.0/8", "::1/128"]
        )
        wrong = ["--web-proxy-from=proxy.example"]
        error = self.assertRaises(UsageError, Options().parseOptions, wrong)
        self.assertIn("--web-proxy-from: expected a network", str(error))


class DoorTests(SynchronousTestCase):
    def peerOf(self, proxies: str) -> IPv4Address:
        """As the protocol inside sees it; the connection comes from 127.0.0.1."""
        factory = factoryFor(proxies=[checkNetwork(proxies)])
        browser = Browser(factory, X_Forwarded_For="198.51.100.7")
        peer = browser.inner.transport.getPeer()
        assert isinstance(peer, IPv4Address)
        return peer

    def test_fromAProxy(self) -> None:
        self.assertEqual(self.peerOf("0.0.0.0/0").host, "198.51.100.7")

    def test_fromAnybodyElse(self) -> None:
        self.assertNotEqual(self.peerOf("203.0.113.0/24").host, "198.51.100.7")
