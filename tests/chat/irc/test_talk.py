"""PRIVMSG, NOTICE and TAGMSG (RFC 2812, 3.3; IRCv3's message-tags, echo-message)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.talk import MAX_TARGETS
from protocols.chat.irc.wire import MAX_MESSAGE
from tests.chat.irc.clients import HOST, Client, commands, inRoom, irc, lineMember

TAGS = "message-tags echo-message"


class MessageTests(SynchronousTestCase):
    """RFC 2812, 3.3.1."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")

    def test_room(self) -> None:
        self.assertEqual(self.ann.says("PRIVMSG #TEA :hello there"), [])
        self.assertEqual(self.bob.hears(), [":ann!~a@host PRIVMSG #tea :hello there"])

    def test_person(self) -> None:
        self.assertEqual(self.ann.says("PRIVMSG BOB :psst"), [])
        self.assertEqual(self.bob.hears(), [":ann!~a@host PRIVMSG bob :psst"])

    def test_several(self) -> None:
        self.ann.says("PRIVMSG #tea,bob :hi")
        self.assertEqual(commands(self.bob.hears()), ["PRIVMSG", "PRIVMSG"])

    def test_order(self) -> None:
        """What somebody says comes in that order, in rooms and in private."""
        self.ann.say(b"PRIVMSG #tea :1\r\nPRIVMSG bob :2\r\nPRIVMSG #tea :3\r\n")
        self.assertEqual([line[-1] for line in self.bob.hears()], ["1", "2", "3"])

    def test_refused(self) -> None:
        eve = Client(self.factory, "eve")
        many = ",".join(["bob"] * (MAX_TARGETS + 1))
        for line, number in (
            ("PRIVMSG", "411"),
            ("PRIVMSG :", "411"),
            ("PRIVMSG bob", "412"),
            ("PRIVMSG bob :", "412"),
            ("PRIVMSG nobody :hi", "401"),
            ("PRIVMSG #none :hi", "403"),
            ("PRIVMSG #tea :hi", "404"),
            (f"PRIVMSG {many} :hi", "407"),
            ("PRIVMSG , :hi", "401"),
        ):
            self.assertEqual(commands(eve.says(line))[0], number, line)
        self.assertEqual(self.bob.hears(), [])

    def test_noticesAreNotAnswered(self) -> None:
        """RFC 2812, 3.3.2: not even with an error."""
        self.assertEqual(self.ann.says("NOTICE nobody :hi", "NOTICE #none :hi"), [])
        self.ann.says("NOTICE #tea :hi")
        self.assertEqual(self.bob.hears(), [":ann!~a@host NOTICE #tea :hi"])

    def test_noUTF8(self) -> None:
        """UTF8ONLY: refused with a standard reply, and not sent on."""
        self.ann.say(b"PRIVMSG #tea :caf\xe9\r\n")
        self.assertEqual(
            self.ann.hears(),
            [":irc.example FAIL PRIVMSG INVALID_UTF8 :Only UTF-8 is understood here"],
        )
        self.assertEqual(self.bob.hears(), [])

    def test_away(self) -> None:
        """RFC 2812, 4.1: 301, for messages only."""
        self.bob.says("AWAY :lunch")
        self.assertEqual(
            self.ann.says("PRIVMSG bob :hi"), [":irc.example 301 ann bob lunch"]
        )
        self.assertEqual(self.ann.says("NOTICE bob :hi"), [])

    def test_ranks(self) -> None:
        """STATUSMSG: for who has at least that rank."""
        eve, lee = inRoom(self.factory, "eve", "lee")
        self.ann.says("MODE #tea +v bob")
        for client in (self.bob, eve, lee):
            client.hears()
        self.assertEqual(self.bob.says("PRIVMSG @#tea :help"), [])
        self.assertEqual(
            self.ann.hears(),
            [":bob!~b@host PRIVMSG @#tea :help"],
        )
        self.ann.says("PRIVMSG +#tea :quiet")
        self.assertEqual(self.bob.hears(), [":ann!~a@host PRIVMSG +#tea :quiet"])
        self.assertEqual(eve.hears() + lee.hears(), [])


