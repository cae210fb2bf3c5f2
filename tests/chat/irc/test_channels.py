"""JOIN, PART and TOPIC (RFC 2812, 3.2.1, 3.2.2 and 3.2.4)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import lobby as lobbyModule
from protocols.chat import room as roomModule
from protocols.chat.room import MAX_ROOMS_EACH
from tests.chat.irc.clients import (
    NOW,
    Client,
    commands,
    inRoom,
    irc,
    lineMember,
)


class JoinTests(SynchronousTestCase):
    """RFC 2812, 3.2.1."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann = Client(self.factory, "ann")

    def test_first(self) -> None:
        self.assertEqual(
            self.ann.says("JOIN #tea"),
            [
                ":ann!~a@host JOIN #tea",
                ":irc.example 353 ann = #tea @ann",
                ":irc.example 366 ann #tea :End of NAMES list",
            ],
        )

    def test_second(self) -> None:
        """With the topic, and told to who is there."""
        self.ann.says("JOIN #tea", "TOPIC #tea :all about tea")
        bob = Client(self.factory, "bob")
        lines = bob.says("JOIN #TEA")
        self.assertEqual(commands(lines), ["JOIN", "332", "333", "353", "366"])
        self.assertEqual(lines[0], ":bob!~b@host JOIN #tea")
        self.assertEqual(lines[2], f":irc.example 333 bob #tea ann!~a@host {NOW:.0f}")
        self.assertEqual(lines[3], ":irc.example 353 bob = #tea :@ann bob")
        self.assertEqual(self.ann.hears(), [":bob!~b@host JOIN #tea"])
        self.assertEqual(bob.says("JOIN #tea"), [])

    def test_several(self) -> None:
        self.ann.says("JOIN #a,,#b,#c k1,k2")
        self.assertEqual(list(self.ann.protocol.rooms), ["#a", "#b", "#c"])

    def test_leaveAll(self) -> None:
        """Section "JOIN 0" is a PART of each."""
        self.ann.says("JOIN #a,#b")
        self.assertEqual(
            self.ann.says("JOIN 0"), [":ann!~a@host PART #a", ":ann!~a@host PART #b"]
        )
        self.assertEqual(self.factory.lobby.rooms, {})

    def test_namesThatCantBe(self) -> None:
        for name, number in (
            ("tea", "403"),
            ("&tea", "403"),
            ("#", "476"),
            (":#a b", "476"),
            (f"#{'x' * 40}", "476"),
            ("#\u200b", "476"),
            ("#a\x07", "476"),
        ):
            self.assertEqual(commands(self.ann.says(f"JOIN {name}")), [number], name)
        self.assertEqual(self.factory.lobby.rooms, {})

    def test_tooMany(self) -> None:
        """CHAT-CASES, 10,000 JOINs: 405 (CHANLIMIT)."""
        self.ann.says(*[f"JOIN #r{number}" for number in range(MAX_ROOMS_EACH)])
        self.assertEqual(commands(self.ann.says("JOIN #more")), ["405"])
        self.assertEqual(len(self.factory.lobby.rooms), MAX_ROOMS_EACH)

    def test_tooManyInAll(self) -> None:
        self.patch(lobbyModule, "MAX_ROOMS", 1)
        self.ann.says("JOIN #tea")
        self.assertEqual(commands(self.ann.says("JOIN #more")), ["405"])

    def test_full(self) -> None:
        self.ann.says("JOIN #tea")
        self.patch(roomModule, "MAX_MEMBERS", 1)
        bob = Client(self.factory, "bob")
        self.assertEqual(commands(bob.says("JOIN #tea")), ["471"])
        self.assertEqual(bob.protocol.rooms, {})

    def test_extended(self) -> None:
        """IRCv3's extended-join: account and real name; away-notify: AWAY."""
        ann = Client(self.factory, "eve", "extended-join away-notify")
        self.assertEqual(ann.says("JOIN #tea")[0], ":eve!~e@host JOIN #tea * eve")
        bob = Client(self.factory, "bob")
        bob.says("AWAY :lunch", "JOIN #tea")
        self.assertEqual(
            ann.hears(), [":bob!~b@host JOIN #tea * bob", ":bob!~b@host AWAY lunch"]
        )

    def test_withTheLineDoor(self) -> None:
        """People of both doors are in one room, and see each other come and go."""
        lee = lineMember(self.factory, "lee")
        self.assertIn(" 353 ann = #tea :lee ann", self.ann.says("JOIN #tea")[1])
        self.assertEqual(lee.hears(), ["#tea * ann joined"])
        lee.types("/leave")
        self.assertEqual(self.ann.hears(), [":lee!line@host PART #tea"])
        lee.types("/join #tea")
        self.assertEqual(self.ann.hears(), [":lee!line@host JOIN #tea"])


class ImplicitNamesTests(SynchronousTestCase):
    def test_noImplicitNames(self) -> None:
        """IRCv3's no-implicit-names: only who asks is told who is there."""
        ann = Client(irc(), "ann", "no-implicit-names")
        self.assertEqual(commands(ann.says("JOIN #tea")), ["JOIN"])
        self.assertEqual(commands(ann.says("NAMES #tea")), ["353", "366"])


