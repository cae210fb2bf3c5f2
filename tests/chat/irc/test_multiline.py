"""Messages of several lines (IRCv3's client-batch and multiline)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.local import LocalBus
from protocols.chat.irc.multiline import MAX_BYTES, MAX_LINES
from protocols.chat.irc.protocol import IRCProtocol
from tests.chat.backplane.nodes import Client as NodeClient
from tests.chat.backplane.nodes import Place
from tests.chat.irc.clients import Client, commands, inRoom, irc, lineMember

CAPS = "batch message-tags draft/multiline draft/chathistory labeled-response"
OPEN = "BATCH +1 draft/multiline #tea"
WHOLE = (
    "BATCH +1 draft/multiline #tea",
    "@batch=1 PRIVMSG #tea :hello",
    "@batch=1 PRIVMSG #tea :",
    "@batch=1 PRIVMSG #tea :how is ",
    "@batch=1;draft/multiline-concat PRIVMSG #tea :everyone?",
    "BATCH -1",
)


class MultilineTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps=CAPS)
        self.ann.hears()

    def fails(self, lines: list[str], *words: str) -> None:
        """The answer is that, and nobody else is told anything."""
        (line,) = [line for line in lines if " FAIL BATCH " in line]
        self.assertIn(f" FAIL BATCH {' '.join(words)} :", line)
        self.ann.says("BATCH -1")
        self.assertEqual(self.bob.hears(), [])


class BatchTests(MultilineTestCase):
    def test_batch(self) -> None:
        """Section "Examples": the same lines, one id, joined as they were."""
        self.assertEqual(self.ann.says(*WHOLE), [])
        self.assertEqual(
            self.bob.hears(),
            [
                "@msgid=1 :ann!~a@host BATCH +m1 draft/multiline #tea",
                "@batch=m1 :ann!~a@host PRIVMSG #tea :hello",
                "@batch=m1 :ann!~a@host PRIVMSG #tea :",
                "@batch=m1 :ann!~a@host PRIVMSG #tea :how is ",
                "@batch=m1;draft/multiline-concat :ann!~a@host PRIVMSG #tea :everyone?",
                ":irc.example BATCH -m1",
            ],
        )

    def test_fallback(self) -> None:
        """Section "Fallback": no blank lines; the id with the first one."""
        (eve,) = inRoom(self.factory, "eve", caps="message-tags")
        lee = lineMember(self.factory, "lee")
        self.ann.says("@+x=y " + WHOLE[0], *WHOLE[1:])
        self.assertEqual(
            eve.hears()[-3:],
            [
                "@msgid=1;+x=y :ann!~a@host PRIVMSG #tea :hello",
                "@+x=y :ann!~a@host PRIVMSG #tea :how is ",
                "@+x=y :ann!~a@host PRIVMSG #tea :everyone?",
            ],
        )
        told = ["#tea <ann> hello", "#tea <ann> how is everyone?"]
        self.assertEqual(lee.hears(), told)

    def test_withoutBatch(self) -> None:
        """Section "Dependencies": who has no batches is told one by one."""
        (eve,) = inRoom(self.factory, "eve", caps="draft/multiline message-tags")
        self.ann.says(*WHOLE)
        self.assertEqual(commands(eve.hears()[-3:]), ["PRIVMSG"] * 3)

    def test_numberedLines(self) -> None:
        """At the line door each line has the number, if numbers are shown."""
        lee = lineMember(self.factory, "lee")
        lee.types("/show id")
        self.ann.says(*WHOLE)
        told = ["1 #tea <ann> hello", "1 #tea <ann> how is everyone?"]
        self.assertEqual(lee.hears(), told)

    def test_notice(self) -> None:
        """All lines are NOTICEs; also in private, to somebody at another door."""
        lee = lineMember(self.factory, "lee")
        lines = [line.replace("PRIVMSG", "NOTICE") for line in WHOLE]
        self.ann.says(*lines)
        self.assertIn("@batch=m1 :ann!~a@host NOTICE #tea :hello", self.bob.hears())
        lee.hears()
        self.ann.says(*[line.replace("#tea", "lee") for line in WHOLE])
        told = ["[ann to you] hello", "[ann to you] how is everyone?"]
        self.assertEqual(lee.hears(), told)

    def test_label(self) -> None:
        """Section "Labeled response": the label is at the opening BATCH only."""
        self.ann.says("CAP REQ echo-message")
        begin, *rest = self.ann.says("@label=x " + WHOLE[0], *WHOLE[1:])
        self.assertTrue(begin.startswith("@label=x;msgid=1 :ann!~a@host BATCH +m1 "))
        self.assertNotIn("label", "".join(rest))

    def test_labelWithoutEcho(self) -> None:
        """An ACK, when the message has been said."""
        self.assertEqual(self.ann.says("@label=x " + WHOLE[0]), [])
        lines = self.ann.says(*WHOLE[1:])
        self.assertEqual(lines, ["@label=x :irc.example ACK"])

    def test_history(self) -> None:
        """A batch within the page's, and the page's tag where it belongs."""
        self.ann.says(*WHOLE)
        lines = self.bob.says("CHATHISTORY LATEST #tea * 10")[-8:]
        self.assertEqual(lines[0], ":irc.example BATCH +1 chathistory #tea")
        self.assertTrue(lines[1].startswith("@batch=1;msgid=1 :ann!~a@host BATCH +m1"))
        self.assertTrue(lines[2].startswith("@batch=m1 :ann!~a@host PRIVMSG #tea :he"))
        self.assertEqual(lines[-2], "@batch=1 :irc.example BATCH -m1")

    def test_longLines(self) -> None:
        """What a hook makes longer than a message becomes more lines."""

        class Loud(IRCProtocol):
            def textSaid(self, text: str, room: Any) -> str:
                return text.replace("hello", "é" * 400)

        factory: Any = irc()
        factory.protocol = Loud
        ann, bob = inRoom(factory, "ann", "bob", caps=CAPS)
        (eve,) = inRoom(factory, "eve", caps="message-tags")
        ann.says(*WHOLE)
        for client in (bob, eve):
            lines = client.hears()
            self.assertEqual("".join(lines).count("é"), 400)
            self.assertLessEqual(max(len(line.encode()) for line in lines), 530)

    def test_controls(self) -> None:
        """In each line there is nothing to obey, nor what joins lines here."""
        line = "@batch=1 PRIVMSG #tea :a\x1cb\x1b[2J\x01c"
        self.ann.says(OPEN, line, line, "BATCH -1")
        self.assertIn(" PRIVMSG #tea :a^\\b^[[2J^Ac", self.bob.hears()[1])

    def test_oneLine(self) -> None:
        """What is one line only is said as ever."""
        self.ann.says(OPEN, "@batch=1 PRIVMSG #tea :x", "BATCH -1")
        self.assertEqual(self.bob.hears(), ["@msgid=1 :ann!~a@host PRIVMSG #tea :x"])

    def test_hookThatTakesTime(self) -> None:
        """The answer to the label waits for it."""
        waiting: Deferred[str] = Deferred()

        class Slow(IRCProtocol):
            def textSaid(self, text: str, room: Any) -> Any:
                return waiting

        factory: Any = irc()
        factory.protocol = Slow
        ann, bob = inRoom(factory, "ann", "bob", caps=CAPS)
        self.assertEqual(ann.says("@label=x " + WHOLE[0], *WHOLE[1:]), [])
        waiting.callback("one\ntwo")
        self.assertEqual(ann.hears(), ["@label=x :irc.example ACK"])
        self.assertEqual(len(bob.hears()), 4)


class RefusalTests(MultilineTestCase):
    """Section "Errors"."""

    def test_maxLines(self) -> None:
        lines = self.ann.says(OPEN, *["@batch=1 PRIVMSG #tea :x"] * (MAX_LINES + 2))
        self.fails(lines, "MULTILINE_MAX_LINES", str(MAX_LINES))

    def test_mostLines(self) -> None:
        self.ann.says(OPEN, *["@batch=1 PRIVMSG #tea :x"] * MAX_LINES, "BATCH -1")
        self.assertEqual(len(self.bob.hears()), MAX_LINES + 2)

    def test_maxBytes(self) -> None:
        """A line's end counts, unless the next line is joined."""
        each = "@batch=1 PRIVMSG #tea :" + "x" * 255
        exactly = [OPEN, *[each] * 15, each + "x"]
        self.assertEqual(16 * 255 + 16, MAX_BYTES)
        self.assertEqual(self.ann.says(*exactly, "BATCH -1"), [])
        self.bob.hears()
        lines = self.ann.says(*exactly[:-1], each + "xx")
        self.fails(lines, "MULTILINE_MAX_BYTES", str(MAX_BYTES))

    def test_target(self) -> None:
        lines = self.ann.says(OPEN, "@batch=1 PRIVMSG #two :x")
        self.fails(lines, "MULTILINE_INVALID_TARGET", "#tea", "#two")

    def test_invalid(self) -> None:
        """No batch; another one's; two commands; nothing to join; blank; too long."""
        concat = "@batch=1;draft/multiline-concat PRIVMSG #tea :"
        for words in (
            ["@batch=1 PRIVMSG #tea :x"],
            [OPEN, "@batch=2 PRIVMSG #tea :x", "@batch=1 PRIVMSG #tea :y"],
            [OPEN, "@batch=1 PRIVMSG #tea :x", "@batch=1 NOTICE #tea :x"],
            [OPEN, f"{concat}x"],
            [OPEN, "@batch=1 PRIVMSG #tea :x", concat],
            [OPEN, "@batch=1 PRIVMSG #tea :", "BATCH -1"],
            [OPEN, "BATCH -1"],
            [OPEN, f"@batch=1 PRIVMSG #tea :{'x' * 480}"],
            ["BATCH +1 draft/multiline"],
            ["BATCH -1"],
        ):
            lines = self.ann.says(*words)
            self.assertIn(" FAIL BATCH MULTILINE_INVALID :", "".join(lines), words)
            self.ann.says("BATCH -1")
            self.assertEqual(self.bob.hears(), [], words)

    def test_within(self) -> None:
        """client-batch: no batch within another; the first one goes on."""
        lines = self.ann.says(OPEN, "BATCH +2 draft/multiline #tea")
        self.assertIn(" MULTILINE_INVALID ", lines[0])
        self.ann.says("@batch=1 PRIVMSG #tea :x", "BATCH -1")
        self.assertEqual(len(self.bob.hears()), 1)

    def test_kindAndName(self) -> None:
        """client-batch, "Errors"."""
        for words, *answer in (
            ("BATCH +1 example.com/x #tea", "UNKNOWN_TYPE", "1", "example.com/x"),
            ("BATCH +$ draft/multiline #tea", "INVALID_REFTAG", "$"),
            ("BATCH 1 draft/multiline #tea", "INVALID_REFTAG", "*"),
        ):
            self.fails(self.ann.says(words), *answer)
        (eve,) = inRoom(self.factory, "eve")
        self.assertIn(" UNKNOWN_TYPE ", eve.says(OPEN)[0])

    def test_nobodyThere(self) -> None:
        """As any other message: 401, 403, 404; under the label."""
        for target, number in (("nobody", "401"), ("#none", "403"), ("#two", "404")):
            self.bob.says("JOIN #two")
            words = [line.replace("#tea", target) for line in WHOLE]
            (line,) = self.ann.says("@label=x " + words[0], *words[1:])
            self.assertTrue(line.startswith(f"@label=x :irc.example {number} "), line)

    def test_tagWithoutTheCapability(self) -> None:
        """Then a tag says nothing."""
        eve = Client(self.factory, "eve", "message-tags")
        eve.says("JOIN #tea", "@batch=1 PRIVMSG #tea :x")
        self.assertIn("PRIVMSG", commands(self.bob.hears()))


class OverABackplaneTests(SynchronousTestCase):
    """With others at another node, which hear all of it."""

    def test_label(self) -> None:
        """The echo is the answer to the label of the BATCH that began it."""
        bus = LocalBus(Clock())
        one, two = (
            Place(bus, name, isReserving=True).begin() for name in ("one", "two")
        )

        class Multi(NodeClient):
            capabilities = f"{CAPS} echo-message"

        ann, bob = Multi(one.irc, "ann"), Multi(two.irc, "bob")
        for client in (ann, bob):
            client.types("JOIN #tea")
        ann.hears()
        lines = ann.types("@label=x " + WHOLE[0])
        for line in WHOLE[1:]:
            lines += ann.types(line)
        self.assertTrue(lines[0].startswith("@label=x;msgid="), lines)
        heard = bob.hears()
        self.assertEqual(lines, ["@label=x;" + heard[0][1:], *heard[1:]])
        self.assertEqual(len(heard), 6)