class ObeyedTests(SynchronousTestCase):
    """CHAT-CASES: nothing that one person says is obeyed by another's program."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps="message-tags")
        self.lee = lineMember(self.factory, "lee")
        for client in (self.ann, self.bob):
            client.hears()

    def test_controls(self) -> None:
        """IRC's formatting is kept for IRC, and dropped for a terminal."""
        self.ann.says("PRIVMSG #tea :\x1b[2J \x02\x0304,5bold\x0f\x07 \u202ex")
        self.assertEqual(
            self.bob.hears(),
            ["@msgid=1 :ann!~a@host PRIVMSG #tea :^[[2J \x02\x0304,5bold\x0f^G x"],
        )
        self.assertEqual(self.lee.hears(), ["#tea <ann> ^[[2J bold^G x"])

    def test_lineEndsWithin(self) -> None:
        """A CR or a NUL within what is said makes no message of its own."""
        for line in (
            "PRIVMSG #tea :a\r:irc.example NOTICE bob :b",
            "PRIVMSG #tea :\1ACTION a\r:irc.example NOTICE bob :b\1",
            "PRIVMSG #tea :\1PING a\r:irc.example NOTICE bob :b\0\1",
            "NOTICE #tea :\1PING a\r:irc.example NOTICE bob :b\1",
            "PRIVMSG bob :\1ACTION a\rQUIT",
            "@+a\rb=c;+x\0=1;+d=e TAGMSG #tea",
            "@+d=e\rf TAGMSG #tea",
            "TOPIC #tea :a\rb",
            "KICK #tea lee :a\rb",
        ):
            self.ann.says(line)
            self.bob.advance(0)
            heard = self.bob.heard()
            self.assertEqual(heard.count(b"\r"), heard.count(b"\r\n"), line)
            self.assertEqual(heard.count(b"\n"), 1, line)
            self.assertNotIn(b"\0", heard)

    def test_action(self) -> None:
        """CTCP ACTION is the line door's C{/me}, both ways."""
        self.ann.says("PRIVMSG #tea :\1ACTION waves\1")
        self.assertEqual(
            self.bob.hears(), ["@msgid=1 :ann!~a@host PRIVMSG #tea :\1ACTION waves\1"]
        )
        self.assertEqual(self.lee.hears(), ["#tea * ann waves"])
        self.lee.types("/me waves back")
        self.assertEqual(
            self.bob.hears(),
            ["@msgid=2 :lee!line@host PRIVMSG #tea :\1ACTION waves back\1"],
        )

    def test_requests(self) -> None:
        """What is for programs is not shown to people."""
        self.ann.says("PRIVMSG #tea :\1VERSION\1")
        self.assertIn("\1VERSION\1", self.bob.hears()[0])
        self.assertEqual(self.lee.hears(), [])


