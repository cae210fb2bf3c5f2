"""How answers go out: labels and batches (IRCv3's labeled-response and batch)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.irc.clients import Client, commands, inRoom, irc

LABELS = "labeled-response batch echo-message message-tags"


class LabelTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.ann, self.bob = inRoom(irc(), "ann", "bob", caps=LABELS)

    def test_one(self) -> None:
        """A single answer has the label itself."""
        self.assertEqual(
            self.ann.says("@label=7 PING x"),
            ["@label=7 :irc.example PONG irc.example x"],
        )

    def test_none(self) -> None:
        """Section "Empty": ACK."""
        self.assertEqual(self.ann.says("@label=7 PONG"), ["@label=7 :irc.example ACK"])

    def test_several(self) -> None:
        """A batch; only its beginning has the label."""
        self.assertEqual(
            self.ann.says("@label=7 TOPIC #tea :x", "@label=8 TOPIC #tea"),
            [
                "@label=7 :ann!~a@host TOPIC #tea x",
                "@label=8 :irc.example BATCH +1 labeled-response",
                "@batch=1 :irc.example 332 ann #tea x",
                "@batch=1 :irc.example 333 ann #tea ann!~a@host 1700000000",
                ":irc.example BATCH -1",
            ],
        )

    def test_linesOfOneAnswer(self) -> None:
        """Several lines that are written at once are several answers too."""
        lines = self.ann.says("@label=7 LUSERS")
        self.assertEqual(commands(lines)[0], "BATCH")
        self.assertTrue(all("batch=1" in line for line in lines[1:-1]))

    def test_refusal(self) -> None:
        self.assertEqual(
            self.bob.says("@label=a\\sb MODE #tea +m"),
            ["@label=a\\sb :irc.example 482 bob #tea :You are not a channel operator"],
        )
        self.assertIn("@label=1 ", self.bob.says("@label=1 FOO")[0])

    def test_echo(self) -> None:
        (line,) = self.ann.says("@label=7 PRIVMSG #tea :hi")
        self.assertEqual(line, "@label=7;msgid=1 :ann!~a@host PRIVMSG #tea :hi")
        self.assertNotIn("label", self.bob.hears()[0])

    def test_othersAreNotInIt(self) -> None:
        """What was said before stands before the batch, not in it."""
        self.bob.say(b"PRIVMSG #tea :first\r\n")
        lines = self.ann.says("@label=7 WHO #tea")
        self.assertIn("first", lines[0])
        self.assertTrue(lines[1].startswith("@label=7 :irc.example BATCH +"))

    def test_whoHasNotAsked(self) -> None:
        eve = Client(irc(), "eve")
        self.assertEqual(
            eve.says("@label=7 PING x"), [":irc.example PONG irc.example x"]
        )

    def test_aWholeLine(self) -> None:
        """A line that is too long, or no message, is answered all the same."""
        self.assertEqual(commands(self.ann.says("@label=7 " + "A" * 600)), ["417"])
        self.assertEqual(self.ann.says("@label=7"), [])


class ParameterTests(SynchronousTestCase):
    """What a client sent comes back as the parameter that it was (RFC 2812, 2.3.1)."""

    def test_errors(self) -> None:
        ann = Client(irc(), "ann")
        for line, words in (
            ("WHOIS :a b", "401 ann a :No such"),
            ("WHOIS :::", "401 ann * :No such"),
            ("JOIN ::x", "403 ann x :No such"),
            ("INVITE ann ::a b", "403 ann a :No such"),
            ("MODE :a b", "401 ann a :No such"),
            ("REDACT :a b", "461 ann REDACT :Not enough"),
            ("REDACT a :b c", "FAIL REDACT INVALID_TARGET a :You"),
            ("CHATHISTORY", "FAIL CHATHISTORY INVALID_PARAMS * :Unknown"),
            ("MARKREAD #x ::y z", "FAIL MARKREAD INVALID_PARAMS #x y :That"),
        ):
            self.assertIn(f":irc.example {words}", ann.says(line)[0], line)
