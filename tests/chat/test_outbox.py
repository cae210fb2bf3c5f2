"""What is to be told at the end of a turn: together, in order, and not in vain."""

from __future__ import annotations

from random import Random
from typing import Any

from protocols.chat.events import Came, Dialect, Event, Posting, Renamed, Went
from protocols.chat.outbox import BLOCK
from protocols.chat.people import Person
from tests.chat.test_room import RoomTestCase, Somebody


class OrderTests(RoomTestCase):
    def say(self, text: str, who: str = "x") -> None:
        self.room.post(Posting("#tea", text, who))

    def test_leftBeforeTheNameIsUsed(self) -> None:
        """Who left is told of before another comes by their name."""
        ann, bob = self.enter("ann", "bob")
        self.lobby.depart(bob, "left")
        other = Somebody("bob")
        self.lobby.claim("bob", other)
        self.lobby.join(other, "#tea")
        self.turn()
        self.assertEqual(ann.got, [b"#tea * bob left\r\n", b"#tea * bob joined\r\n"])

    def test_leftBeforeARename(self) -> None:
        ann, bob, eve = self.enter("ann", "bob", "eve")
        self.lobby.depart(bob, "left")
        self.lobby.rename(eve, "bob")
        self.turn()
        self.assertEqual(
            ann.got, [b"#tea * bob left\r\n", b"#tea * eve is now bob\r\n"]
        )

    def test_cameAndRenamed(self) -> None:
        (ann,) = self.enter("ann")
        bob = Somebody("bob")
        self.lobby.claim("bob", bob)
        self.lobby.join(bob, "#tea")
        self.lobby.rename(bob, "rob")
        self.turn()
        self.assertEqual(
            ann.got, [b"#tea * bob joined\r\n", b"#tea * bob is now rob\r\n"]
        )

    def test_renamesInARow(self) -> None:
        """Several are told as one, unless something was said in between."""
        ann, bob = self.enter("ann", "bob")
        for name in ("b1", "b2"):
            self.lobby.rename(bob, name)
        self.say("hi")
        for name in ("b3", "b4"):
            self.lobby.rename(bob, name)
        self.turn()
        self.assertEqual(
            ann.got[0].decode().splitlines(),
            ["#tea * bob is now b2", "#tea <x> hi", "#tea * b2 is now b4"],
        )

    def test_renamesOfTwo(self) -> None:
        ann, bob, eve = self.enter("ann", "bob", "eve")
        self.lobby.rename(bob, "rob")
        self.lobby.rename(eve, "bob")
        self.turn()
        self.assertEqual(
            ann.got[0].decode().splitlines(),
            ["#tea * bob is now rob", "#tea * eve is now bob"],
        )

    def test_renameSeenByWhoCameBetween(self) -> None:
        """Who comes between two renames knows the name in between."""
        ann, bob = self.enter("ann", "bob")
        self.lobby.rename(bob, "b1")
        eve = Somebody("eve")
        self.lobby.claim("eve", eve)
        self.lobby.join(eve, "#tea")
        self.lobby.rename(bob, "b2")
        self.turn()
        self.assertEqual(eve.got, [b"#tea * b1 is now b2\r\n"])
        lines = ann.got[0].decode().splitlines()
        self.assertEqual(lines[1:], ["#tea * bob is now b1", "#tea * b1 is now b2"])

    def test_differentReasons(self) -> None:
        """Those who left in the same way are told of together."""
        ann, bob, eve, lee = self.enter("ann", "bob", "eve", "lee")
        room = self.room
        self.lobby.leave(bob, room)
        self.lobby.leave(eve, room, "left", "bye")
        self.lobby.leave(lee, room)
        self.turn()
        self.assertEqual(
            ann.got[0].decode().splitlines(),
            ["#tea * bob, lee left", "#tea * eve left (bye)"],
        )

    def test_arrivalsForWhoArrives(self) -> None:
        """Each of those who come is told of those who come later."""
        people = [Somebody(name) for name in ("ann", "bob", "eve")]
        for person in people:
            self.lobby.claim(person.name, person)
            self.lobby.join(person, "#tea")
        self.turn()
        self.assertEqual(
            [person.got for person in people],
            [[b"#tea * bob, eve joined\r\n"], [b"#tea * eve joined\r\n"], []],
        )


