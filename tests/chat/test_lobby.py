"""All rooms and all names."""

from __future__ import annotations

from typing import Any

from protocols.chat import lobby as lobbyModule
from protocols.chat.events import Changed, Dialect, Event, Presence, Renamed, Went
from protocols.chat.lobby import MAX_GONE
from protocols.chat.people import RefusedError
from protocols.chat.watchers import MAX_WATCHED
from tests.chat.test_room import RoomTestCase, Somebody


def program(told: list[Event]) -> Dialect:
    """A dialect of a program, which is told once; notes what is written."""

    def write(event: Event) -> bytes:
        told.append(event)
        return b"!"

    return Dialect(write, tellsOnce=True)


class LobbyTestCase(RoomTestCase):
    def inTwo(self, *names: str) -> list[Any]:
        """People who are all in two rooms."""
        people = self.enter(*names)
        for person in people:
            self.lobby.join(person, "#two")
        self.turn()
        for person in people:
            person.got.clear()
        return people

    def programs(self, *names: str) -> tuple[list[Any], list[Event]]:
        """The same with programs, and what those write."""
        told: list[Event] = []
        people = self.inTwo(*names)
        dialect = program(told)
        for person in people:
            person.dialect = dialect
        return people, told


class OnceTests(LobbyTestCase):
    """What is about a person, programs are told once, and people in each room."""

    def test_quit(self) -> None:
        (ann, bob), told = self.programs("ann", "bob")
        self.lobby.depart(ann, "quit", "bye")
        self.turn()
        self.assertEqual(bob.got, [b"!"])
        self.assertEqual([type(event) for event in told], [Went, Went])

    def test_quitAtTheLineDoor(self) -> None:
        ann, bob = self.inTwo("ann", "bob")
        self.lobby.depart(ann, "quit")
        self.turn()
        self.assertEqual(bob.got, [b"#tea * ann quit\r\n", b"#two * ann quit\r\n"])

    def test_onlyInTheSecond(self) -> None:
        """Who shares only the second room is told there."""
        (ann, bob), _ = self.programs("ann", "bob")
        self.lobby.leave(bob, self.lobby.rooms["#tea"])
        self.turn()
        bob.got.clear()
        self.lobby.depart(ann, "quit")
        self.turn()
        self.assertEqual(bob.got, [b"!"])

    def test_rename(self) -> None:
        (ann, bob), told = self.programs("ann", "bob")
        self.lobby.rename(ann, "anna")
        self.turn()
        self.assertEqual((ann.got, bob.got), ([], [b"!"]))
        self.assertEqual({type(event) for event in told}, {Renamed})

    def test_change(self) -> None:
        (ann, bob), told = self.programs("ann", "bob")
        self.lobby.change(ann, "away", "lunch")
        self.turn()
        self.assertEqual((ann.away, ann.got, bob.got), ("lunch", [], [b"!"]))
        self.assertEqual({type(event) for event in told}, {Changed})

    def test_awayWhenJoining(self) -> None:
        ann, bob = self.enter("ann", "bob")
        told: list[Event] = []
        ann.dialect = program(told)
        bob.away = "lunch"
        self.lobby.leave(bob, self.room)
        self.turn()
        self.lobby.join(bob, "#tea")
        self.turn()
        self.assertIn(
            ("away", "lunch"),
            [(e.what, e.value) for e in told if isinstance(e, Changed)],
        )


class RankTests(LobbyTestCase):
    def test_whoMakesARoomKeepsOrder(self) -> None:
        ann, bob = self.enter("ann", "bob")
        self.assertEqual((self.room.signs(ann), self.room.signs(bob)), ("@", ""))
        self.room.setRank(ann, "v", True)
        self.assertEqual(self.room.signs(ann), "@+")
        self.assertFalse(self.room.setRank(ann, "v", True))
        self.assertTrue(self.room.setRank(ann, "o", False))
        self.assertEqual(self.room.signs(ann), "+")

    def test_nobodysRoom(self) -> None:
        """A room of the house's has no founder, and everybody sets its topic."""
        self.lobby.house.add("#hall")
        ann = Somebody("ann")
        room = self.lobby.join(ann, "#hall")
        self.assertEqual((room.signs(ann), room.modes.flags), ("", {"n"}))

    def test_account(self) -> None:
        """Of a room that is kept, the founder's account keeps order for ever."""
        ann, bob = Somebody("ann"), Somebody("bob")
        ann.account = "annie"
        room = self.lobby.join(ann, "#tea")
        room.isKept = True
        self.lobby.leave(ann, room)
        self.assertIs(self.lobby.join(bob, "#tea"), room)
        self.lobby.join(ann, "#tea")
        self.assertEqual((room.signs(bob), room.signs(ann)), ("", "@"))


