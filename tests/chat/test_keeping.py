"""Rooms that outlive their people."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.keeping import Keeper, fieldsOf, restore
from protocols.chat.lobby import Lobby
from protocols.chat.room import Room, Topic
from protocols.chat.storememory import MemoryStore


def lobby() -> Lobby:
    return Lobby(lambda function: None)


class KeepingTests(SynchronousTestCase):
    def room(self) -> Room:
        room = lobby().makeRoom("#tea")
        room.topic = Topic("all about tea", "ann", 5.0)
        room.modes.key, room.modes.limit, room.modes.slow = "sesame", 7, 2.0
        room.modes.lists["b"] = {"eve!*@*": ("ann", 6.0)}
        room.founder = "ann"
        return room

    def test_thereAndBack(self) -> None:
        room, again = self.room(), lobby().makeRoom("#tea")
        restore(again, fieldsOf(room))
        self.assertEqual(fieldsOf(again), fieldsOf(room))
        self.assertEqual((again.topic, again.modes), (room.topic, room.modes))

    def test_restart(self) -> None:
        store = MemoryStore()
        Keeper(lobby(), store).roomChanged(self.room())
        other = lobby()
        Keeper(other, store)
        found: Any = other.room("#tea")
        self.assertEqual(found.topic.text, "all about tea")
        self.assertTrue(found.isKept)

    def test_whatCannotBeRead(self) -> None:
        """The room is there, the others are as they were, and the log says so."""
        store = MemoryStore()
        store.saveRoom("#tea", {"topic": 1})
        self.assertRaises(ValueError, restore, self.room(), {"topic": ["x", "y", 1]})
        other = lobby()
        Keeper(other, store)
        self.assertIsNotNone(other.room("#tea"))

    def test_whatCannotBeKept(self) -> None:
        """A room that is more than may be kept stays as it was, and goes on."""
        store = MemoryStore()
        keeper, room = Keeper(lobby(), store), self.room()
        keeper.roomChanged(room)
        room.topic = Topic("x" * (1 << 21), "ann", 7.0)
        keeper.roomChanged(room)
        (_, fields), *_ = store.loadRooms()
        self.assertEqual(fields["topic"][0], "all about tea")