class LineDoorTests(SynchronousTestCase):
    """Members of both doors in one room."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")
        self.lee = lineMember(self.factory, "lee")
        for client in (self.ann, self.bob):
            client.hears()

    def test_bothWays(self) -> None:
        self.ann.says("PRIVMSG #tea :na\u00efve \u540d\u524d")
        self.assertEqual(self.lee.hears(), ["#tea <ann> na\u00efve \u540d\u524d"])
        self.lee.types("hello")
        for client in (self.ann, self.bob):
            self.assertEqual(
                client.hears()[-1],
                ":lee!line@host PRIVMSG #tea :hello",
            )

    def test_private(self) -> None:
        self.ann.says("PRIVMSG lee :psst", "NOTICE lee :\1X\1")
        self.assertEqual(self.lee.hears()[0], "[ann to you] psst")
        self.lee.types("/msg ann hi")
        self.assertEqual(self.ann.hears(), [":lee!line@host PRIVMSG ann :hi"])

    def test_notice(self) -> None:
        self.ann.says("NOTICE #tea :hi")
        self.assertEqual(self.lee.hears(), ["#tea -ann- hi"])

    def test_longLines(self) -> None:
        """What the line door takes is split for IRC, and nothing is lost."""
        text = " ".join(f"w\u00f6rd{number}" for number in range(600))
        self.lee.types(text)
        lines = self.bob.hears()
        self.assertGreater(len(lines), 8)
        for line in lines:
            self.assertLessEqual(len(line.replace("@host", f"@{HOST}").encode()), 510)
        prefix = ":lee!line@host PRIVMSG #tea :"
        self.assertEqual("".join(line[len(prefix) :] for line in lines), text)

    def test_longWords(self) -> None:
        self.lee.types("/me " + "\u540d" * 1000)
        lines = self.bob.hears()
        self.assertTrue(all(line.endswith("\1") for line in lines))
        self.assertEqual("".join(lines).count("\u540d"), 1000)

    def test_fitsForOthers(self) -> None:
        """RFC 2812, 2.3: what is relayed has at most 512 octets."""
        for length in range(440, 500):
            self.ann.say(f"PRIVMSG #tea :{'x' * length}\r\n".encode())
            self.bob.advance(0)
            self.assertLessEqual(len(self.bob.heard()), MAX_MESSAGE)


class TagTests(SynchronousTestCase):
    """IRCv3's message-tags, echo-message, server-time, account-tag and bot."""

    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps=TAGS)
        (self.eve,) = inRoom(self.factory, "eve")
        for client in (self.ann, self.bob):
            client.hears()

    def test_echo(self) -> None:
        """One's own words as others see them, with their id."""
        (line,) = self.ann.says("PRIVMSG #tea :hi")
        self.assertEqual(line, "@msgid=1 :ann!~a@host PRIVMSG #tea :hi")
        self.assertEqual(self.bob.hears(), [line])
        self.assertEqual(self.eve.hears(), [":ann!~a@host PRIVMSG #tea :hi"])
        (line,) = self.ann.says("PRIVMSG eve :hi")
        self.assertEqual(line, "@msgid=2 :ann!~a@host PRIVMSG eve :hi")

    def test_clientOnly(self) -> None:
        """Tags with a plus are sent on, others are not."""
        self.ann.says(r"@+a=b\sc;d=e;+f PRIVMSG #tea :hi")
        self.assertEqual(
            self.bob.hears(), [r"@msgid=1;+a=b\sc;+f :ann!~a@host PRIVMSG #tea :hi"]
        )

    def test_tagMessage(self) -> None:
        """TAGMSG is for who knows it."""
        (line,) = self.ann.says("@+typing=active TAGMSG #tea")
        self.assertEqual(line, "@msgid=1;+typing=active :ann!~a@host TAGMSG #tea")
        self.assertEqual(self.bob.hears(), [line])
        self.assertEqual(self.eve.hears(), [])
        self.assertEqual(commands(self.eve.says("TAGMSG #tea")), ["421"])
        self.assertEqual(commands(self.ann.says("@+a=b TAGMSG")), ["411"])

    def test_time(self) -> None:
        """server-time: when it was, in UTC."""
        self.bob.says("CAP REQ :server-time")
        self.ann.says("PRIVMSG #tea :hi")
        self.assertEqual(
            self.bob.hears(),
            ["@time=2023-11-14T22:13:20.000Z;msgid=1 :ann!~a@host PRIVMSG #tea :hi"],
        )

    def test_bot(self) -> None:
        """The bot mode's tag."""
        self.ann.says("MODE ann +B", "PRIVMSG #tea :hi")
        self.assertEqual(
            self.bob.hears(), ["@msgid=1;bot :ann!~a@host PRIVMSG #tea :hi"]
        )
