"""L{protocols.chat.backplane.doors}: a name is certain before its owner is in."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatProtocol
from protocols.chat.backplane.doors import reserving
from protocols.chat.backplane.local import LocalBus
from protocols.chat.irc.protocol import IRCProtocol
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

    def test_renamed(self) -> None:
        """Of two who take a name at once, one has it, the other keeps their own."""
        ann, bob = Client(self.one.irc, "ann"), Client(self.two.irc, "bob")
        heard = self.bothSay(ann, bob, "NICK cid")
        self.assertTrue(heard[0][0].endswith("NICK cid"), heard)
        self.assertEqual(
            [line.split()[1:4] for line in heard[1]], [["433", "bob", "cid"]]
        )
        self.assertSame(["bob", "cid"])
        dan, eve = Talker(self.one.lines, "dan"), Talker(self.two.lines, "eve")
        dan.hears()
        heard = self.bothSay(dan, eve, "/nick fay")
        self.assertEqual(heard[0], ["* You are fay now."])
        self.assertEqual(heard[1][0], "* The name fay is taken.")
        self.assertSame(["bob", "cid", "eve", "fay"])
        self.assertIn("433", ann.types("NICK eve")[0])
        self.assertIn("is taken", eve.types("/nick cid")[-1])
        self.assertIn("432", ann.types("NICK a!b")[0])
        self.assertIn("does not contain", eve.types("/nick a!b")[-1])
        self.assertIn("NICK CID", ann.types("NICK CID")[0])
        self.assertSame(["bob", "cid", "eve", "fay"])

    def test_atOneNode(self) -> None:
        """The same for two at one node, whoever of them has a name already."""
        ann, other = Client(self.one.irc, "ann"), Client(self.one.irc, "")
        heard = self.bothSay(ann, other, "NICK cid")
        self.assertTrue(heard[0][0].endswith("NICK cid"), heard)
        self.assertIn(" 433 * cid ", heard[1][0])
        dan, eve = Talker(self.one.lines, ""), Talker(self.one.lines, "")
        heard = self.bothSay(dan, eve, "fay")
        self.assertIn("Hello, fay", heard[0][0])
        self.assertIn("fay is taken", heard[1][0])
        self.assertSame(["cid", "fay"])

    def test_renamedInASplit(self) -> None:
        """When it is found out later, the later one has the old name again."""
        ann, bob = Client(self.one.irc, "ann"), Client(self.two.irc, "bob")
        dan, eve = Talker(self.one.lines, "dan"), Talker(self.two.lines, "eve")
        self.bus.stop()
        for first, later, word in ((ann, bob, "NICK cid"), (eve, dan, "/nick fay")):
            first.types(word)
            self.bus.clock.advance(0.1)
            later.types(word)
        self.bus.start()
        heard = bob.hears()
        self.assertIn("NICK bob", heard[-2])
        self.assertIn(" 433 bob cid ", heard[-1])
        self.assertIn("* The name fay is taken; you are dan again.", dan.hears())
        self.assertSame(["bob", "cid", "dan", "fay"])
        for _ in range(9):
            self.bus.clock.advance(1)
        self.assertSame(["bob", "cid", "dan", "fay"])

    def assertSame(self, names: list[str]) -> None:
        """Both nodes know these people, each name is one session's, at one node."""
        settle(self.bus.clock)
        for place in (self.one, self.two):
            self.assertEqual(sorted(place.lobby.people), names)
        self.assertEqual(sorted(self.bus.owners), names)
        ours = [place.node.names.owners.values() for place in (self.one, self.two)]
        self.assertEqual(sorted(p.name.lower() for each in ours for p in each), names)

    def test_oldNameIsGone(self) -> None:
        """Who can't have the old name again, for somebody has it, is sent away."""
        ann, bob = Client(self.one.irc, "ann"), Client(self.two.irc, "bob")
        self.bus.stop()
        ann.types("NICK cid")
        self.bus.clock.advance(0.1)
        bob.types("NICK cid")
        dan = Client(self.two.irc, "bob")
        self.bus.start()
        self.assertIn("Somebody else has the name cid", " ".join(bob.hears()))
        self.assertEqual(dan.types("PING x")[-1].split()[1], "PONG")
        self.assertSame(["bob", "cid"])

    def test_ownCommands(self) -> None:
        """Those of somebody's own protocol stay; and one without NICK has none."""

        class Own(ChatProtocol):
            commands: ClassVar[Any] = {}

        made = reserving(Own, self.one.node)
        self.assertEqual(made.commands, {})

        class OwnIRC(IRCProtocol):
            commands: ClassVar[Any] = {"X": 1}

        self.assertEqual(reserving(OwnIRC, self.one.node).commands, {"X": 1})

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
