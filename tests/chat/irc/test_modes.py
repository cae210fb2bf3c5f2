"""MODE (RFC 2812, 3.1.5 and 3.2.3; modern.ircdocs.horse/#mode-message)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.modes import MAX_KEY, changesIn, normalMask, written
from protocols.chat.irc.welcome import MAX_CHANGES
from protocols.chat.room import MAX_MASKS, MAX_MEMBERS
from tests.chat.irc.clients import NOW, Client, commands, inRoom, irc, lineMember


class ChangeTests(SynchronousTestCase):
    def test_read(self) -> None:
        """A parameter belongs to the first letter that takes one."""
        self.assertEqual(
            list(changesIn(("+o-v+b-l+l", "ann", "bob", "*!*@*", "5"))),
            [
                (True, "o", "ann"),
                (False, "v", "bob"),
                (True, "b", "*!*@*"),
                (False, "l", None),
                (True, "l", "5"),
            ],
        )
        self.assertEqual(list(changesIn(("b",))), [(True, "b", None)])

    def test_written(self) -> None:
        changes = [(True, "m", None), (True, "o", "ann"), (False, "k", "x")]
        self.assertEqual(written(changes), "+mo-k ann x")

    def test_masks(self) -> None:
        for mask, whole in (
            ("ann", "ann!*@*"),
            ("ann!a@h", "ann!a@h"),
            ("*@h", "*!*@h"),
            ("$a:ann", "$a:ann"),
            ("$m:ann", "$m:ann!*@*"),
            ("a b", "ab!*@*"),
        ):
            self.assertEqual(normalMask(mask), whole)
        self.assertLess(len(normalMask("x" * 500)), 210)


class RoomTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")
        self.room = self.factory.lobby.rooms["#tea"]

    def refused(self, client: Client, line: str, number: str) -> None:
        self.assertEqual(commands(client.says(line)), [number], line)


class FlagTests(RoomTestCase):
    def test_onlyAccountsSpeak(self) -> None:
        """C{M}: who has logged in, or has a rank."""
        self.ann.says("MODE #tea +M")
        self.bob.hears()
        self.refused(self.bob, "PRIVMSG #tea :x", "404")
        self.ann.says("MODE #tea +v bob")
        self.bob.hears()
        self.assertEqual(self.bob.says("PRIVMSG #tea :x"), [])
        self.ann.says("MODE #tea -v bob")
        self.bob.hears()
        self.bob.protocol.account = "bob"
        self.assertEqual(self.bob.says("PRIVMSG #tea :x"), [])

    def test_ask(self) -> None:
        self.assertEqual(
            self.bob.says("MODE #tea"),
            [
                ":irc.example 324 bob #tea +nt",
                f":irc.example 329 bob #tea {NOW:.0f}",
            ],
        )

    def test_change(self) -> None:
        """In one message, and only what has changed."""
        line = ":ann!~a@host MODE #tea -t+ms"
        self.assertEqual(self.ann.says("MODE #tea +n-t+ms"), [line])
        self.assertEqual(self.bob.hears(), [line])
        self.assertEqual(self.ann.says("MODE #tea +m"), [])
        self.assertIn("+mns", self.ann.says("MODE #tea")[0])

    def test_refused(self) -> None:
        self.refused(self.bob, "MODE #tea +m", "482")
        self.refused(self.ann, "MODE #tea +y", "472")
        self.refused(self.ann, "MODE #none +m", "403")
        self.refused(Client(self.factory, "eve"), "MODE #tea +m", "442")
        self.refused(self.ann, "MODE", "461")
        self.assertEqual(self.room.modes.flags, {"n", "t"})

    def test_many(self) -> None:
        """MODES: so many changes in one message; the rest is not looked at."""
        self.ann.says("MODE #tea " + "+m-m" * (MAX_CHANGES // 2) + "+m")
        self.assertNotIn("m", self.room.modes.flags)

    def test_secret(self) -> None:
        """Who is not in a secret room learns nothing of it."""
        self.ann.says("MODE #tea +sb bad")
        eve = Client(self.factory, "eve")
        for line in ("MODE #tea", "MODE #tea b", "MODE #tea +b"):
            self.refused(eve, line, "442")

    def test_effects(self) -> None:
        """C{n}, C{m}, C{C}, C{R} and C{i}, each with its refusal."""
        eve = Client(self.factory, "eve")
        self.refused(eve, "PRIVMSG #tea :hi", "404")
        self.ann.says("MODE #tea -n+m")
        self.refused(eve, "PRIVMSG #tea :hi", "404")
        self.bob.hears()
        self.refused(self.bob, "PRIVMSG #tea :hi", "404")
        self.ann.says("MODE #tea +v bob", "MODE #tea +CR")
        self.bob.hears()
        self.assertEqual(self.bob.says("PRIVMSG #tea :hi"), [])
        self.refused(self.bob, "PRIVMSG #tea :\1VERSION\1", "404")
        self.assertEqual(self.bob.says("PRIVMSG #tea :\1ACTION sits\1"), [])
        self.refused(eve, "JOIN #tea", "477")
        self.ann.says("MODE #tea -R+i")
        self.refused(eve, "JOIN #tea", "473")

    def test_atTheLineDoor(self) -> None:
        lee = lineMember(self.factory, "lee")
        self.ann.says("MODE #tea +m")
        self.assertEqual(lee.hears(), ["#tea * ann set +m"])
        (line,) = lee.types("hello")
        self.assertIn("only who has a voice speaks", line.lower())


class KeyAndLimitTests(RoomTestCase):
    def test_key(self) -> None:
        self.ann.says("MODE #tea +k sesame")
        eve = Client(self.factory, "eve")
        for line in ("JOIN #tea", "JOIN #tea wrong", "JOIN #x,#tea sesame"):
            self.assertEqual(commands(eve.says(line))[-1], "475")
        self.assertIn(" +ntk *", eve.says("MODE #tea")[0])
        self.assertIn(" +ntk sesame", self.bob.says("MODE #tea")[-2])
        self.assertEqual(commands(eve.says("JOIN #tea sesame"))[0], "JOIN")
        self.assertEqual(
            self.ann.says("MODE #tea -k x")[-1], ":ann!~a@host MODE #tea -k sesame"
        )
        self.assertEqual(self.ann.says("MODE #tea -k x"), [])

    def test_keysThatCantBe(self) -> None:
        for key, number in (
            ("a,b", "696"),
            (":a b", "696"),
            ("a:b", "696"),
            (":", "696"),
            ("x" * (MAX_KEY + 1), "696"),
            ("a\x1bb", "696"),
            ("", "461"),
        ):
            self.refused(self.ann, f"MODE #tea +k {key}".strip(" "), number)
        self.assertEqual(self.room.modes.key, "")

    def test_limit(self) -> None:
        self.assertEqual(
            self.ann.says("MODE #tea +l 02"), [":ann!~a@host MODE #tea +l 2"]
        )
        self.refused(Client(self.factory, "eve"), "JOIN #tea", "471")
        self.assertIn(" +ntl 2", self.ann.says("MODE #tea")[0])
        self.assertEqual(self.ann.says("MODE #tea -l"), [":ann!~a@host MODE #tea -l"])
        self.assertEqual(self.ann.says("MODE #tea -l"), [])

    def test_limitsThatCantBe(self) -> None:
        for limit in ("0", "-1", "x", "\u00b2", str(MAX_MEMBERS + 1), "9" * 30):
            self.refused(self.ann, f"MODE #tea +l {limit}", "696")
        self.refused(self.ann, "MODE #tea +l", "461")


class RankTests(RoomTestCase):
    def test_giveAndTake(self) -> None:
        line = ":ann!~a@host MODE #tea +ov bob bob"
        self.assertEqual(self.ann.says("MODE #tea +ov BOB bob"), [line])
        self.assertEqual(self.room.signs(self.bob.protocol), "@+")
        self.assertEqual(self.ann.says("MODE #tea +o bob"), [])
        self.bob.says("MODE #tea -o ann")
        self.ann.hears()
        self.refused(self.ann, "MODE #tea +v ann", "482")

    def test_refused(self) -> None:
        Client(self.factory, "eve")
        self.refused(self.ann, "MODE #tea +o", "461")
        self.refused(self.ann, "MODE #tea +o eve", "441")
        self.refused(self.ann, "MODE #tea +o nobody", "401")

    def test_goneWithTheMember(self) -> None:
        self.ann.says("PART #tea", "JOIN #tea")
        self.assertEqual(self.room.ranks, {})


class ListTests(RoomTestCase):
    def test_ban(self) -> None:
        """RFC 2812, 3.2.3: 367 and 368; nor do they speak."""
        self.ann.says("MODE #tea +b b*")
        self.bob.hears()
        self.refused(self.bob, "PRIVMSG #tea :hi", "404")
        self.assertEqual(
            self.bob.says("MODE #tea b"),
            [
                f":irc.example 367 bob #tea b*!*@* ann!~a@host {NOW:.0f}",
                ":irc.example 368 bob #tea :End of channel ban list",
            ],
        )
        self.bob.says("PART #tea")
        self.refused(self.bob, "JOIN #tea", "474")
        self.ann.says("MODE #tea -b b*!*@*")
        self.assertEqual(commands(self.bob.says("JOIN #tea"))[0], "JOIN")

    def test_exceptions(self) -> None:
        """C{e} and C{I} (modern.ircdocs.horse/#ban-exception-channel-mode)."""
        eve = Client(self.factory, "eve")
        self.ann.says("MODE #tea +bi *!*@*")
        self.refused(eve, "JOIN #tea", "474")
        self.ann.says("MODE #tea +e eve")
        self.refused(eve, "JOIN #tea", "473")
        self.ann.says("MODE #tea +I eve")
        self.assertEqual(commands(eve.says("JOIN #tea"))[0], "JOIN")
        self.assertEqual(eve.says("PRIVMSG #tea :hi"), [])
        for letter, numbers in (("e", ["348", "349"]), ("I", ["346", "347"])):
            self.assertEqual(commands(eve.says(f"MODE #tea {letter}")), numbers)

    def test_mute(self) -> None:
        """EXTBAN C{$m:}: may join, may not speak."""
        self.ann.says("MODE #tea +b $m:bob")
        self.bob.says("PART #tea")
        self.assertEqual(commands(self.bob.says("JOIN #tea"))[0], "JOIN")
        self.refused(self.bob, "PRIVMSG #tea :hi", "404")
        self.ann.says("MODE #tea +e $m:bob")
        self.bob.hears()
        self.assertEqual(self.bob.says("PRIVMSG #tea :hi"), [])

    def test_account(self) -> None:
        """EXTBAN C{$a:} (ACCOUNTEXTBAN)."""
        self.ann.says("MODE #tea +b $a:b*")
        self.bob.hears()
        self.assertEqual(self.bob.says("PRIVMSG #tea :hi"), [])
        self.bob.protocol.account = "bobby"
        self.bob.protocol.changed()
        self.refused(self.bob, "PRIVMSG #tea :ho", "404")

    def test_twice(self) -> None:
        self.ann.says("MODE #tea +b x")
        self.assertEqual(self.ann.says("MODE #tea +b x!*@*"), [])
        self.assertEqual(len(self.room.modes.lists["b"]), 1)
        self.assertEqual(self.ann.says("MODE #tea -b y"), [])

    def test_full(self) -> None:
        """MAXLIST: 478."""
        for start in range(0, MAX_MASKS, MAX_CHANGES):
            masks = [f"m{number}" for number in range(start, start + MAX_CHANGES)]
            self.ann.says(f"MODE #tea +{'b' * MAX_CHANGES} {' '.join(masks[:14])}")
            for mask in masks:
                self.ann.says(f"MODE #tea +b {mask}")
        self.assertEqual(len(self.room.modes.lists["b"]), MAX_MASKS)
        self.refused(self.ann, "MODE #tea +b more", "478")


class UserTests(RoomTestCase):
    """RFC 2812, 3.1.5."""

    def test_own(self) -> None:
        self.assertEqual(self.ann.says("MODE ann +iB"), [":ann!~a@host MODE ann +iB"])
        self.assertEqual(self.ann.says("MODE Ann"), [":irc.example 221 ann +Bi"])
        self.assertEqual(self.ann.says("MODE ann +i"), [])
        self.assertEqual(self.ann.says("MODE ann -i"), [":ann!~a@host MODE ann -i"])

    def test_refused(self) -> None:
        """Nobody makes themselves an operator."""
        self.assertEqual(self.ann.says("MODE ann +o"), [])
        self.assertFalse(self.ann.protocol.isOperator)
        self.refused(self.ann, "MODE ann +y", "501")
        self.refused(self.ann, "MODE bob +i", "502")
        self.refused(self.ann, "MODE nobody", "401")
        self.refused(self.ann, "MODE :", "401")

    def test_hidden(self) -> None:
        """C{i}: not shown to who shares no room."""
        self.ann.says("MODE ann +i")
        eve = Client(self.factory, "eve")
        self.assertEqual(commands(eve.says("WHO a*")), ["315"])
        self.assertNotIn("ann", eve.says("NAMES #tea")[0])
        self.assertIn("ann", self.bob.says("WHO a*")[0])
