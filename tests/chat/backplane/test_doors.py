"""L{protocols.chat.backplane.doors}: a name is certain before its owner is in."""

from __future__ import annotations

from typing import Any

from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatProtocol
from protocols.chat.backplane.doors import reserving
from protocols.chat.backplane.local import LocalBus
from tests.chat.backplane.nodes import Client, Place, Talker, settle


class DoorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bus = LocalBus(Clock())
        self.one, self.two = (
            Place(self.bus, name, isReserving=True).begin() for name in ("one", "two")
        )

    def bothSay(self, first: Any, second: Any, *lines: str) -> list[list[str]]:
        """What both hear who say the same in one turn."""
        for each in (first, second):
            each.say("".join(f"{line}\r\n" for line in lines).encode())
        return [each.hears() for each in (first, second)]

    def test_lines(self) -> None:
        """Exactly one wins; the other is asked for another name."""
        ann, other = Talker(self.one.lines, ""), Talker(self.two.lines, "")
        heard = self.bothSay(ann, other, "ann", "hello")
        self.assertEqual(heard[0][0], "* Hello, ann. Type /help for what you can do.")
        self.assertEqual(heard[1][0], "* The name ann is taken; which other name?")
        self.assertIn("* Hello, hello. Type /help for what you can do.", heard[1])
        self.assertEqual(sorted(self.one.lobby.people), sorted(self.two.lobby.people))

    def test_irc(self) -> None:
        ann, other = Client(self.one.irc, ""), Client(self.two.irc, "")
        heard = self.bothSay(ann, other, "NICK ann", "JOIN #a")
        self.assertIn(" 001 ann ", heard[0][0])
        self.assertIn(" 433 * ann ", heard[1][0])
        self.assertIn(" 001 bob ", other.types("NICK bob")[0])
        self.assertIn("bob", " ".join(ann.types("WHOIS bob")))

    def test_whatIsNoName(self) -> None:
        ann = Talker(self.one.lines, "")
        self.assertIn("does not contain", ann.types("a!b")[0])
        self.assertIn("reserved", ann.types("root")[0])
        self.assertIn("Hello", ann.types("ann")[0])
        self.assertIn("is taken", Talker(self.one.lines, "").types("ann")[0])

    def test_goneMeanwhile(self) -> None:
        """Nothing is left of who does not wait for the answer."""
        for factory, line in (
            (self.one.lines, b"ann\n"),
            (self.one.irc, b"NICK ann\n"),
        ):
            talker = (Talker if line == b"ann\n" else Client)(factory, "")
            talker.say(line)
            talker.transport.reset()
            talker.settle()
            settle(self.bus.clock)
            self.assertEqual(self.one.lobby.people, {})
            self.assertEqual(self.bus.owners, {})
            self.assertEqual(self.one.node.names.owners, {})

    def test_withoutABackplane(self) -> None:
        self.bus.stop()
        self.assertIn("Hello", Talker(self.one.lines, "").types("ann")[0])

    def test_lostMeanwhile(self) -> None:
        talker = Talker(self.one.lines, "")
        self.bus.isUp = False
        self.assertIn("Hello", talker.types("ann")[0])

    def test_others(self) -> None:
        """A protocol of somebody's own is one that asks, and is not if it can't."""

        class Own(ChatProtocol):
            pass

        self.assertTrue(issubclass(reserving(Own, self.one.node), Own))
        self.assertIs(reserving(Protocol, self.one.node), Protocol)
