"""Rooms: posted once, handed out once a turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import lobby as lobbyModule
from protocols.chat import room as roomModule
from protocols.chat.events import LINES, Dialect, Event, Posting
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import HISTORY, MAX_ROOMS_EACH, Room


class Somebody(Person):
    """A person who keeps what is delivered."""

    def __init__(self, name: str, dialect: Dialect = LINES) -> None:
        self.name = name
        self.dialect = dialect
        self.rooms: dict[str, Room] = {}
        self.got: list[bytes] = []

    def deliver(self, octets: bytes) -> None:
        self.got.append(octets)


class RoomTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.due: list[Callable[[], None]] = []
        self.lobby = Lobby(self.due.append)

    def turn(self) -> None:
        """The reactor's turn is over."""
        due, self.due[:] = list(self.due), []
        for call in due:
            call()

    def enter(self, *names: str) -> list[Any]:
        people = [Somebody(name) for name in names]
        for person in people:
            self.lobby.claim(person.name, person)
            self.lobby.join(person, "#tea")
        self.turn()
        for person in people:
            person.got.clear()
        return people

    @property
    def room(self) -> Room:
        (room,) = self.lobby.rooms.values()
        return room


class HandingOutTests(RoomTestCase):
    def test_oncePerTurn(self) -> None:
        """All that was said in a turn is one C{bytes}, the same object for all."""
        ann, bob, eve = self.enter("ann", "bob", "eve")
        self.room.post(Posting("#tea", "one", "ann"), ann)
        self.room.post(Posting("#tea", "two", "ann"), ann)
        self.assertEqual(bob.got, [])
        self.assertEqual(len(self.due), 1)
        self.turn()
        self.assertEqual(bob.got, [b"#tea <ann> one\r\n#tea <ann> two\r\n"])
        self.assertIs(bob.got[0], eve.got[0])
        self.assertEqual(ann.got, [])

    def test_whoSpeaksHearsTheOthers(self) -> None:
        ann, bob, eve = self.enter("ann", "bob", "eve")
        self.room.post(Posting("#tea", "a", "ann"), ann)
        self.room.post(Posting("#tea", "b", "bob"), bob)
        self.turn()
        self.assertEqual(
            (ann.got, bob.got), ([b"#tea <bob> b\r\n"], [b"#tea <ann> a\r\n"])
        )
        self.assertEqual(eve.got, [b"#tea <ann> a\r\n#tea <bob> b\r\n"])

    def test_eachDialectIsWrittenOnce(self) -> None:
        written: list[Event] = []

        def write(event: Event) -> bytes:
            written.append(event)
            return b"!"

        other = Dialect(write)

        people = self.enter("ann", "bob", "eve")
        for person in people[1:]:
            person.dialect = other
        self.room.post(Posting("#tea", "hi"))
        self.turn()
        self.assertEqual(
            [person.got for person in people], [[b"#tea * hi\r\n"], [b"!"], [b"!"]]
        )
        self.assertEqual(len(written), 1)


class ComingAndGoingTests(RoomTestCase):
    def test_toldTogether(self) -> None:
        (ann,) = self.enter("ann")
        people = self.enterWithoutTurn("bob", "eve")
        self.turn()
        self.assertEqual(ann.got, [b"#tea * bob, eve joined\r\n"])
        for person in people:
            self.lobby.leave(person, self.room)
        self.turn()
        self.assertEqual(ann.got[1:], [b"#tea * bob, eve left\r\n"])

    def enterWithoutTurn(self, *names: str) -> list[Any]:
        turn, self.turn = self.turn, lambda: None  # type: ignore[method-assign]
        try:
            return self.enter(*names)
        finally:
            self.turn = turn  # type: ignore[method-assign]

    def test_lastStateWins(self) -> None:
        """Who comes and goes within a turn is not told of."""
        ann, bob = self.enter("ann", "bob")
        eve = Somebody("eve")
        for _ in range(50):
            self.lobby.join(eve, "#tea")
            self.lobby.leave(eve, self.room)
            self.lobby.leave(bob, self.room)
            self.lobby.join(bob, "#tea")
        self.turn()
        self.assertEqual(ann.got, [])

    def test_whoComesHearsOnlyWhatIsSaidThen(self) -> None:
        ann, bob = self.enter("ann", "bob")
        self.room.post(Posting("#tea", "before", "ann"), ann)
        eve = Somebody("eve")
        self.lobby.join(eve, "#tea")
        self.room.post(Posting("#tea", "after", "ann"), ann)
        self.turn()
        self.assertEqual(eve.got, [b"#tea <ann> after\r\n"])
        self.assertEqual(
            bob.got, [b"#tea * eve joined\r\n#tea <ann> before\r\n#tea <ann> after\r\n"]
        )

    def test_manyAtOnce(self) -> None:
        """2,000 people who come in one turn cost one delivery each at most."""
        people = self.enterWithoutTurn(*(f"p{n:04}" for n in range(2000)))
        self.turn()
        self.assertEqual({len(person.got) for person in people[:-1]}, {1})
        self.assertEqual(people[-1].got, [])
        self.assertEqual(people[-2].got, [b"#tea * p1999 joined\r\n"])


class LobbyTests(RoomTestCase):
    def test_oneOwnerOfAName(self) -> None:
        self.enter("bob")
        for name in ("bob", "BOB", "b\u043eb"):
            self.assertRaises(RefusedError, self.lobby.claim, name, Somebody(name))
        self.lobby.depart(next(iter(self.lobby.people.values())), "left")
        self.lobby.claim("Bob", Somebody("Bob"))

    def test_rename(self) -> None:
        ann, bob = self.enter("ann", "bob")
        self.lobby.rename(ann, "anna")
        self.lobby.rename(ann, "ANNA")
        self.turn()
        self.assertEqual(bob.got, [b"#tea * ann is now ANNA\r\n"])
        self.assertRaises(RefusedError, self.lobby.rename, bob, "anna")
        self.lobby.claim("ann", Somebody("ann"))

    def test_emptyRoomsAreForgotten(self) -> None:
        ann, bob = self.enter("ann", "bob")
        self.lobby.depart(ann, "left")
        self.lobby.depart(bob, "left")
        self.assertEqual((self.lobby.rooms, self.lobby.people), ({}, {}))

    def test_joinTwice(self) -> None:
        (ann,) = self.enter("ann")
        self.assertIs(self.lobby.join(ann, "TEA"), self.room)

    def test_limits(self) -> None:
        (ann,) = self.enter("ann")
        for number in range(MAX_ROOMS_EACH - 1):
            self.lobby.join(ann, f"#r{number}")
        with self.assertRaisesRegex(RefusedError, "in 20 rooms already"):
            self.lobby.join(ann, "#more")
        self.patch(lobbyModule, "MAX_ROOMS", len(self.lobby.rooms))
        with self.assertRaisesRegex(RefusedError, "too many rooms"):
            self.lobby.join(Somebody("bob"), "#more")
        self.patch(roomModule, "MAX_MEMBERS", 1)
        with self.assertRaisesRegex(RefusedError, "#tea is full"):
            self.lobby.join(Somebody("bob"), "#tea")

    def test_boundedHistory(self) -> None:
        self.enter("ann")
        for number in range(HISTORY + 5):
            self.room.post(Posting("#tea", str(number), "ann", id=number + 1))
        self.assertEqual(len(self.room.history), HISTORY)
