"""OPER, KILL, WALLOPS and REHASH (RFC 2812, 3.1.4, 3.7.1, 4.7 and 4.2)."""

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.backoff import FAILURES_AT_ONCE
from protocols.chat.irc.login import MAX_FAILED
from protocols.sasl import portalFor
from tests.chat.irc.clients import (
    Client,
    commands,
    houseOf,
    inRoom,
    irc,
    lineMember,
    only,
)


class OperatorTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        clock = Clock()
        checker: Any = InMemoryUsernamePasswordDatabaseDontUse(root=b"sesame")
        house = houseOf(clock, operators=portalFor(checker))
        self.factory = irc(clock=clock, house=house)
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")

    def oper(self) -> None:
        self.ann.says("OPER root sesame")
        assert self.ann.protocol.isOperator


class OperTests(OperatorTestCase):
    def test_right(self) -> None:
        self.assertEqual(
            self.ann.says("OPER root sesame"),
            [
                ":irc.example 381 ann :You are now an operator",
                ":ann!~a@host MODE ann +o",
            ],
        )
        self.assertEqual(self.ann.says("MODE ann"), [":irc.example 221 ann +o"])
        self.ann.says("MODE ann -o")
        self.assertFalse(self.ann.protocol.isOperator)

    def test_wrong(self) -> None:
        """RFC 2812, 3.1.4: 464; and who guesses is cut off."""
        for line in ("OPER root wrong", "OPER nobody sesame", "OPER x :")[:MAX_FAILED]:
            lines = self.ann.says(line)
            self.assertEqual(commands(lines)[0], "464")
        self.assertTrue(self.ann.transcript.disconnecting)
        self.assertEqual(commands(self.bob.hears()), ["QUIT"])

    def test_guessing(self) -> None:
        """From new connections, too: once a minute in the long run."""
        for number in range(FAILURES_AT_ONCE):
            client = Client(self.factory, f"n{number}")
            client.says("OPER root wrong", "QUIT")
        self.assertEqual(commands(self.ann.says("OPER root sesame")), ["464"])
        self.ann.clock.advance(80)
        self.assertEqual(commands(self.ann.says("OPER root sesame")), ["381", "MODE"])

    def test_nobody(self) -> None:
        """RFC 2812, 3.1.4: 491."""
        client = Client(irc(), "ann")
        self.assertEqual(commands(client.says("OPER root sesame")), ["491"])
        self.assertEqual(commands(client.says("OPER root")), ["461"])

    def test_keepsOrder(self) -> None:
        """In rooms where others do, and without being there."""
        self.bob.says("JOIN #two", "MODE #two +s")
        self.oper()
        self.assertEqual(self.ann.says("MODE #two +m"), [":ann!~a@host MODE #two +m"])
        self.assertEqual(commands(self.bob.hears())[-1], "MODE")
        self.ann.says("KICK #two bob :enough")
        self.assertEqual(self.bob.hears(), [":ann!~a@host KICK #two bob enough"])


class KillTests(OperatorTestCase):
    """RFC 2812, 3.7.1."""

    def test_kill(self) -> None:
        self.oper()
        self.assertEqual(
            self.ann.says("KILL bob :too loud"),
            [":bob!~b@host QUIT :Killed (ann (too loud))"],
        )
        self.assertEqual(
            self.bob.hears(),
            [
                ":ann!~a@host KILL bob :too loud",
                "ERROR :Closing link: Killed (ann (too loud))",
            ],
        )
        self.assertTrue(self.bob.transcript.disconnecting)

    def test_oneself(self) -> None:
        self.oper()
        self.assertEqual(commands(self.ann.says("KILL ann"))[-1], ":Closing")

    def test_lineDoor(self) -> None:
        lee = lineMember(self.factory, "lee")
        self.oper()
        self.ann.says("KILL lee :bye")
        self.assertEqual(lee.hears(), ["* Killed (ann (bye)). Bye."])
        self.assertTrue(lee.transcript.disconnecting)

    def test_refused(self) -> None:
        self.assertEqual(commands(self.ann.says("KILL bob :x")), ["481"])
        self.oper()
        self.assertEqual(commands(self.ann.says("KILL nobody :x")), ["401"])


class OtherTests(OperatorTestCase):
    def test_wallops(self) -> None:
        """RFC 2812, 4.7: for operators."""
        self.assertEqual(commands(self.ann.says("WALLOPS :x")), ["481"])
        self.oper()
        self.assertEqual(
            self.ann.says("WALLOPS :fire \x1b!"), [":ann!~a@host WALLOPS :fire ^[!"]
        )
        self.assertEqual(self.bob.hears(), [])

    def test_rehash(self) -> None:
        """RFC 2812, 4.2: files are read anew."""
        done: list[int] = []
        self.factory.house.reloads.append(lambda: done.append(1))
        self.assertEqual(commands(self.bob.says("REHASH")), ["481"])
        self.oper()
        only(self.ann.says("REHASH"), "382")
        self.assertEqual(done, [1])
