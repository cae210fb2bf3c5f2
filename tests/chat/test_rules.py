"""Who may do what in a room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocols.chat.people import RefusedError
from protocols.chat.rules import (
    checkJoin,
    checkMember,
    checkOperator,
    checkSpeak,
    checkTopic,
    sees,
)
from tests.chat.test_room import RoomTestCase, Somebody


class RuleTestCase(RoomTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = self.enter("ann", "bob")
        self.eve = Somebody("eve")
        self.eve.user, self.eve.host = "e", "h"

    def why(self, check: Callable[..., None], *words: Any) -> str:
        """In a word, why not; empty if it may be done."""
        try:
            check(self.room, *words)
        except RefusedError as error:
            self.assertEqual(error.about, "#tea")
            self.assertIn("#tea", str(error))
            return error.why
        return ""

    def masks(self, letter: str, *masks: str) -> None:
        self.room.modes.lists[letter] = dict.fromkeys(masks, ("ann", 0.0))


class JoinTests(RuleTestCase):
    def test_reasons(self) -> None:
        """Each in its turn, and an invitation past all of them."""
        modes = self.room.modes
        self.assertEqual(self.why(checkJoin, self.eve), "")
        modes.limit = 2
        self.assertEqual(self.why(checkJoin, self.eve), "full")
        modes.flags.add("R")
        self.assertEqual(self.why(checkJoin, self.eve), "account")
        modes.key = "x"
        self.assertEqual(self.why(checkJoin, self.eve), "key")
        modes.flags.add("i")
        self.assertEqual(self.why(checkJoin, self.eve), "closed")
        self.masks("b", "e*!*@h")
        self.assertEqual(self.why(checkJoin, self.eve), "banned")
        self.lobby.people["eve"] = self.eve
        self.lobby.invite(self.ann, self.room, self.eve)
        self.assertEqual(self.why(checkJoin, self.eve), "")

    def test_exceptions(self) -> None:
        self.masks("b", "*!*@*")
        self.masks("e", "eve!*@*")
        self.assertEqual(self.why(checkJoin, self.eve), "")
        self.room.modes.flags.add("i")
        self.masks("I", "*!e@*")
        self.assertEqual(self.why(checkJoin, self.eve), "")

    def test_key(self) -> None:
        self.room.modes.key = "x"
        self.assertEqual(self.why(checkJoin, self.eve, "x"), "")
        self.assertEqual(self.why(checkJoin, self.eve, "y"), "key")

    def test_account(self) -> None:
        """C{$a:}, and C{R}."""
        self.eve.account = "evelyn"
        self.room.modes.flags.add("R")
        self.assertEqual(self.why(checkJoin, self.eve), "")
        self.masks("b", "$a:eve*")
        self.eve.changed()
        self.assertEqual(self.why(checkJoin, self.eve), "banned")


class SpeakTests(RuleTestCase):
    def test_outside(self) -> None:
        self.assertEqual(self.why(checkSpeak, self.eve), "outside")
        self.room.modes.flags.discard("n")
        self.assertEqual(self.why(checkSpeak, self.eve), "")

    def test_moderated(self) -> None:
        self.room.modes.flags.add("m")
        self.assertEqual(self.why(checkSpeak, self.bob), "mute")
        self.room.setRank(self.bob, "v", True)
        self.assertEqual(self.why(checkSpeak, self.bob), "")

    def test_muted(self) -> None:
        """By a ban, or by C{$m:}, which is about speaking only."""
        for masks, exceptions, why in (
            (("bob",), (), "mute"),
            (("$m:bob",), (), "mute"),
            (("$m:bob",), ("bob",), ""),
            (("$m:bob",), ("$m:b*",), ""),
            (("$m:eve",), (), ""),
        ):
            self.masks("b", *masks)
            self.masks("e", *exceptions)
            self.assertEqual(self.why(checkSpeak, self.bob), why, masks)

    def test_slow(self) -> None:
        """So many seconds between two postings of who is nobody special."""
        self.room.modes.slow = 10
        for now, why in ((100, ""), (105, "mute"), (109.5, "mute"), (110, "")):
            self.assertEqual(self.why(checkSpeak, self.bob, now), why, now)
        self.assertEqual(self.why(checkSpeak, self.ann, 110), "")
        self.assertEqual(self.why(checkSpeak, self.ann, 110), "")

    def test_slowIsForgotten(self) -> None:
        self.room.modes.slow = 10
        checkSpeak(self.room, self.bob, 100)
        room = self.room
        self.lobby.leave(self.bob, room)
        self.assertEqual(dict(room.spoke), {})


class OrderTests(RuleTestCase):
    def test_operator(self) -> None:
        self.assertEqual(self.why(checkOperator, self.ann), "")
        self.assertEqual(self.why(checkOperator, self.bob), "notOperator")
        self.assertEqual(self.why(checkOperator, self.eve), "notMember")

    def test_member(self) -> None:
        """It is the person that counts, and not the name."""
        self.assertEqual(self.why(checkMember, self.bob), "")
        self.assertEqual(self.why(checkMember, Somebody("bob")), "notMember")

    def test_topic(self) -> None:
        self.assertEqual(self.why(checkTopic, self.bob), "notOperator")
        self.room.modes.flags.discard("t")
        self.assertEqual(self.why(checkTopic, self.bob), "")
        self.assertEqual(self.why(checkTopic, self.eve), "notMember")

    def test_secret(self) -> None:
        self.assertTrue(sees(self.room, self.eve))
        self.room.modes.flags.add("s")
        self.assertFalse(sees(self.room, self.eve))
        self.assertTrue(sees(self.room, self.bob))