class RoomTests(LobbyTestCase):
    def test_kick(self) -> None:
        """The one who is kicked is told, and is gone at once."""
        ann, bob = self.enter("ann", "bob")
        self.lobby.kick(ann, self.room, bob, "loud")
        self.assertEqual(bob.got, [b"#tea * bob was removed by ann: loud\r\n"])
        self.assertEqual(
            (ann.got, bob.rooms, list(self.room.members)), ([], {}, ["ann"])
        )

    def test_topic(self) -> None:
        ann, bob = self.enter("ann", "bob")
        self.lobby.setTopic(ann, self.room, "all about tea")
        self.turn()
        self.assertEqual(bob.got, [b"#tea * ann set the topic: all about tea\r\n"])
        self.assertEqual(self.room.topic.by, "ann")
        self.lobby.setTopic(ann, self.room, "")
        self.assertEqual(self.room.topic.by, "")

    def test_invite(self) -> None:
        ann, bob = self.enter("ann", "bob")
        eve = Somebody("eve")
        self.lobby.claim("eve", eve)
        self.lobby.invite(ann, self.room, eve)
        self.turn()
        self.assertEqual(eve.got, [b"#tea * ann invited eve\r\n"])
        self.assertEqual(bob.got, eve.got)
        self.lobby.join(eve, "#tea")
        self.assertEqual(list(self.room.invited), [])

    def test_keptRooms(self) -> None:
        """A room that is kept outlives its people, until there are too many."""
        (ann,) = self.enter("ann")
        room = self.room
        room.isKept = True
        self.lobby.leave(ann, room)
        self.assertEqual(list(self.lobby.rooms), ["#tea"])
        self.patch(lobbyModule, "MAX_ROOMS", 1)
        self.lobby.join(ann, "#two")
        self.assertEqual(list(self.lobby.rooms), ["#two"])
        self.assertRaises(RefusedError, self.lobby.join, ann, "#three")

    def test_postings(self) -> None:
        """Numbers grow, and it is known who said it."""
        (ann,) = self.enter("ann")
        one = self.lobby.posting(ann, "#tea", "a")
        self.assertEqual((one.id, one.sender, one.mask), (1, "ann", ""))
        ann.user, ann.host = "~a", "h"
        ann.changed()
        two = self.lobby.posting(ann, "#tea", "b", kind="notice")
        self.assertEqual((two.id, two.mask, two.kind), (2, "~a@h", "notice"))

    def test_neighbours(self) -> None:
        ann, bob, eve = self.enter("ann", "bob", "eve")
        self.lobby.leave(eve, self.room)
        self.assertEqual(self.lobby.neighbours(ann), {bob})
        self.assertEqual(self.lobby.neighbours(eve), set())

    def test_flush(self) -> None:
        """What was said is handed out; comings and goings wait for the turn."""
        ann, bob = self.enter("ann", "bob")
        self.lobby.leave(bob, self.room)
        self.lobby.flush(ann)
        self.assertEqual(ann.got, [])
        self.room.post(self.lobby.posting(ann, "#tea", "hi"))
        self.lobby.flush(ann)
        self.assertEqual(ann.got, [b"#tea <ann> hi\r\n#tea * bob left\r\n"])