class Follower(Person):
    """Believes what it is told: who is in the room, by name."""

    def __init__(self, name: str, events: dict[bytes, Event]) -> None:
        self.name = name
        self.rooms = {}
        self.members: set[str] = set()
        self._events = events
        self.dialect = Dialect(self._write, tellsOnce=True)

    def _write(self, event: Event) -> bytes:
        octets = b"%d;" % len(self._events)
        self._events[octets] = event
        return octets

    def deliver(self, octets: bytes) -> None:
        for number in octets.split(b";")[:-1]:
            self._believe(self._events[number + b";"])

    def _believe(self, event: Any) -> None:
        if isinstance(event, Came):
            self.members |= {source.name for source in event.sources}
        elif isinstance(event, Went):
            self.members -= {source.name for source in event.sources}
        elif isinstance(event, Renamed):
            self.members -= {event.source.name}
            self.members.add(event.new)


class BeliefTests(RoomTestCase):
    """Whatever happens in whatever turns, what is told adds up to what is.

    As doors do, what was said is handed out before somebody is answered.
    """

    def test_membersAreWhoWasToldOf(self) -> None:
        for seed in range(40):
            self.setUp()
            self.happen(Random(seed))

    def happen(self, random: Random) -> None:
        events: dict[bytes, Event] = {}
        people = [Follower(f"p{number}", events) for number in range(5)]
        for person in people:
            self.lobby.claim(person.name, person)
        for step in range(60):
            person = random.choice(people)
            room = self.lobby.room("#tea")
            what = random.random()
            if not person.rooms:
                self.lobby.join(person, "#tea")
                self.lobby.flush(person)
                names = self.lobby.rooms["#tea"].members.values()
                person.members = {each.name for each in names}
            elif what < 0.3:
                assert room is not None
                self.lobby.flush(person)
                self.lobby.leave(person, room)
            elif what < 0.6:
                self.rename(person, random.choice((f"n{step}", "same")))
            if random.random() < 0.3:
                self.turn()
                self.check(people)

    def rename(self, person: Follower, name: str) -> None:
        """One's own rename one knows at once."""
        if self.lobby.find(name) is None:
            person.members = (person.members - {person.name}) | {name}
            self.lobby.rename(person, name)

    def check(self, people: list[Follower]) -> None:
        for person in people:
            if person.rooms:
                here = {each.name for each in self.room.members.values()}
                self.assertEqual(person.members - {person.name}, here - {person.name})


class CrowdTests(RoomTestCase):
    """Who comes in one turn is told of those who come later, in shared octets."""

    def come(self, number: int) -> list[Any]:
        dialect = Dialect(lambda event: _names(event), tellsOnce=True)
        people = [Somebody(f"p{each}", dialect) for each in range(number)]
        for person in people:
            self.lobby.claim(person.name, person)
            self.lobby.join(person, "#tea")
        self.room.post(Posting("#tea", "hi", "x"))
        self.turn()
        return people

    def test_eachIsToldOfThoseBehind(self) -> None:
        for number in (1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5):
            self.setUp()
            people = self.come(number)
            for at, person in enumerate(people):
                later = b"".join(b"%d " % each for each in range(at + 1, number))
                self.assertEqual(b"".join(person.got), later + b"hi")

    def test_shared(self) -> None:
        """What all have in common is there once."""
        people = self.come(4 * BLOCK)
        first, second = people[0].got, people[1].got
        self.assertEqual(len(first), 5)
        for one, other in zip(first[1:], second[1:], strict=True):
            self.assertIs(one, other)


def _names(event: Event) -> bytes:
    if isinstance(event, Came):
        return b"".join(b"%s " % each.name[1:].encode() for each in event.sources)
    assert isinstance(event, Posting)
    return event.text.encode()
