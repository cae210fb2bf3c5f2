"""METADATA (IRCv3's metadata)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.metadata import MAX_KEYS, MAX_SUBSCRIPTIONS, MAX_VALUE
from protocols.chat.irc.metadatatold import MAX_AT_ONCE
from protocols.chat.keeping import fieldsOf, restore
from protocols.chat.room import Room
from tests.chat.irc.clients import Client, commands, inRoom, irc

CAPS = "batch draft/metadata-3"


class MetadataTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps=CAPS)
        self.ann.hears()

    def fails(self, line: str, code: str, *words: str) -> None:
        (said,) = self.ann.says(f"METADATA {line}")
        answer = " ".join((code, *words))
        self.assertTrue(said.startswith(f":irc.example FAIL METADATA {answer} :"), said)


class SetTests(MetadataTestCase):
    def test_ofOneself(self) -> None:
        """Sections SET, GET and LIST; a value may be empty."""
        told = ":irc.example 761 ann ann url * :a b"
        self.assertEqual(self.ann.says("METADATA * SET url :a b"), [told])
        self.ann.says("METADATA ann SET status :")
        for words in ("ann GET url status", "* LIST"):
            lines = self.ann.says(f"METADATA {words}")
            self.assertRegex(lines[0], "^:irc.example BATCH \\+[0-9]+ metadata ann$")
            self.assertEqual(commands(lines[1:]), ["761", "761", "BATCH"])
            self.assertTrue(lines[1].endswith(told))
            self.assertTrue(lines[2].endswith(" 761 ann ann status * :"))

    def test_removed(self) -> None:
        """Without a value a key is removed; KEY_NOT_SET if it is not there."""
        self.ann.says("METADATA * SET url :x")
        (line,) = self.ann.says("METADATA * SET url")
        self.assertTrue(line.startswith(":irc.example 766 ann ann url :"))
        self.fails("* SET url", "KEY_NOT_SET", "ann", "url")
        lines = self.ann.says("METADATA * GET url")
        self.assertEqual(commands(lines), ["BATCH", "766", "BATCH"])

    def test_cleared(self) -> None:
        """Section CLEAR."""
        self.ann.says("METADATA * SET url :x", "METADATA * SET avatar :y")
        lines = self.ann.says("METADATA * CLEAR")
        self.assertEqual(commands(lines), ["BATCH", "766", "766", "BATCH"])
        self.assertEqual(len(self.ann.says("METADATA * LIST")), 2)

    def test_ofARoom(self) -> None:
        """Who keeps order there may; others may look."""
        self.ann.says("METADATA #tea SET url :x")
        self.assertIn(" 761 bob #tea url * x", self.bob.says("METADATA #tea LIST")[1])
        (line,) = self.bob.says("METADATA #tea SET url :y")
        self.assertIn(" FAIL METADATA KEY_NO_PERMISSION #tea url :", line)

    def test_kept(self) -> None:
        """A room's outlives a restart."""
        self.ann.says("METADATA #tea SET url :x")
        room = self.factory.lobby.rooms["#tea"]
        again = Room("#tea", lambda function: None)
        restore(again, fieldsOf(room))
        self.assertEqual(again.metadata, {"url": "x"})
        self.ann.says("METADATA #tea SET url")
        restore(again, fieldsOf(room))
        self.assertEqual(again.metadata, {})

    def test_ofSomebodyElse(self) -> None:
        self.bob.says("METADATA * SET url :x")
        self.assertIn(" 761 ann bob url * x", self.ann.says("METADATA bob GET url")[1])
        self.fails("bob SET url :y", "KEY_NO_PERMISSION", "bob", "url")
        self.fails("bob CLEAR", "KEY_NO_PERMISSION", "bob", "*")

    def test_refused(self) -> None:
        """Section "Standard Replies"."""
        for line, *answer in (
            ("* DANCE", "SUBCOMMAND_INVALID", "DANCE"),
            ("nobody LIST", "INVALID_TARGET", "nobody"),
            ("#none LIST", "INVALID_TARGET", "#none"),
            ("* SET Url :x", "KEY_INVALID", "Url"),
            ("* SET", "KEY_INVALID", "*"),
            (f"* SET url :{'é' * (MAX_VALUE // 2 + 1)}", "INVALID_VALUE", "url"),
        ):
            self.fails(line, *answer)
        for number in range(MAX_KEYS):
            self.ann.says(f"METADATA * SET k{number} :{'x' * MAX_VALUE}")
        self.fails("* SET url :x", "LIMIT_REACHED", "ann")
        self.assertEqual(commands(self.ann.says("METADATA * SET k0 :y")), ["761"])

    def test_nothingIsObeyed(self) -> None:
        (line,) = self.ann.says("METADATA * SET url :a\x1b[2Jb")
        self.assertTrue(line.endswith(" url * a^[[2Jb"))

    def test_hiddenRooms(self) -> None:
        """What a room says is for who may know of it."""
        self.ann.says("JOIN #two", "METADATA #two SET url :x")
        for mode in ("+i", "-i+s"):
            self.ann.says(f"MODE #two {mode}")
            for words in ("GET url", "LIST", "SYNC"):
                (line,) = self.bob.says(f"METADATA #two {words}")
                self.assertIn(" FAIL METADATA INVALID_TARGET #two :", line)

    def test_withoutTheCapability(self) -> None:
        eve = Client(self.factory, "eve")
        self.assertEqual(commands(eve.says("METADATA * LIST")), ["421"])
        new = Client(self.factory)
        self.assertEqual(commands(new.says("METADATA * LIST")), ["451"])


