"""Who is in a room, as NAMES tells it: cut into lines once for all who ask.

When thousands join, each of them is told of all who are there. Who comes is added to
the last line; after any other change the lines are made anew, for the next one who
asks. Pure.
"""

from __future__ import annotations

from itertools import islice
from weakref import WeakKeyDictionary

from protocols.chat.people import Person
from protocols.chat.room import Room

# Octets of a line's names; 111 are left for the names of server, client and room.
MOST = 399

# Rooms and ways of telling that are remembered: each is as large as its answer.
MAX_ROSTERS = 64


class Roster:
    """The members of a room for clients with certain capabilities.

    @param hosts: masks, and not only names (userhost-in-names).
    @param all_: all signs of a member, and not only the highest (multi-prefix).
    """

    def __init__(self, room: Room, *, hosts: bool, all_: bool) -> None:
        self._hosts, self._all = hosts, all_
        self._lines: list[bytes] = []
        self._last = b""
        self._begin(room)

    def lines(self, room: Room) -> list[bytes]:
        """All of them, in lines of at most L{MOST} octets unless one is longer."""
        if room.moves != self._moves or room.ranks != self._ranks:
            self._begin(room)
        elif len(room.members) != self._count:
            self._add(room)
        return [*self._lines, self._last] if self._last else self._lines

    def _begin(self, room: Room) -> None:
        self._lines, self._last = [], b""
        self._count = 0
        self._moves, self._ranks = room.moves, dict(room.ranks)
        self._add(room)

    def _add(self, room: Room) -> None:
        """Those who have come since."""
        for person in islice(room.members.values(), self._count, None):
            name = self._nameOf(room, person)
            if not self._last:
                self._last = name
            elif len(self._last) + len(name) < MOST:
                self._last += b" " + name
            else:
                self._lines.append(self._last)
                self._last = name
        self._count = len(room.members)

    def _nameOf(self, room: Room, person: Person) -> bytes:
        name = person.source.mask if self._hosts else person.name
        signs = room.signs(person) if person in self._ranks else ""
        return f"{signs if self._all else signs[:1]}{name}".encode()


class Rosters:
    """Those of all rooms in which somebody has asked."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Room, dict[tuple[bool, bool], Roster]]
        self._known = WeakKeyDictionary()

    def lines(self, room: Room, *, hosts: bool, all_: bool) -> list[bytes]:
        """See L{Roster.lines}; never older than the room."""
        known = self._known.get(room)
        if known is None:
            if len(self._known) >= MAX_ROSTERS:
                self._known.clear()
            known = self._known[room] = {}
        roster = known.get((hosts, all_))
        if roster is None:
            roster = known[hosts, all_] = Roster(room, hosts=hosts, all_=all_)
        return roster.lines(room)
