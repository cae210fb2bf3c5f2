"""What a new or a hostile person types at the line door, and is told."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.backoff import FAILURES_AT_ONCE
from protocols.chat.commands import MAX_AWAY, MAX_TOPIC
from protocols.chat.irc.dialect import ircDialect
from protocols.chat.irc.wire import MAX_MESSAGE
from protocols.chat.ordercommands import MAX_REASON, SETTINGS
from protocols.testing import Conversation
from tests.chat.people import Somebody, chat, keptHouse

PAGE = Path(__file__).parents[2] / "docs" / "chat.md"
COLUMNS = 80


class DoorTests(SynchronousTestCase):
    """At the question for a name."""

    def setUp(self) -> None:
        self.factory = chat(house=keptHouse())
        self.bob = Somebody(self.factory, "bob")
        self.bob.types("/register sesame")
        self.new = Conversation(self.factory)
        self.new.heard()

    def answer(self, line: bytes) -> str:
        self.new.say(line + b"\n")
        return self.new.heard().decode()

    def test_keysAreNoName(self) -> None:
        """Nobody is called C{^[[A} who has only pressed a key."""
        for line in (b"\x1b[A", b"a\x07b", b"ann\x08", b"\xe2\x80\xaeann", b"a\rnn"):
            self.assertIn("no invisible characters", self.answer(line), line)
        self.assertIn("no UTF-8", self.answer(b"caf\xe9"))
        self.assertEqual(self.new.protocol.name, "")

    def test_nothing(self) -> None:
        self.assertEqual(self.answer(b""), "* What is your name?\r\n")
        self.assertEqual(self.answer(b" \t "), "* What is your name?\r\n")

    def test_commandsComeLater(self) -> None:
        for line in (b"/help", b"/quit", b"/nick x", b"/"):
            self.assertEqual(
                self.answer(line), "* First say your name; which is it?\r\n"
            )

    def test_somebodysAccount(self) -> None:
        """They may be its owner; who only looks like them is not asked."""
        self.assertIn(": BOB PASSWORD, or another name?", self.answer(b"BOB"))
        for line in ("bob\u200b", "b\x1bob"):
            self.assertIn("no invisible", self.answer(line.encode()))

    @given(st.binary(max_size=60))
    def test_whateverIsTyped(self, line: bytes) -> None:
        """Nobody comes in by a name that shows less than it has."""
        new = Conversation(self.factory)
        new.say(line.replace(b"\n", b" ") + b"\n")
        name = new.protocol.name
        self.assertTrue(name.isprintable(), repr(name))
        new.protocol.goAway("left")


class TextTests(SynchronousTestCase):
    """What the door says fits a terminal, and is whole."""

    def setUp(self) -> None:
        self.ann = Somebody(chat(house=keptHouse()), "ann")

    def said(self, line: str) -> list[str]:
        self.ann.advance(5)
        return self.ann.types(line)

    def test_helpIsWhole(self) -> None:
        """Each command stands in one of the lists, in fewer than 80 columns."""
        for line in ("/help", "/help order"):
            _, *rows = self.said(line)
            rows = [row for row in rows if row.startswith("  ")]
            self.assertGreater(len(rows), 9)
            for row in rows:
                self.assertLess(len(row), COLUMNS)
        everything = "\n".join(self.said("/help") + self.said("/help order"))
        for word in self.ann.protocol.commands:
            self.assertIn(f"  /{word}", everything)

    def test_helpForOne(self) -> None:
        for line in ("/help join", "/help /JOIN"):
            self.assertEqual(
                self.said(line),
                ["  /join #ROOM [KEY]      enter a room, and talk to it"],
            )
        self.assertEqual(self.said("/help jion"), ["* There is no /jion; type /help."])

    def test_helpForSettings(self) -> None:
        """As the page has them."""
        _, *rows = self.said("/help set")
        self.assertEqual(len(rows), len(SETTINGS))
        page = PAGE.read_text()
        for usage in SETTINGS:
            self.assertIn(f"| `{usage}` |", page)
        for row in rows:
            self.assertLess(len(row), COLUMNS)

    def test_usage(self) -> None:
        """A command without what it needs says what to type."""
        for line, word in {
            "/nick": "Which name? Type /nick NAME.",
            "/invite": "Invite whom? Type /invite NAME.",
            "/kick": "Kick whom? Type /kick NAME.",
            "/show": "Show what? Type /show time id, or /show nothing.",
            "/oper": "Who are you? Type /oper NAME PASSWORD.",
            "/msg bob": "Say what to whom? Type /msg NAME TEXT.",
        }.items():
            self.assertEqual(self.said(line), [f"* {word}"])

    def test_usageForOperators(self) -> None:
        self.said("/oper root sesame")
        self.assertIn("Unban whom?", self.said("/unban")[0])
        self.assertEqual(self.said("/bans"), ["* No bans."])

    def test_topicIsTold(self) -> None:
        """To who comes later, too."""
        self.said("/topic tea")
        bob = Conversation(self.ann.protocol.factory)
        bob.say(b"bob\n")
        self.assertIn(b"#lobby * The topic is: tea\r\n", bob.heard())


class BoundTests(SynchronousTestCase):
    """Nothing that somebody types is kept, or told, at any length."""

    def setUp(self) -> None:
        self.house = keptHouse()
        self.factory = chat(house=self.house)
        self.ann = Somebody(self.factory, "ann")
        self.bob = Somebody(self.factory, "bob")
        self.ann.types("/join tea")
        self.bob.types("/join tea")
        self.ann.hears()
        self.long = "é" * 2000

    def test_topic(self) -> None:
        self.ann.types(f"/topic {self.long}")
        self.assertEqual(len(self.bob.protocol.room.topic.text.encode()), MAX_TOPIC)

    def test_away(self) -> None:
        self.ann.types(f"/away {self.long}")
        self.assertEqual(len(self.ann.protocol.away.encode()), MAX_AWAY)

    def test_reason(self) -> None:
        self.ann.types(f"/kick bob {self.long}")
        (line,) = self.bob.hears()
        self.assertEqual(line.count("é") * 2, MAX_REASON)

    def test_ignored(self) -> None:
        """Only what can be a name."""
        self.assertIn("at most 32", self.ann.types(f"/ignore {self.long}")[0])
        self.assertEqual(self.ann.protocol.ignored, {})

    def test_ignoredInvitations(self) -> None:
        """Who is ignored asks in vain, into however many rooms."""
        self.bob.types("/ignore ann")
        for number in range(3):
            self.ann.types(f"/join room{number}")
            self.ann.types("/invite bob")
        self.assertEqual(self.bob.hears(), [])

    def test_toOneself(self) -> None:
        self.assertEqual(
            self.ann.types("/msg ann hi"), ["[ann to you] hi", "[you to ann] hi"]
        )

    def test_guessing(self) -> None:
        """Passwords of who keeps order can't be tried at the speed of lines."""
        for _ in range(FAILURES_AT_ONCE):
            self.assertIn("is wrong", self.ann.types("/oper root x")[0])
            self.ann.advance(1)
        self.assertIn("too many", self.ann.types("/oper root sesame")[0].lower())
        self.assertFalse(self.ann.protocol.isOperator)

    def test_longWordsForPrograms(self) -> None:
        """A long line reaches programs in messages of at most 512 octets."""
        self.bob.protocol.dialect = ircDialect("irc.localhost", frozenset())
        self.ann.types("\U0001f600" * 2000)
        self.bob.advance(0)
        lines = self.bob.heard().splitlines(keepends=True)
        self.assertEqual(b"".join(lines).decode().count("\U0001f600"), 2000)
        self.assertTrue(all(len(line) <= MAX_MESSAGE for line in lines))
