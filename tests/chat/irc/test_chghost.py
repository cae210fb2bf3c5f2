"""By which host others see who has logged in (IRCv3's chghost)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.banlist import Whom
from protocols.chat.bans import Ban
from protocols.chat.hosts import accountHost, hostsOf
from protocols.chat.irc.gateways import Gateways
from tests.chat.irc.clients import (
    HOST,
    Client,
    commands,
    inRoom,
    irc,
    lineMember,
    withAccounts,
)

# ann, with the password "pencil" (RFC 4616).
PLAIN = "AGFubgBwZW5jaWw="


class HostTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = withAccounts()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps="chghost")
        self.ann.hears()


class LoginTests(HostTestCase):
    def test_told(self) -> None:
        """Section "CHGHOST": others in the room who asked for it, and oneself."""
        (eve,) = inRoom(self.factory, "eve")
        self.bob.hears()
        lines = self.ann.says("REGISTER * * pencil")
        event = ":ann!~a@host CHGHOST ~a ann.account"
        self.assertIn(event, lines)
        self.assertIn(
            ":irc.example 396 ann ann.account :is your displayed host now", lines
        )
        self.assertEqual(self.bob.hears(), [event])
        self.assertEqual(eve.hears(), [])
        self.ann.says("PRIVMSG #tea :hi")
        for client in (self.bob, eve):
            told = client.hears()
            self.assertEqual(
                told, [":ann!~a@ann.account PRIVMSG #tea hi".replace(" hi", " :hi")]
            )

    def test_beforeRegistration(self) -> None:
        """Who logs in while connecting has the host from the beginning."""
        self.ann.says("REGISTER * * pencil", "QUIT")
        again = Client(self.factory)
        again.says("CAP REQ sasl", "NICK ann", "USER a 0 * :a")
        again.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {PLAIN}")
        (welcome,) = [line for line in again.says("CAP END") if " 001 " in line]
        self.assertTrue(welcome.endswith(" ann!~a@ann.account"))

    def test_whois(self) -> None:
        """Others see no address behind it."""
        self.ann.says("REGISTER * * pencil")
        self.bob.hears()
        said = "\n".join(self.bob.says("WHOIS ann"))
        self.assertIn(" 311 bob ann ~a ann.account * ", said)
        self.assertNotIn("host", said.replace("ann.account", ""))
        self.assertEqual(commands(self.bob.says(f"WHO *!*@{HOST}"))[0], "352")
        self.assertNotIn(
            "ann", "".join(self.bob.says(f"WHO *@{HOST}")).replace("*", "")
        )

    def test_lineDoor(self) -> None:
        """The same for who logs in there."""
        lee = lineMember(self.factory, "lee")
        self.bob.hears()
        lee.types("/register pencil")
        self.assertEqual(self.bob.hears(), [":lee!line@host CHGHOST line lee.account"])

    def test_off(self) -> None:
        """A house that does not show accounts: the address's host stays."""
        self.factory.house.showsAccounts = False
        lines = self.ann.says("REGISTER * * pencil")
        self.assertNotIn("CHGHOST", commands(lines))
        self.assertEqual(self.bob.hears(), [])
        self.assertEqual(self.ann.protocol.source.origin, "")

    def test_gateway(self) -> None:
        """WEBIRC comes first, and the origin is the address that it names."""
        gateways = Gateways([], "")
        self.patch(gateways, "knows", lambda *_: True)
        factory: Any = withAccounts(gateways=gateways)
        web = Client(factory)
        web.says("WEBIRC secret gate host 192.0.2.7", "NICK ann", "USER a 0 * :a")
        web.says("REGISTER * * pencil")
        expected = factory.house.hostOf("192.0.2.7")
        self.assertEqual(web.protocol.source.origin, expected)


class MaskTests(HostTestCase):
    """A mask goes on meaning the same person."""

    def ban(self, mask: str) -> str:
        """What somebody banned in a room hears who wants to come back."""
        self.ann.says(f"MODE #tea +b {mask}")
        self.bob.says("PART #tea")
        return commands(self.bob.says("JOIN #tea"))[0]

    def test_banBeforeLogin(self) -> None:
        """Logging in, or making an account, is no way around a ban."""
        self.bob.says("REGISTER * * pencil")
        self.assertEqual(self.ban(f"*!*@{HOST}"), "474")

    def test_banAfterLogin(self) -> None:
        self.bob.says("REGISTER * * pencil")
        self.assertEqual(self.ban("*!*@bob.account"), "474")

    def test_otherBan(self) -> None:
        """Nobody else is meant."""
        self.bob.says("REGISTER * * pencil")
        self.assertEqual(self.ban("*!*@ann.account"), "JOIN")

    def test_mute(self) -> None:
        """Also a mask by which somebody may not speak."""
        self.bob.says("REGISTER * * pencil")
        self.ann.says(f"MODE #tea +b $m:*!*@{HOST}")
        self.assertEqual(commands(self.bob.says("PRIVMSG #tea :x"))[-1], "404")

    def test_wholeChat(self) -> None:
        """Bans of the whole chat mean it too."""
        self.bob.says("REGISTER * * pencil")
        source, now = self.bob.protocol.source, 0.0
        for host in (HOST, "bob.account", "BOB.*"):
            ban = Ban.of(f"*!*@{host}", "ann", since=now)
            self.assertTrue(Whom(source, "").isMeantBy(ban), host)
        ban = Ban.of("*!*@other.account", "ann", since=now)
        self.assertFalse(Whom(source, "").isMeantBy(ban))


class NameTests(SynchronousTestCase):
    def test_option(self) -> None:
        """What C{--hosts} may be."""
        for word in ("account", "address"):
            self.assertEqual(hostsOf(word), word)
        self.assertRaises(ValueError, hostsOf, "nobody")

    def test_hosts(self) -> None:
        """No host is two accounts', nor an account's and an address's."""
        house = irc().house
        self.assertEqual(accountHost(house, "Ann_[1]"), "Ann_[1].account")
        strange = [accountHost(house, name) for name in ("émile", "a.b", "x" * 33)]
        self.assertEqual(len(set(strange)), 3)
        for host in strange:
            self.assertRegex(host, r"^[0-9a-f]{12}\.hidden\.account$")
        self.assertEqual(accountHost(house, "Émile"), strange[0])
