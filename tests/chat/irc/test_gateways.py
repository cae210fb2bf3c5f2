"""WEBIRC (ircv3.net/specs/extensions/webirc)."""

from __future__ import annotations

from ipaddress import ip_network

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.gateways import Gateways
from tests.chat.irc.clients import Client, commands, irc, only

NETWORKS = (ip_network("192.0.2.0/28"), ip_network("2001:db8::/32"))


class GatewaysTests(SynchronousTestCase):
    def test_knows(self) -> None:
        gateways = Gateways(NETWORKS, "sesame")
        for address, password, knows in (
            ("192.0.2.1", "sesame", True),
            ("2001:db8::1", "sesame", True),
            ("192.0.2.1", "Sesame", False),
            ("192.0.2.1", "s\u00e9same", False),
            ("192.0.2.99", "sesame", False),
            ("", "sesame", False),
            ("gateway", "sesame", False),
        ):
            self.assertIs(gateways.knows(address, password), knows, address)

    def test_withoutPassword(self) -> None:
        self.assertFalse(Gateways(NETWORKS, "").knows("192.0.2.1", ""))


class WebTests(SynchronousTestCase):
    def opened(self) -> Client:
        return Client(irc(gateways=Gateways(NETWORKS, "sesame")))

    def test_address(self) -> None:
        client = self.opened()
        line = "WEBIRC sesame web host.example 198.51.100.7 :secure local-port=1"
        self.assertEqual(client.says(line), [])
        client.says("NICK ann", "USER a 0 * :a")
        lines = client.says("WHOIS ann")
        self.assertIn("198.51.100.7", only(lines, "378"))
        only(lines, "671")
        self.assertEqual(client.protocol.address, "198.51.100.7")

    def test_hostIsNotTheGateways(self) -> None:
        """What others see belongs to the new address."""
        client, plain = self.opened(), self.opened()
        client.says("WEBIRC sesame web host.example 2001:db8::7")
        self.assertNotEqual(client.protocol.host, plain.protocol.host)
        client.says("NICK ann", "USER a 0 * :a")
        self.assertNotIn("671", commands(client.says("WHOIS ann")))

    def test_refused(self) -> None:
        """Whoever is none is hung up on."""
        for lines in (
            ("WEBIRC wrong web h 198.51.100.7",),
            ("WEBIRC sesame web h 198.51.100",),
            ("WEBIRC sesame web h :",),
            ("NICK ann", "WEBIRC sesame web h 198.51.100.7"),
            ("USER a 0 * :a", "WEBIRC sesame web h 198.51.100.7"),
        ):
            client = self.opened()
            self.assertIn("ERROR :Closing link", client.says(*lines)[-1], lines)
            self.assertTrue(client.transcript.disconnecting)
        client = Client(irc())
        client.says("WEBIRC sesame web h 198.51.100.7")
        self.assertTrue(client.transcript.disconnecting)
