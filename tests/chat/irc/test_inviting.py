"""INVITE and KICK (RFC 2812, 3.2.7 and 3.2.8)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.irc.clients import Client, commands, inRoom, irc, lineMember, only


class InviteTests(SynchronousTestCase):
    """RFC 2812, 3.2.7; invite-notify."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps="invite-notify")
        self.eve = Client(self.factory, "eve")

    def test_invite(self) -> None:
        line = ":ann!~a@host INVITE eve #tea"
        self.assertEqual(
            self.ann.says("INVITE eve #tea"), [":irc.example 341 ann eve #tea"]
        )
        self.assertEqual(self.eve.hears(), [line])
        self.assertEqual(self.bob.hears(), [line])

    def test_onlyToWhoAsked(self) -> None:
        """invite-notify is for those who have asked for it."""
        lee, pat = inRoom(self.factory, "lee", "pat")
        self.ann.says("INVITE eve #tea")
        self.assertEqual((lee.hears(), pat.hears()), ([], []))

    def test_letsIn(self) -> None:
        """Once, past C{+i}, C{+k} and C{+l}."""
        self.ann.says("MODE #tea +ikl key 1")
        self.assertEqual(commands(self.eve.says("JOIN #tea")), ["473"])
        self.ann.says("INVITE eve #tea")
        self.eve.hears()
        self.assertEqual(commands(self.eve.says("INVITE")), ["336", "337"])
        self.assertEqual(commands(self.eve.says("JOIN #tea"))[0], "JOIN")
        self.assertEqual(commands(self.eve.says("INVITE")), ["337"])
        self.eve.says("PART #tea")
        self.assertEqual(commands(self.eve.says("JOIN #tea")), ["473"])

    def test_isForThePerson(self) -> None:
        """Who takes the name of somebody who was invited is not; a rename is fine."""
        self.ann.says("MODE #tea +i", "INVITE eve #tea")
        self.eve.says("NICK eva")
        other = Client(self.factory, "eve")
        self.assertEqual(commands(other.says("JOIN #tea")), ["473"])
        self.assertEqual(commands(self.eve.says("JOIN #tea"))[0], "JOIN")

    def test_refused(self) -> None:
        for client, line, number in (
            (self.ann, "INVITE eve", "461"),
            (self.ann, "INVITE nobody #tea", "401"),
            (self.ann, "INVITE eve #none", "403"),
            (self.ann, "INVITE bob #tea", "443"),
            (self.eve, "INVITE eve #tea", "442"),
        ):
            self.assertEqual(commands(client.says(line)), [number], line)
        self.ann.says("MODE #tea +i")
        self.bob.hears()
        self.assertEqual(commands(self.bob.says("INVITE eve #tea")), ["482"])

    def test_lineDoor(self) -> None:
        lee = lineMember(self.factory, "lee", "#hall")
        self.ann.says("INVITE lee #tea")
        self.assertEqual(lee.hears(), ["#tea * ann invited lee"])


class KickTests(SynchronousTestCase):
    """RFC 2812, 3.2.8."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob, self.eve = inRoom(self.factory, "ann", "bob", "eve")

    def test_kick(self) -> None:
        line = ":ann!~a@host KICK #tea bob :too loud"
        for client, lines in ((self.ann, self.ann.says("KICK #tea bob :too loud")),):
            self.assertEqual(lines, [line], client)
        self.assertEqual(self.bob.hears(), [line])
        self.assertEqual(self.eve.hears(), [line])
        self.assertEqual(self.bob.protocol.rooms, {})
        self.assertEqual(commands(self.bob.says("PRIVMSG #tea :x")), ["404"])

    def test_oneself(self) -> None:
        self.assertEqual(
            self.ann.says("KICK #tea ann"), [":ann!~a@host KICK #tea ann ann"]
        )
        self.assertEqual(commands(self.eve.hears()), ["KICK"])
        self.assertEqual(commands(self.ann.says("TOPIC #tea :x")), ["442"])

    def test_several(self) -> None:
        self.assertEqual(
            commands(self.ann.says("KICK #tea bob,eve,nobody")), ["KICK", "KICK", "401"]
        )
        self.assertEqual(len(self.factory.lobby.rooms["#tea"].members), 1)

    def test_pairs(self) -> None:
        """One channel for each name."""
        self.ann.says("JOIN #two")
        self.bob.says("JOIN #two")
        lines = self.ann.says("KICK #tea,#two eve,bob")
        self.assertEqual(commands(lines)[-2:], ["KICK", "KICK"])
        self.assertEqual(list(self.bob.protocol.rooms), ["#tea"])

    def test_refused(self) -> None:
        Client(self.factory, "pat")
        for client, line, number in (
            (self.bob, "KICK #tea eve", "482"),
            (self.ann, "KICK #none eve", "403"),
            (self.ann, "KICK #tea pat", "441"),
            (self.ann, "KICK #tea nobody", "401"),
            (self.ann, "KICK #tea", "461"),
        ):
            self.assertEqual(commands(client.says(line)), [number], line)

    def test_lineDoor(self) -> None:
        lee = lineMember(self.factory, "lee")
        self.ann.says("KICK #tea lee :bye")
        self.assertEqual(lee.hears(), ["#tea * lee was removed by ann: bye"])
        only(self.ann.says("NAMES #tea"), "353")
        self.assertEqual(
            lee.types("hello"), ["* You are in no room; type /join #room."]
        )