class PartTests(SynchronousTestCase):
    """RFC 2812, 3.2.2."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")

    def test_part(self) -> None:
        line = ":ann!~a@host PART #tea :see you"
        self.assertEqual(self.ann.says("PART #tea :see you"), [line])
        self.assertEqual(self.bob.hears(), [line])

    def test_cycle(self) -> None:
        """Who comes back in the same turn has lost their rank; all see that."""
        self.ann.says("PART #tea", "JOIN #tea")
        self.assertEqual(commands(self.bob.hears()), ["PART", "JOIN"])
        self.assertEqual(self.ann.says("PART #tea", "JOIN #tea")[0][-9:], "PART #tea")
        self.assertEqual(self.bob.hears(), [])

    def test_quitOfSomebodyMeanwhile(self) -> None:
        """Told to who leaves the one room where it is told, in the same turn."""
        for client in (self.ann, self.bob):
            client.says("JOIN #two")
        for client in (self.ann, self.bob):
            client.hears()
        self.ann.say(b"QUIT\r\n")
        self.bob.say(b"PART #tea\r\n")
        self.assertEqual(sorted(commands(self.bob.hears())), ["PART", "QUIT"])

    def test_reasonAtTheLineDoor(self) -> None:
        lee = lineMember(self.factory, "lee")
        self.ann.says("PART #tea :\x02bold\x02 \x1bword")
        self.assertEqual(lee.hears(), ["#tea * ann left (bold ^[word)"])

    def test_refused(self) -> None:
        for line, number in (
            ("PART", "461"),
            ("PART #milk", "403"),
            ("PART tea", "403"),
            ("PART :", "403"),
        ):
            self.assertEqual(commands(self.ann.says(line)), [number], line)
        Client(self.factory, "eve").says("JOIN #milk")
        self.assertEqual(
            self.ann.says("PART #Milk"),
            [":irc.example 442 ann #milk :You are not on that channel"],
        )


class TopicTests(SynchronousTestCase):
    """RFC 2812, 3.2.4."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")

    def test_set(self) -> None:
        line = ":ann!~a@host TOPIC #tea :Earl Grey"
        self.assertEqual(self.ann.says("TOPIC #tea :Earl Grey"), [line])
        self.assertEqual(self.bob.hears(), [line])
        self.assertEqual(commands(self.bob.says("TOPIC #tea")), ["332", "333"])

    def test_none(self) -> None:
        self.assertEqual(commands(self.bob.says("TOPIC #tea")), ["331"])
        self.ann.says("TOPIC #tea :x", "TOPIC #tea :")
        self.assertEqual(commands(self.bob.hears()), ["TOPIC", "TOPIC"])
        self.assertEqual(commands(self.bob.says("TOPIC #tea")), ["331"])

    def test_refused(self) -> None:
        """Only operators as long as the mode is C{+t}."""
        self.assertEqual(commands(self.bob.says("TOPIC #tea :mine")), ["482"])
        self.ann.says("MODE #tea -t")
        self.bob.hears()
        self.assertEqual(commands(self.bob.says("TOPIC #tea :mine")), ["TOPIC"])
        eve = Client(self.factory, "eve")
        self.assertEqual(commands(eve.says("TOPIC #tea :hers")), ["442"])
        self.assertEqual(commands(eve.says("TOPIC #none")), ["403"])
        self.assertEqual(commands(eve.says("TOPIC")), ["461"])

    def test_long(self) -> None:
        """TOPICLEN and the like: what others get has at most 512 octets."""
        for line in ("TOPIC #tea :", "PART #tea :", "QUIT :"):
            self.ann.says("JOIN #tea")
            self.bob.hears()
            self.ann.say(f"{line}{'名' * 165}\r\n".encode())
            self.bob.advance(0)
            heard = self.bob.heard()
            self.assertGreater(len(heard), 300)
            self.assertLessEqual(len(heard), 512)

    def test_secret(self) -> None:
        self.ann.says("MODE #tea +s")
        eve = Client(self.factory, "eve")
        self.assertEqual(commands(eve.says("TOPIC #tea")), ["442"])

    def test_atTheLineDoor(self) -> None:
        lee = lineMember(self.factory, "lee")
        self.ann.says("TOPIC #tea :\x0304red\x03 tea")
        self.assertEqual(lee.hears(), ["#tea * ann set the topic: red tea"])


class NewcomerTests(SynchronousTestCase):
    def test_notToldOfWhatWasBefore(self) -> None:
        """Who went in the same turn is not told in front of one's own JOIN."""
        for label in ("", "@label=7 "):
            factory = irc()
            ann, bob = inRoom(factory, "ann", "bob")
            eve = Client(factory, "eve", caps="labeled-response batch")
            bob.say(b"PART #tea\r\n")
            ann.say(b"PRIVMSG #tea :bye bob\r\n")
            told = commands(eve.says(f"{label}JOIN #tea"))
            self.assertIn(told[0], ("JOIN", "BATCH"))
            self.assertEqual(commands(ann.hears()), ["PART", "JOIN"])