class GoneTests(LobbyTestCase):
    def test_remembered(self) -> None:
        """Who had a name, with what they were called then; so many at most."""
        ann, bob = self.enter("ann", "bob")
        self.lobby.rename(ann, "anna")
        self.lobby.depart(bob, "quit")
        names = [gone.source.name for gone in self.lobby.gone]
        self.assertEqual((names, self.lobby.gone.maxlen), (["ann", "bob"], MAX_GONE))
        self.assertEqual(self.lobby.most, 0)


class WatchTests(LobbyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.told: list[Event] = []
        self.ann = Somebody("ann", program(self.told))
        self.lobby.claim("ann", self.ann)
        self.watchers = self.lobby.watchers

    def test_comeAndGo(self) -> None:
        bob = Somebody("bob")
        self.watchers.add(self.ann, "BOB")
        self.lobby.claim("bob", bob)
        self.lobby.arrived(bob)
        self.lobby.rename(bob, "rob")
        self.lobby.rename(bob, "Bob")
        self.lobby.depart(bob, "quit")
        self.assertEqual(
            [(e.source.name, e.isHere) for e in self.told if isinstance(e, Presence)],
            [("bob", True), ("bob", False), ("Bob", True), ("Bob", False)],
        )

    def test_bounded(self) -> None:
        for number in range(MAX_WATCHED):
            self.watchers.add(self.ann, f"n{number}")
        self.assertRaises(RefusedError, self.watchers.add, self.ann, "more")
        self.watchers.remove(self.ann, "N5")
        self.watchers.remove(self.ann, "nobody")
        self.watchers.add(self.ann, "more")
        self.assertEqual(len(self.ann.watched), MAX_WATCHED)
        self.watchers.clear(self.ann)
        self.assertEqual((dict(self.ann.watched), self.watchers._watchers), ({}, {}))

    def test_severalWatchers(self) -> None:
        other = Somebody("eve", program(self.told))
        for person in (self.ann, other):
            self.watchers.add(person, "bob")
        self.watchers.remove(other, "bob")
        bob = Somebody("bob")
        self.lobby.claim("bob", bob)
        self.lobby.arrived(bob)
        self.assertEqual(len(self.told), 1)

    def test_followers(self) -> None:
        """Changes of those whom one does not meet anywhere, if one asked for it."""
        bob = Somebody("bob")
        self.lobby.claim("bob", bob)
        self.watchers.add(self.ann, "bob")
        self.lobby.change(bob, "away", "a")
        self.assertEqual(self.told, [])
        self.ann.followsChanges = True
        self.lobby.change(bob, "away", "b")
        self.assertEqual(len(self.told), 1)
        for person in (self.ann, bob):
            self.lobby.join(person, "#tea")
        self.lobby.change(bob, "away", "c")
        self.assertEqual(len(self.told), 1)


class RoomsOfAPersonTests(LobbyTestCase):
    """One C{dict} for all who are in the same rooms; nobody's changes another's."""

    def test_shared(self) -> None:
        ann, bob, eve = self.inTwo("ann", "bob", "eve")
        self.assertIs(ann.rooms, bob.rooms)
        self.assertIs(ann.rooms, eve.rooms)

    def test_leaving(self) -> None:
        ann, bob, eve = self.inTwo("ann", "bob", "eve")
        self.lobby.leave(bob, self.lobby.rooms["#two"])
        self.assertEqual([*bob.rooms], ["#tea"])
        self.assertEqual([*ann.rooms], ["#tea", "#two"])
        self.assertIs(ann.rooms, eve.rooms)
        self.lobby.depart(ann, "left")
        self.assertEqual(([*ann.rooms], [*eve.rooms]), ([], ["#tea", "#two"]))

    def test_inAnotherOrder(self) -> None:
        """The room joined last is the one that is talked to."""
        ann, bob = self.enter("ann", "bob")
        self.lobby.join(ann, "#two")
        self.lobby.leave(bob, self.lobby.rooms["#tea"])
        for name in ("#two", "#tea"):
            self.lobby.join(bob, name)
        self.assertEqual(bob.rooms, ann.rooms)
        self.assertEqual([*bob.rooms], ["#two", "#tea"])
        self.assertEqual([*ann.rooms], ["#tea", "#two"])