class SubscriptionTests(MetadataTestCase):
    def test_subscribed(self) -> None:
        """Sections SUB, UNSUB and SUBS."""
        (line,) = self.ann.says("METADATA * SUB url avatar")
        self.assertEqual(line, ":irc.example 770 ann url avatar")
        lines = self.ann.says("METADATA * SUBS")
        self.assertRegex(lines[0], r" BATCH \+[0-9]+ metadata-subs$")
        self.assertTrue(lines[1].endswith(" 772 ann avatar url"))
        self.assertEqual(
            self.ann.says("METADATA * UNSUB url other"),
            [":irc.example 771 ann url other"],
        )
        self.fails("* SUB Url", "KEY_INVALID", "Url")

    def test_tooMany(self) -> None:
        """The first that is one too many is named; those before it are taken."""
        for number in range(MAX_SUBSCRIPTIONS - 1):
            self.ann.says(f"METADATA * SUB k{number}")
        failed, taken = self.ann.says("METADATA * SUB k0 url avatar x")
        self.assertIn(" FAIL METADATA TOO_MANY_SUBS avatar :", failed)
        self.assertEqual(taken, ":irc.example 770 ann k0 url")

    def test_told(self) -> None:
        """Section "Notifications": of who shares a room, is watched for, or a room."""
        self.bob.says("METADATA * SUB url")
        self.ann.says("METADATA * SET url :x", "METADATA * SET avatar :y")
        self.assertEqual(self.bob.hears(), [":irc.example 761 bob ann url * x"])
        self.ann.says("METADATA #tea SET url :z", "METADATA * SET url")
        set_, removed = self.bob.hears()
        self.assertEqual(set_, ":irc.example 761 bob #tea url * z")
        self.assertTrue(removed.startswith(":irc.example 766 bob ann url :"))
        eve = Client(self.factory, "eve", CAPS)
        eve.says("METADATA * SET url :x")
        self.assertEqual(self.bob.hears(), [])
        self.bob.says("MONITOR + eve")
        eve.says("METADATA * SET url :y")
        self.assertEqual(self.bob.hears(), [":irc.example 761 bob eve url * y"])

    def test_watched(self) -> None:
        """Of whom one begins to watch for, and when they come."""
        self.ann.says("METADATA * SUB url", "MONITOR + new")
        new = Client(self.factory)
        new.says(f"CAP REQ :{CAPS}", "METADATA * SET url :x")
        new.says("NICK new", "USER n 0 * :n", "CAP END")
        told = ":irc.example 761 ann new url * x"
        self.assertEqual(commands(self.ann.hears()), ["730", "761"])
        self.ann.says("MONITOR C")
        self.assertEqual(self.ann.says("MONITOR + new")[-1], told)
        self.assertEqual(commands(self.ann.says("MONITOR + rob")), ["731"])

    def test_joined(self) -> None:
        """Who joins is told of the room and all in it; and they of who joins."""
        self.ann.says("METADATA * SUB url", "METADATA * SET url :x")
        self.ann.says("METADATA #tea SET url :z")
        eve = Client(self.factory, "eve", CAPS)
        eve.says("METADATA * SUB url", "METADATA * SET url :y")
        lines = [line for line in eve.says("JOIN #tea") if " 761 " in line]
        self.assertEqual(
            lines,
            [
                ":irc.example 761 eve #tea url * z",
                ":irc.example 761 eve ann url * x",
                ":irc.example 761 eve eve url * y",
            ],
        )
        self.assertEqual(
            self.ann.hears(),
            [":eve!~e@host JOIN #tea", ":irc.example 761 ann eve url * y"],
        )

    def test_later(self) -> None:
        """Section "Postponed synchronization"; section SYNC."""
        self.ann.says("METADATA * SET url :x")
        lines = self.bob.says("METADATA * SUB url")
        self.assertEqual(commands(lines), ["770", "774"])
        lines = self.bob.says("METADATA #tea SYNC")
        self.assertEqual(commands(lines), ["BATCH", "761", "BATCH"])
        for number in range(MAX_AT_ONCE):
            member = Client(self.factory, f"m{number}", CAPS)
            member.says("JOIN #tea", "METADATA * SET url :x")
        eve = Client(self.factory, "eve", CAPS)
        eve.says("METADATA * SUB url")
        told = commands(eve.says("JOIN #tea"))
        self.assertEqual((told.count("761"), told.count("774")), (0, 1))

    def test_gone(self) -> None:
        """Who has gone is told nothing."""
        self.bob.says("METADATA * SUB url", "QUIT")
        self.ann.says("METADATA * SET url :x")
        self.assertEqual(list(self.factory.house.subscribers), [self.bob.protocol])


class BeforeTests(MetadataTestCase):
    def test_beforeConnect(self) -> None:
        """C{before-connect}: by C{*} only; the welcome has it again."""
        new = Client(self.factory)
        new.says(f"CAP REQ :{CAPS}")
        (line,) = new.says("METADATA * SET url :x")
        self.assertEqual(line, ":irc.example 761 * * url * x")
        (line,) = new.says("METADATA ann GET url")
        self.assertIn(" FAIL METADATA INVALID_TARGET ann :", line)
        lines = new.says("NICK new", "USER n 0 * :n", "CAP END")
        self.assertIn(" 761 new new url * x", "".join(lines))
        before = commands(lines)
        self.assertLess(before.index("761"), before.index("422"))

    def test_whois(self) -> None:
        """Section "RPL_WHOISKEYVALUE"."""
        self.ann.says("METADATA * SET url :x")
        self.assertIn(":irc.example 760 bob ann url * x", self.bob.says("WHOIS ann"))
        eve = Client(self.factory, "eve")
        self.assertNotIn("760", commands(eve.says("WHOIS ann")))
