"""SILENCE, ACCEPT and user mode R: who may write to somebody."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.local import LocalBus
from protocols.chat.gates import MAX_ACCEPTED, MAX_SILENCED, Gate
from tests.chat.backplane.nodes import Client as NodeClient
from tests.chat.backplane.nodes import Place
from tests.chat.irc.clients import Client, commands, irc, lineDoorOf
from tests.chat.people import Somebody


class PrivacyTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc()
        self.ann, self.bob = (Client(self.factory, name) for name in ("ann", "bob"))

    def reaches(self, client: Any, other: Any) -> bool:
        """Whether what one says comes to the other."""
        other.hears()
        client.says(f"PRIVMSG {other.protocol.name} :hello")
        return any(" PRIVMSG " in line for line in other.hears())


class SilenceTests(PrivacyTestCase):
    def test_silence(self) -> None:
        """What is said is for nobody; who says it is not told."""
        self.assertEqual(
            self.ann.says("SILENCE +bob"), [":ann!~a@host SILENCE +bob!*@*"]
        )
        for command in ("PRIVMSG", "NOTICE"):
            self.assertEqual(self.bob.says(f"{command} ann :hi"), [])
        self.assertEqual(self.ann.hears(), [])
        self.ann.says("SILENCE -bob")
        self.assertTrue(self.reaches(self.bob, self.ann))

    def test_invite(self) -> None:
        """An invitation is a word in private, too."""
        self.ann.says("SILENCE bob")
        self.bob.says("JOIN #tea")
        self.assertEqual(commands(self.bob.says("INVITE ann #tea")), ["341"])
        self.assertEqual(self.ann.hears(), [])
        self.ann.says("SILENCE -bob", "MODE ann +R")
        self.assertEqual(commands(self.bob.says("INVITE ann #tea")), ["477"])
        self.assertEqual(self.factory.lobby.room("#tea").invited.data, set())

    def test_list(self) -> None:
        """271 and 272; the same mask again, or one that is not there, is nothing."""
        self.assertEqual(commands(self.ann.says("SILENCE")), ["272"])
        self.ann.says("SILENCE bob", "SILENCE +x@y")
        self.assertEqual(self.ann.says("SILENCE +bob", "SILENCE -eve"), [])
        lines = self.ann.says("SILENCE")
        self.assertEqual(commands(lines), ["271", "271", "272"])
        self.assertIn(" ann *!x@y", lines[1])

    def test_full(self) -> None:
        """511: SILENCE of 005 says how many."""
        for number in range(MAX_SILENCED):
            self.ann.says(f"SILENCE n{number}")
        self.assertEqual(commands(self.ann.says("SILENCE bob")), ["511"])
        self.assertTrue(self.reaches(self.bob, self.ann))

    def test_lineDoor(self) -> None:
        lee = Somebody(lineDoorOf(self.factory), "lee")
        self.ann.says("SILENCE lee")
        told = lee.types("/msg ann hello")
        self.assertEqual(told, ["[you to ann] hello"])
        self.assertEqual(self.ann.hears(), [])


class AccountsTests(PrivacyTestCase):
    def setUp(self) -> None:
        super().setUp()
        lines = self.ann.says("MODE ann +R")
        self.assertEqual(lines, [":ann!~a@host MODE ann +R"])

    def test_strangers(self) -> None:
        """477 for who has not logged in; nothing for a NOTICE."""
        (line,) = self.bob.says("PRIVMSG ann :hi")
        self.assertTrue(line.startswith(":irc.example 477 bob ann :"))
        self.assertEqual(self.bob.says("NOTICE ann :hi"), [])
        self.assertEqual(self.ann.hears(), [])
        lee = Somebody(lineDoorOf(self.factory), "lee")
        self.assertIn("who has logged in may write to ann", lee.types("/msg ann x")[0])

    def test_accounts(self) -> None:
        self.bob.protocol.account = "bob"
        self.assertTrue(self.reaches(self.bob, self.ann))

    def test_switchedOff(self) -> None:
        self.assertIn(" +R", self.ann.says("MODE ann")[0])
        self.assertEqual(commands(self.ann.says("MODE ann -R")), ["MODE"])
        self.assertTrue(self.reaches(self.bob, self.ann))

    def test_accepted(self) -> None:
        """ACCEPT: those who are on the list; -name takes them off."""
        self.assertEqual(self.ann.says("ACCEPT bob"), [])
        self.assertTrue(self.reaches(self.bob, self.ann))
        lines = self.ann.says("ACCEPT *")
        self.assertEqual(commands(lines), ["281", "282"])
        self.assertEqual(commands(self.ann.says("ACCEPT bob")), ["457"])
        self.ann.says("ACCEPT -bob")
        self.assertFalse(self.reaches(self.bob, self.ann))
        self.assertEqual(commands(self.ann.says("ACCEPT -bob,x")), ["458", "401"])

    def test_answer(self) -> None:
        """Who was written to may answer; whoever has their name later may not."""
        self.ann.says("PRIVMSG bob :hello")
        self.assertTrue(self.reaches(self.bob, self.ann))
        self.bob.says("QUIT")
        self.assertFalse(self.reaches(Client(self.factory, "bob"), self.ann))

    def test_full(self) -> None:
        """456."""
        others = [Client(self.factory, f"n{number}") for number in range(MAX_ACCEPTED)]
        for other in others:
            self.ann.says(f"ACCEPT {other.protocol.name}")
        self.assertEqual(commands(self.ann.says("ACCEPT bob")), ["456"])
        self.ann.says("PRIVMSG bob :hello")
        self.assertFalse(self.reaches(self.bob, self.ann))


class GateTests(PrivacyTestCase):
    def test_operators(self) -> None:
        """Who keeps order is heard."""
        gate = Gate()
        gate.onlyAccounts = True
        self.assertFalse(gate.admits(self.bob.protocol))
        self.bob.protocol.isOperator = True
        self.assertTrue(gate.admits(self.bob.protocol))


class OverABackplaneTests(SynchronousTestCase):
    def test_silence(self) -> None:
        """Who is at another node is not heard either, nor who is at the same one."""
        bus = LocalBus(Clock())
        one, two = (
            Place(bus, name, isReserving=True).begin() for name in ("one", "two")
        )
        ann = NodeClient(one.irc, "ann")
        others = [NodeClient(one.irc, "bob"), NodeClient(two.irc, "eve")]
        for line, isHeard in (
            ("SILENCE +*", False),
            ("SILENCE -*", True),
            ("MODE ann +R", False),
        ):
            ann.types(line)
            for other in others:
                ann.hears()
                other.types("PRIVMSG ann :hello")
                said = "".join(ann.hears())
                self.assertEqual(" PRIVMSG ann " in said, isHeard, line)
