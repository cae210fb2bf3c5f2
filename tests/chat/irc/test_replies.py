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
                "@label=7;msgid=1 :ann!~a@host TOPIC #tea x",
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

    def test_nothingIsLeft(self) -> None:
        """What the client has not asked to be told of is no answer."""
        self.assertEqual(
            self.ann.says("@label=7 SETNAME x", "PING y"),
            [
                "@label=7 :irc.example ACK",
                ":irc.example PONG irc.example y",
            ],
        )

    def test_aWholeLine(self) -> None:
        """A line that is too long, or no message, is answered all the same."""
        self.assertEqual(commands(self.ann.says("@label=7 " + "A" * 600)), ["417"])
        self.assertEqual(self.ann.says("@label=7"), [])


class ParameterTests(SynchronousTestCase):
    """What a client sent comes back as the parameter that it was (RFC 2812, 2.3.1)."""

    def test_controls(self) -> None:
        """But never as what a terminal obeys, nor with a NUL (RFC 1459, 2.3.1)."""
        ann, bob = inRoom(irc(), "ann", "bob", caps="draft/read-marker")
        for command in (
            *("MODE {}", "WHOWAS {}", "{}", "CAP {}", "METADATA * SET {} :{}"),
            *("SILENCE +{}", "MARKREAD {}", "MODE #tea +b {}", "MODE #tea +I $a:{}"),
        ):
            for odd in ("x\0", "\0", "\x1b[31m", "\x9b31m", "\u202ex", "\x07"):
                told = "".join(ann.says(command.format(odd, odd)) + bob.hears())
                self.assertNotRegex(told, "[\0\x1b\x9b\u202e\x07]", command)

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


class TogetherTests(SynchronousTestCase):
    """A welcome, and all that a JOIN is answered with, is written at once."""

    def writes(self, client: Client, *lines: str) -> list[bytes]:
        written: list[bytes] = []
        client.protocol._transport.write = written.append
        client.say("".join(f"{line}\r\n" for line in lines).encode())
        return written

    def test_join(self) -> None:
        ann = Client(irc(), "ann")
        (written,) = self.writes(ann, "JOIN #tea")
        self.assertEqual(commands(written.decode().split("\r\n")[:-1])[-1], "366")

    def test_welcome(self) -> None:
        bob = Client(irc())
        (written,) = self.writes(bob, "NICK bob", "USER b 0 * :bob")
        numbers = commands(written.decode().split("\r\n")[:-1])
        self.assertEqual(numbers[:5], ["001", "002", "003", "004", "005"])
        self.assertEqual(numbers[-1], "422")

    def test_underALabel(self) -> None:
        """Each line is in the batch all the same (labeled-response)."""
        ann = Client(irc(), "ann", "labeled-response batch")
        found = ann.says("@label=1 JOIN #tea")
        self.assertEqual(commands(found), ["BATCH", "JOIN", "353", "366", "BATCH"])
        self.assertTrue(all("batch=" in line for line in found[1:-1]))
