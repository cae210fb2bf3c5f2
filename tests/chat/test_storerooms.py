"""L{protocols.chat.storerooms}: rooms that are kept, and not in memory, come back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from protocols.chat.keeping import FAULTY, WELL, Keeper, fieldsOf
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import MAX_ROOMS, Modes, Room, Topic
from protocols.chat.spans import Span
from protocols.chat.store import ChatStore
from protocols.chat.storeflushing import LONGEST_PAUSE
from protocols.chat.storeinterface import StoreError
from protocols.chat.storememory import MemoryStore
from tests.chat.irc.clients import Client, irc
from tests.chat.people import Somebody, chat, keptHouse
from tests.chat.storefiles import FileTestCase
from tests.chat.stores import ids, outcome, posting

# Three times as many as are in memory.
ROOMS = 3 * MAX_ROOMS


def described(number: int) -> Room:
    """A room of which all is unlike in other rooms."""
    room = Lobby(lambda function: None, lambda: float(number)).makeRoom(f"#Tea{number}")
    room.founder = f"ann{number}"
    room.topic = Topic(f"all about {number}", "ann", number + 0.5)
    banned = {f"eve{number}!*@*": ("ann", number + 0.25)}
    room.modes = Modes({"n", "i"}, f"key{number}", number, number / 2, {"b": banned})
    return room


class ManyTests(FileTestCase):
    """More rooms than fit into memory, after a restart."""

    def restarted(self) -> tuple[ChatStore, Any]:
        """A house with as many rooms, and words in them."""
        store = self.open()
        for number in range(1, ROOMS + 1):
            room = described(number)
            store.saveRoom(room.name, fieldsOf(room))
            store.append(posting(number, f"said in {number}", room.name))
        outcome(store.close())
        store = self.open()
        return store, keptHouse(store, self.clock)

    def test_allAreThere(self) -> None:
        """Topic, modes, founder and bans; in memory are no more than there may be."""
        _, house = self.restarted()
        self.assertEqual(len(house.lobby.rooms), MAX_ROOMS)
        for number in (*range(1, ROOMS + 1), 1):
            found = house.lobby.room(f"#tea{number}")
            self.assertEqual(found.name, f"#Tea{number}")
            self.assertEqual(fieldsOf(found), fieldsOf(described(number)))
            self.assertTrue(found.isKept)
        self.assertEqual(len(house.lobby.rooms), MAX_ROOMS)
        self.assertIsNone(house.lobby.room("#coffee"))

    def test_history(self) -> None:
        """It is all there, behind what is said now too."""
        store, house = self.restarted()
        room = house.lobby.room("#tea1")
        new = posting(house.lobby.lastId + 1, "again", room.name)
        room.post(new)
        house.records.record(new)
        page = outcome(house.records.page("#TEA1", Span.latest(9)))
        self.assertEqual(ids(page), [1, new.id])
        self.assertEqual(ids(outcome(store.search(["#Tea1"], "said"))), [1])

    def test_atTheDoor(self) -> None:
        """Who is banned stays out; who made the room keeps order there."""
        _, house = self.restarted()
        factory = chat(house=house)
        eve = Somebody(factory, "eve2")
        self.assertIn("banned from #Tea2", eve.types("/join #tea2")[0])
        ann = Somebody(factory, "ann3")
        self.assertIn("for those who are invited", ann.types("/join #tea3 key3")[0])
        house.lobby.room("#tea4").modes.flags.discard("i")
        bob = Somebody(factory, "bob")
        self.assertIn("has a key", bob.types("/join tea4")[0])
        heard = bob.types("/join #tea4 key4")
        self.assertIn("* #Tea4 is about: all about 4", heard + bob.types("/topic"))
        self.assertIn("#Tea4 <ann> said in 4", heard)
        self.assertIn("no operator", bob.types("/set slow 1")[0])

    def test_lookedAt(self) -> None:
        """Who names a room sees it; lists without a name are of those in memory."""
        _, house = self.restarted()
        number = ROOMS // 2
        for lookedAt, seen in {
            f"LIST #tea{number}": f"322 ann #Tea{number} 0 :all about {number}",
            f"MODE #tea{number} b": f"367 ann #Tea{number} eve{number}!*@* ann",
            f"TOPIC #tea{number}": f"332 ann #Tea{number} :all about {number}",
        }.items():
            house.lobby.rooms.pop(f"#tea{number}", None)
            client = Client(irc(house=house, clock=self.clock), "ann")
            said = client.says(lookedAt)
            self.assertIn(seen, "\n".join(said))
            client.advance(0)
            client.says("QUIT")
        client = Client(irc(house=house, clock=self.clock), "bob")
        listed = [line for line in client.says("LIST") if " 322 " in line]
        self.assertEqual(len(listed), MAX_ROOMS)

    def test_changesAreKept(self) -> None:
        """A room that had to make way is, later, as it was then."""
        _, house = self.restarted()
        room = house.lobby.room("#tea5")
        room.topic = Topic("another", "bob", 7.0)
        house.lobby.roomChanged(room)
        for number in range(100, 100 + MAX_ROOMS):
            house.lobby.room(f"#tea{number}")
        again = house.lobby.room("#tea5")
        self.assertIsNot(again, room)
        self.assertEqual(again.topic, room.topic)


class FaultTests(FileTestCase):
    def test_told(self) -> None:
        """Who is in a room is told once, and once more when it is over."""
        store = self.open()
        house = keptHouse(store, self.clock)
        ann = Somebody(chat(house=house), "ann")
        house.lobby.makeRoom("#empty")
        ann.hears()
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            heard = ann.types("one")
            self.clock.advance(1)
            heard += ann.types("two")
            self.clock.advance(1)
            heard += ann.hears()
            self.assertEqual([FAULTY in line for line in heard], [True])
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual([WELL in line for line in ann.hears()], [True])
        page = outcome(store.page("#lobby", Span.latest(9)))
        self.assertEqual([each.text for each in page], ["one", "two"])


class OneTests(FileTestCase):
    def test_waiting(self) -> None:
        """What waits to be written counts already, and that there is none, too."""
        store = self.open()
        store.saveRoom("#Tea", {"a": 1})
        self.assertEqual(store.room("#TEA"), ("#Tea", {"a": 1}))
        outcome(store.flush())
        self.assertEqual(store.room("#tea"), ("#Tea", {"a": 1}))
        store.saveRoom("#tea", None)
        self.assertIsNone(store.room("#tea"))
        outcome(store.flush())
        self.assertIsNone(store.room("#tea"))

    def test_cannotBeRead(self) -> None:
        """It is not made anew meanwhile, and nothing is left of the attempt."""
        store = self.open()
        lobby: Any = keptHouse(store, self.clock).lobby
        ann = Person()
        ann.begin()
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("ALTER TABLE room RENAME TO gone")
            error = self.assertRaises(RefusedError, lobby.join, ann, "#tea")
            self.assertIn("try again later", str(error))
            self.assertEqual(lobby.rooms, {})
            other.execute("ALTER TABLE gone RENAME TO room")
        self.assertIsNone(lobby.room("#tea"))

    def test_closed(self) -> None:
        store = self.open()
        outcome(store.close())
        self.assertRaises(StoreError, store.room, "#tea")

    def test_memoryIsFull(self) -> None:
        """All that are in memory have people: there is no place for one more."""
        store = MemoryStore()
        store.saveRoom("#old", fieldsOf(described(1)))
        lobby = Lobby(lambda function: None)
        Keeper(lobby, store)
        lobby.rooms.clear()
        for number in range(MAX_ROOMS):
            person: Any = object()
            lobby.makeRoom(f"#new{number}").members["ann"] = person
        self.assertIsNone(lobby.room("#old"))
        self.assertEqual(store.room("#OLD"), ("#old", fieldsOf(described(1))))
