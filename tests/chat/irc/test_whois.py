"""WHOIS and WHOWAS (RFC 2812, 3.6.2 and 3.6.3; modern.ircdocs.horse)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.irc.clients import NOW, Client, commands, inRoom, irc, lineMember, only


class WhoisTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")
        self.eve = Client(self.factory, "eve")

    def test_other(self) -> None:
        self.eve.advance(7)
        self.assertEqual(
            self.eve.says("WHOIS ANN"),
            [
                ":irc.example 311 eve ann ~a host * ann",
                ":irc.example 319 eve ann @#tea",
                ":irc.example 312 eve ann irc.example :a chat with many doors",
                f":irc.example 317 eve ann 7 {NOW:.0f} :seconds idle, signon time",
                ":irc.example 318 eve ann :End of WHOIS list",
            ],
        )

    def test_idle(self) -> None:
        """Since they last said something."""
        self.ann.advance(50)
        self.ann.says("PRIVMSG #tea :hi")
        self.ann.advance(3)
        self.assertIn(" 317 eve ann 3 ", only(self.eve.says("WHOIS ann"), "317"))

    def test_oneself(self) -> None:
        """378: the address, for oneself and for operators."""
        line = only(self.ann.says("WHOIS ann"), "378")
        self.assertIn("~a@192.0.2.1 192.0.2.1", line)
        self.assertNotIn("378", commands(self.bob.says("WHOIS ann")))
        self.bob.protocol.isOperator = True
        self.assertIn("192.0.2.1", only(self.bob.says("WHOIS ann"), "378"))

    def test_more(self) -> None:
        ann = self.ann.protocol
        ann.isOperator = ann.isBot = ann.isSecure = True
        ann.account = "annie"
        self.ann.says("AWAY :lunch")
        lines = self.eve.says("WHOIS ann")
        for number, text in (
            ("313", "is an operator"),
            ("330", "ann annie :is logged in as"),
            ("335", "is a bot"),
            ("671", "is using a secure connection"),
            ("301", "ann lunch"),
        ):
            self.assertIn(text, only(lines, number))

    def test_hidden(self) -> None:
        """Rooms of who is C{+i}, and C{+s} rooms, are seen by those who are there."""
        self.ann.says("MODE ann +i", "JOIN #two")
        self.assertNotIn("319", commands(self.eve.says("WHOIS ann")))
        self.assertIn("#tea @#two", only(self.bob.says("WHOIS ann"), "319"))
        self.ann.says("MODE #two +s")
        self.assertTrue(only(self.bob.says("WHOIS ann"), "319").endswith(" @#tea"))

    def test_server(self) -> None:
        for server in ("irc.example", "IRC.EXAMPLE", "bob"):
            self.assertEqual(commands(self.eve.says(f"WHOIS {server} ann"))[0], "311")

    def test_refused(self) -> None:
        for line, numbers in (
            ("WHOIS", ["431"]),
            ("WHOIS :", ["431"]),
            ("WHOIS nobody", ["401", "318"]),
            ("WHOIS elsewhere ann", ["402"]),
        ):
            self.assertEqual(commands(self.eve.says(line)), numbers)

    def test_several(self) -> None:
        """TARGMAX: one."""
        self.assertEqual(commands(self.eve.says("WHOIS ann,bob")).count("311"), 1)

    def test_lineDoor(self) -> None:
        lineMember(self.factory, "lee")
        self.assertIn(" ann lee line host * ", only(self.ann.says("WHOIS lee"), "311"))


class WhowasTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann = Client(self.factory, "ann")
        for real in ("one", "two", "three"):
            bob = Client(self.factory)
            bob.says("NICK bob", f"USER b 0 * :{real}", "QUIT")

    def test_last(self) -> None:
        """The latest first."""
        lines = self.ann.says("WHOWAS BOB 2")
        self.assertEqual(commands(lines), ["314", "312", "314", "312", "369"])
        self.assertEqual(lines[0], ":irc.example 314 ann bob ~b host * three")
        self.assertIn("2023-11-14T22:13:20", lines[1])

    def test_all(self) -> None:
        for count in ("", "0", "-1", "x", "\u00b2", "9999999"):
            found = commands(self.ann.says(f"WHOWAS bob {count}"))
            self.assertEqual(found.count("314"), 3, count)

    def test_rename(self) -> None:
        self.ann.says("NICK anna")
        self.assertEqual(commands(self.ann.says("WHOWAS ann"))[0], "314")

    def test_refused(self) -> None:
        self.assertEqual(commands(self.ann.says("WHOWAS eve")), ["406", "369"])
        self.assertEqual(commands(self.ann.says("WHOWAS")), ["431"])
