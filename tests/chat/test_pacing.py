"""Large rooms, told of comings and goings after a while: it adds up to what is."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import Lobby, outbox
from protocols.chat.events import LINES, Came, Dialect, Event, Renamed, Went
from protocols.chat.people import Person
from tests.chat.irc.clients import Client, commands, irc

ROOMS = ("#slow", "#fast")


class Program(Person):
    """Believes what it is told: who is in which room."""

    def __init__(self, name: str, events: dict[bytes, Event]) -> None:
        self.name = name
        self.rooms = {}
        self.known: dict[str, set[str]] = {room: set() for room in ROOMS}
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
            self.known[event.room] |= {source.name for source in event.sources}
        elif isinstance(event, Went):
            for room in ROOMS if event.isQuit else (event.room,):
                self.known[room] -= {source.name for source in event.sources}
        elif isinstance(event, Renamed):
            self.hasName(event.source.name, event.new)

    def hasName(self, old: str, new: str) -> None:
        """Somebody is called otherwise."""
        for names in self.known.values():
            if old in names:
                names.remove(old)
                names.add(new)


class PacingCase(SynchronousTestCase):
    """C{#slow} is large, C{#fast} is not."""

    def setUp(self) -> None:
        self.patch(outbox, "FEW", 0)
        self.now = 1000.0
        self.events: dict[bytes, Event] = {}
        self.due: list[Callable[[], None]] = []
        self.waiting: list[Callable[[], None]] = []
        self.lobby = Lobby(self.due.append, lambda: self.now)
        self.lobby.later = lambda wait, call: self.waiting.append(call)
        for number in range(6):
            self.program(f"resident{number}", "#slow")
        self.elapse()

    def program(self, name: str, *rooms: str) -> Program:
        program = Program(name, self.events)
        self.lobby.claim(name, program)
        for room in rooms:
            self.join(program, room)
        return program

    def join(self, program: Program, name: str) -> None:
        if name == "#fast":
            self.lobby.later, later = None, self.lobby.later
            room = self.lobby.join(program, name)
            self.lobby.later = later
        else:
            room = self.lobby.join(program, name)
        program.known[name] = {each.name for each in room.members.values()}

    def turn(self) -> None:
        due, self.due[:] = list(self.due), []
        for call in due:
            call()

    def elapse(self) -> None:
        """The time that was asked for passes."""
        self.now += 1
        waiting, self.waiting[:] = list(self.waiting), []
        for call in waiting:
            call()
        self.turn()

    def check(self, *programs: Program) -> None:
        """What they know is what is."""
        for program in programs:
            for room in program.rooms.values():
                here = {each.name for each in room.members.values()}
                self.assertEqual(program.known[room.name] | {program.name}, here)


class PacingTests(PacingCase):
    def test_quitBeforeTheLargeRoomKnew(self) -> None:
        """Who was told in the other room that they came is told that they went."""
        ann = self.program("ann", "#fast", "#slow")
        self.elapse()
        bob = self.program("bob", "#slow", "#fast")
        self.turn()
        self.lobby.depart(bob, "left")
        self.turn()
        self.elapse()
        self.check(ann)

    def test_nameInTheSmallRoom(self) -> None:
        """Another by the name of who has quit is not taken for them."""
        ann = self.program("ann", "#slow", "#fast")
        bob = self.program("bob", "#slow", "#fast")
        self.elapse()
        self.lobby.depart(bob, "left")
        self.turn()
        self.program("bob", "#fast")
        self.turn()
        self.elapse()
        self.check(ann)

    def test_nameInOtherLetters(self) -> None:
        """For programs it is the same name."""
        ann = self.program("ann", "#slow")
        bob = self.program("bob", "#slow")
        self.elapse()
        got: list[bytes] = []
        ann.dialect, ann.deliver = LINES, got.append  # type: ignore[method-assign]
        self.lobby.depart(bob, "left")
        self.program("Bob", "#slow")
        self.elapse()
        self.assertEqual(got, [b"#slow * bob left\r\n", b"#slow * Bob joined\r\n"])

    def test_seenBetween(self) -> None:
        """Who has asked who is there is told that one of them has gone."""
        ann = self.program("ann", "#slow")
        self.elapse()
        bob = self.program("bob", "#slow")
        room = self.lobby.rooms["#slow"]
        ann.known["#slow"] = {each.name for each in room.members.values()}
        room.outbox.seen()
        self.lobby.depart(bob, "left")
        self.elapse()
        self.check(ann)

    def test_whateverHappens(self) -> None:
        for seed in range(60):
            self.setUp()
            self.happen(Random(seed))

    def happen(self, random: Random) -> None:
        programs = [self.program(f"p{number}") for number in range(5)]
        for _ in range(80):
            self.step(random, programs)
            if random.random() < 0.4:
                self.turn()
            if random.random() < 0.1:
                self.turn()
                self.elapse()
                self.check(*programs)

    def step(self, random: Random, programs: list[Program]) -> None:
        """One of them does something; as doors do, words go out first."""
        at = random.randrange(len(programs))
        program, name = programs[at], random.choice(ROOMS)
        self.lobby.flush(program)
        what = random.random()
        if name not in program.rooms:
            self.join(program, name)
        elif what < 0.3:
            self.lobby.leave(program, program.rooms[name])
        elif what < 0.5:
            self.lobby.depart(program, "left")
            programs[at] = self.program(program.name)
        elif what < 0.6 and self.lobby.find(f"n{at}") is None:
            program.hasName(program.name, f"n{at}")
            self.lobby.rename(program, f"n{at}")


class DoorTests(SynchronousTestCase):
    """Programs keep who is in a room, as they are answered."""

    def gone(self, *asked: str) -> list[str]:
        """What ann is told when bob goes, after whom she has asked."""
        self.patch(outbox, "FEW", 0)
        factory = irc()
        factory.lobby.later = factory.clock.callLater
        ann, bob = Client(factory, "ann"), Client(factory, "bob")
        ann.says("JOIN #tea")
        bob.says("JOIN #tea")
        answers = ann.says(*asked) if asked else []
        self.assertEqual("bob" in " ".join(answers), bool(asked))
        bob.says("PART #tea")
        ann.advance(1)
        return commands(ann.hears())

    def test_nobodyKnew(self) -> None:
        self.assertEqual(self.gone(), [])

    def test_names(self) -> None:
        self.assertEqual(self.gone("NAMES #tea"), ["JOIN", "PART"])

    def test_who(self) -> None:
        self.assertEqual(self.gone("WHO #tea %n"), ["JOIN", "PART"])
