"""What stores keep beside of what was said: rooms, read markers, accounts."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.storeinterface import Account, AccountsFullError
from protocols.chat.storememory import MemoryStore
from protocols.chat.storerows import MAX_FIELDS
from tests.chat.stores import (
    NOW,
    ThreadClock,
    openStore,
    outcome,
    pathFor,
)


class Noting:
    """What each store does."""

    store: Any
    assertEqual: Any
    assertRaises: Any
    assertNotIn: Any

    def test_savedRooms(self) -> None:
        self.store.saveRoom("#A", {"topic": "x"})
        self.store.saveRoom("#b", {"topic": "é", "bans": [{"mask": "*!*@x"}]})
        self.store.saveRoom("#a", {"topic": "y", "locked": True, "at": 1.5})
        self.store.saveRoom("#c", {"topic": "\ud800"})
        self.store.saveRoom("#c", None)
        rooms = dict(self.store.loadRooms())
        self.assertEqual(
            rooms,
            {
                "#a": {"topic": "y", "locked": True, "at": 1.5},
                "#b": {"topic": "é", "bans": [{"mask": "*!*@x"}]},
            },
        )
        outcome(self.store.flush())
        self.assertEqual(dict(self.store.loadRooms()), rooms)

    def test_roomsThatCantBeSaved(self) -> None:
        for fields in ({"x": object()}, {"x": float("nan")}, {"x": "y" * MAX_FIELDS}):
            self.assertRaises(ValueError, self.store.saveRoom, "#a", fields)
        self.assertEqual(self.store.loadRooms(), [])
        longest = "\u4e2d" * (MAX_FIELDS // 3 - 10)
        self.store.saveRoom("#a", {"x": longest, "y": "\ud800"})
        outcome(self.store.flush())
        self.assertEqual(self.store.loadRooms(), [("#a", {"x": longest, "y": "?"})])

    def test_readMarkers(self) -> None:
        """They do not go back (IRCv3, read-marker)."""
        marker = self.store.readMarker
        self.assertEqual(outcome(marker("ann", "#a")), 0)
        self.store.setReadMarker("Ann", "#A", NOW + 0.5)
        self.assertEqual(outcome(marker("ann", "#a")), NOW + 0.5)
        outcome(self.store.flush())
        self.store.setReadMarker("ann", "#a", NOW)
        outcome(self.store.flush())
        self.assertEqual(outcome(marker("ann", "#a")), NOW + 0.5)
        self.assertEqual(outcome(marker("ann", "#b")), 0)
        self.assertEqual(outcome(marker("bob", "#a")), 0)

    def test_allReadMarkers(self) -> None:
        self.store.setReadMarker("ann", "#B", NOW)
        self.store.setReadMarker("ann", "ann\0bob", NOW + 1)
        outcome(self.store.flush())
        self.store.setReadMarker("ann", "#b", NOW - 1)
        self.store.setReadMarker("Ann", "#a", NOW + 2)
        self.store.setReadMarker("bob", "#c", NOW)
        marks = {"#a": NOW + 2, "#b": NOW, "ann\0bob": NOW + 1}
        self.assertEqual(outcome(self.store.readMarkers("ANN")), marks)
        self.assertEqual(outcome(self.store.readMarkers("eve")), {})

    def test_accounts(self) -> None:
        ann = Account("Ann", "secret", NOW)
        self.assertEqual(outcome(self.store.addAccount(ann, 2)), True)
        self.assertEqual(outcome(self.store.account("ANN")), ann)
        self.assertEqual(self.store.accountKeys(), {ann.key})
        self.assertEqual(outcome(self.store.addAccount(Account("ann", "x"), 2)), False)
        self.assertEqual(outcome(self.store.account("bob")), None)
        outcome(self.store.addAccount(Account("bob", "x"), 2))
        third = self.store.addAccount(Account("eve", "x"), 2)
        self.assertRaises(AccountsFullError, outcome, third)

    def test_accountsThatChange(self) -> None:
        outcome(self.store.addAccount(Account("Ann", "old", NOW), 2))
        self.assertEqual(outcome(self.store.changeAccount("ann", "new")), True)
        self.assertEqual(outcome(self.store.account("ann")).secret, "new")
        self.store.setReadMarker("ann", "#a", NOW)
        outcome(self.store.flush())
        self.assertEqual(outcome(self.store.changeAccount("ann", None)), True)
        self.assertEqual(outcome(self.store.account("ann")), None)
        self.assertEqual(outcome(self.store.readMarker("ann", "#a")), 0)
        self.assertEqual(outcome(self.store.changeAccount("ann", "new")), False)

    def test_secrets(self) -> None:
        self.assertEqual(len(self.store.secretKey()), 32)
        self.assertNotIn("pencil", repr(Account("ann", "pencil")))


class ChatStoreTests(Noting, SynchronousTestCase):
    def setUp(self) -> None:
        self.store = openStore(self, ThreadClock(), pathFor(self))


class MemoryStoreTests(Noting, SynchronousTestCase):
    def setUp(self) -> None:
        self.store = MemoryStore()
