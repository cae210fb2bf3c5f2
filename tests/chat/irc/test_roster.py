"""L{protocols.chat.irc.roster}: NAMES is cut once, and never stale."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.capabilities import inLines
from protocols.chat.irc.roster import MAX_ROSTERS, MOST, Roster, Rosters
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person
from protocols.chat.room import Room
from tests.chat.irc.clients import Client, inRoom, irc

KINDS = [
    (hosts, all_, f"{'userhost-in-names ' * hosts}{'multi-prefix' * all_}".strip())
    for hosts in (False, True)
    for all_ in (False, True)
]


class Member(Person):
    """Who is told of nothing."""

    def __init__(self, name: str) -> None:
        self.begin()
        self.name, self.user, self.host = name, "u", "host"

    def deliver(self, octets: bytes) -> None:
        pass


def anew(room: Room, *, hosts: bool, all_: bool) -> list[bytes]:
    """The lines as they are, without anything that was kept."""
    words = []
    for person in room.members.values():
        signs = room.signs(person)
        name = f"{person.name}!{person.user}@{person.host}" if hosts else person.name
        words.append((signs if all_ else signs[:1]) + name)
    return [line.encode() for line in inLines(words, MOST + 1)] if words else []


CHANGES = st.tuples(
    st.sampled_from(("join", "leave", "rename", "op", "voice", "host", "away")),
    st.integers(0, 5),
)


class RosterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.lobby = Lobby(lambda function: None)
        self.people = [self.comes(f"p{number}") for number in range(6)]

    def comes(self, name: str) -> Member:
        person = Member(name)
        self.lobby.claim(name, person)
        self.lobby.arrived(person)
        return person

    def change(self, what: str, person: Any) -> None:
        room = person.rooms.get("#tea")
        if what == "join":
            self.lobby.join(person, "#tea")
        elif what == "rename":
            self.lobby.rename(person, person.name.swapcase())
        elif what in ("host", "away"):
            self.lobby.change(
                person, what, "y" if getattr(person, what) == "x" else "x"
            )
        elif room is not None and what == "leave":
            self.lobby.leave(person, room)
        elif room is not None:
            rank = what[0]
            room.setRank(person, rank, not room.hasRank(person, rank))

    @given(st.lists(CHANGES, max_size=40))
    def test_neverStale(self, changes: list[tuple[str, int]]) -> None:
        """After each change, whatever it is, for each kind of client."""
        self.setUp()
        rosters = Rosters()
        for what, number in changes:
            self.change(what, self.people[number])
            room = self.lobby.rooms.get("#tea")
            if room is None:
                continue
            for hosts, all_, _ in KINDS:
                lines = rosters.lines(room, hosts=hosts, all_=all_)
                self.assertEqual(lines, anew(room, hosts=hosts, all_=all_))

    def test_cutAsBefore(self) -> None:
        """One by one, or all at once: the same lines, none too long."""
        person: Person = self.people[0]
        room = self.lobby.join(person, "#tea")
        roster = Roster(room, hosts=False, all_=False)
        for number in range(300):
            person = self.comes(f"{'n' * (number % 29)}{number:03}")
            self.lobby.join(person, "#tea")
            lines = roster.lines(room)
        self.assertEqual(lines, anew(room, hosts=False, all_=False))
        self.assertEqual(lines, Roster(room, hosts=False, all_=False).lines(room))
        self.assertLessEqual(max(map(len, lines)), MOST)

    def test_bounded(self) -> None:
        rosters = Rosters()
        rooms = [Room(f"#r{number}", lambda _: None) for number in range(200)]
        for room in rooms:
            rosters.lines(room, hosts=False, all_=False)
            self.assertLessEqual(len(rosters._known), MAX_ROSTERS)

    def test_empty(self) -> None:
        room = Room("#tea", lambda _: None)
        self.assertEqual(Rosters().lines(room, hosts=False, all_=False), [])


class NamesTests(SynchronousTestCase):
    """The same over the wire, in one turn."""

    def names(self, client: Any) -> str:
        """What follows the room's name, and no turn of the reactor before."""
        client.heard()
        client.say(b"NAMES #tea\r\n")
        line = client.heard().decode().split("\r\n")
        found = [each for each in line if " 353 " in each]
        words = " ".join(each.split("#tea ")[1].removeprefix(":") for each in found)
        return words.replace(client.protocol.host, "host")

    def test_afterAJoinInTheSameTurn(self) -> None:
        """Each of those who come is told of those before, and of themselves."""
        for _, _, caps in KINDS:
            factory = irc()
            (ann,) = inRoom(factory, "ann", caps=caps)
            ann.says("MODE #tea +v ann")
            others = [Client(factory, f"u{number}", caps) for number in range(5)]
            expected = "@+ann" if "multi" in caps else "@ann"
            expected += "!~a@host" if "userhost" in caps else ""
            for other in others:
                other.say(b"JOIN #tea\r\n")
                name = other.protocol.name
                expected += f" {name}" + ("!~u@host" if "userhost" in caps else "")
                for each in (other, ann):
                    self.assertEqual(self.names(each), expected, caps)

    def test_afterOtherChangesInTheSameTurn(self) -> None:
        factory = irc()
        ann, bob, eve = inRoom(factory, "ann", "bob", "eve")
        self.assertEqual(self.names(ann), "@ann bob eve")
        eve.say(b"NICK Eve\r\n")
        self.assertEqual(self.names(ann), "@ann bob Eve")
        bob.say(b"PART #tea\r\nJOIN #tea\r\n")
        self.assertEqual(self.names(ann), "@ann Eve bob")
        ann.say(b"MODE #tea +o-o bob ann\r\n")
        self.assertEqual(self.names(ann), "ann Eve @bob")
        bob.say(b"KICK #tea ann\r\n")
        self.assertEqual(self.names(bob), "Eve @bob")

    def test_hiddenOnes(self) -> None:
        """Only members see them (RFC 2812, 3.2.5), whatever was kept for these."""
        factory = irc()
        ann, bob = inRoom(factory, "ann", "bob")
        eve = Client(factory, "eve")
        bob.says("MODE bob +i")
        self.assertEqual(self.names(ann), "@ann bob")
        self.assertEqual(self.names(eve), "@ann")
