"""Rooms and who is in them: the model behind every door. Pure.

A door (the lines of C{nc}, later IRC or a browser) is a dialect over this: it
makes people, calls their room's methods, and is handed octets to send. A posting
is posted once. It waits in the room's outbox until the reactor's turn is over;
then it is encoded once for each dialect, and everybody gets one C{bytes} object
with all that was said meanwhile. Comings and goings of a turn are told together,
and who came and went within it is not told at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from protocols.chat.messages import Posting, namesIn
from protocols.chat.names import checkName, checkRoom, key

# Postings that a room remembers, and how many who joins is shown.
HISTORY = 100
SHOWN_HISTORY = 10

# Rooms in all, rooms of a person, people in a room: far above what people need,
# and low enough that nobody can fill the memory with them (a room costs about
# 1.4 KiB, a membership 90 octets).
MAX_ROOMS = 1000
MAX_ROOMS_EACH = 20
MAX_MEMBERS = 10_000

Dialect = Callable[[Posting], bytes]


class RefusedError(Exception):
    """What somebody wanted can't be; the message says why, to them."""


class Person(Protocol):
    """Somebody, as the rooms see them.

    @ivar name: unique by its key while its owner is here.
    @ivar dialect: how postings are written for them; the same object for all
        who are told the same octets.
    @ivar rooms: the rooms that they are in, by key, in the order of joining.
    """

    name: str
    dialect: Dialect
    rooms: dict[str, Room]

    def deliver(self, octets: bytes) -> None:
        """Send octets to them, or keep them for a while; never wait."""


class Room:
    """A room.

    @param name: with its C{#}.
    @param soon: has a function called when the reactor's turn is over.
    @ivar members: who is in it, by the key of their name.
    @ivar history: the last postings.
    """

    def __init__(self, name: str, soon: Callable[[Callable[[], None]], None]) -> None:
        self.name = name
        self.members: dict[str, Person] = {}
        self.history: deque[Posting] = deque(maxlen=HISTORY)
        self._soon = soon
        self._waiting = False
        self._outbox: list[tuple[Posting, Person | None]] = []
        self._came: dict[Person, int] = {}
        self._went: dict[str, str] = {}
        self._renaming: tuple[tuple[Posting, Person] | None, str] = (None, "")

    def enter(self, person: Person) -> None:
        """C{person} joins; what is said from now on is for them too."""
        if len(self.members) >= MAX_MEMBERS:
            raise RefusedError(f"{self.name} is full")
        self.members[key(person.name)] = person
        if self._went.pop(person.name, None) is None:
            self._came[person] = len(self._outbox)
        self._flushSoon()

    def leave(self, person: Person, reason: str = "left") -> None:
        """C{person} goes."""
        del self.members[key(person.name)]
        if self._came.pop(person, None) is None:
            self._went[person.name] = reason
        self._flushSoon()

    def renamed(self, person: Person, old: str, new: str) -> None:
        """C{person} has another name; several in a row are told as one."""
        del self.members[key(old)]
        self.members[key(new)] = person
        last, first = self._renaming
        end = len(self._outbox)
        if end and self._outbox[-1] == last and end not in self._came.values():
            self._outbox.pop()
            old = first
        last = (Posting(self.name, f"{old} is now {new}"), person)
        self._renaming = last, old
        self.post(*last)

    def post(self, posting: Posting, sender: Person | None = None) -> None:
        """Say something to everybody but C{sender}, who knows it already."""
        self._outbox.append((posting, sender))
        if posting.sender:
            self.history.append(posting)
        self._flushSoon()

    @property
    def hasWords(self) -> bool:
        """Whether something said waits to be handed out."""
        return bool(self._outbox)

    def flush(self) -> None:
        """Hand out what waits."""
        self._waiting = False
        self._renaming = (None, "")
        outbox, self._outbox = self._outbox, []
        came, self._came = self._came, {}
        went, self._went = self._went, {}
        outbox = [*self._arrivals(came), *outbox, *self._departures(went)]
        if outbox:
            self._handOut(outbox, came, 1 if came else 0)

    def _handOut(
        self,
        outbox: list[tuple[Posting, Person | None]],
        came: dict[Person, int],
        notices: int,
    ) -> None:
        """Most get the same; who spoke, or came meanwhile, gets their own."""
        senders = {sender for _, sender in outbox}
        everything: dict[Dialect, bytes] = {}
        for member in list(self.members.values()):
            write = member.dialect
            if member in senders or member in came:
                first = came.get(member, -notices) + notices
                alone = notices if len(came) == 1 and member in came else 0
                theirs = [*outbox[alone:notices], *outbox[max(first, notices) :]]
                octets = b"".join(write(p) for p, s in theirs if s is not member)
            elif write in everything:
                octets = everything[write]
            else:
                octets = b"".join([write(posting) for posting, _ in outbox])
                everything[write] = octets
            if octets:
                member.deliver(octets)

    def _arrivals(self, came: dict[Person, int]) -> list[tuple[Posting, Person | None]]:
        if not came:
            return []
        text = f"{namesIn([person.name for person in came])} joined"
        return [(Posting(self.name, text), None)]

    def _departures(self, went: dict[str, str]) -> list[tuple[Posting, Person | None]]:
        byReason: dict[str, list[str]] = {}
        for name, reason in went.items():
            byReason.setdefault(reason, []).append(name)
        return [
            (Posting(self.name, f"{namesIn(names)} {reason}"), None)
            for reason, names in byReason.items()
        ]

    def _flushSoon(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._soon(self.flush)


class Lobby:
    """All rooms and all names.

    @param soon: as for L{Room}.
    @ivar people: who is here, by the key of their name.
    @ivar rooms: the rooms that somebody is in, by the key of theirs.
    """

    def __init__(self, soon: Callable[[Callable[[], None]], None]) -> None:
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self._soon = soon

    def claim(self, name: str, person: Person) -> str:
        """Have C{name} belong to C{person} until L{release}.

        @return: the name, in its composed form.
        @raise NameRefusedError: it can't be a name.
        @raise RefusedError: somebody else has it, or one that looks like it.
        """
        name = checkName(name)
        if self.people.get(key(name), person) is not person:
            raise RefusedError(f"the name {name} is taken")
        self.people[key(name)] = person
        return name

    def release(self, name: str) -> None:
        """Nobody has C{name} any more."""
        del self.people[key(name)]

    def rename(self, person: Person, name: str) -> None:
        """Give C{person} another name, and tell their rooms.

        @raise NameRefusedError: it can't be a name.
        @raise RefusedError: it is taken.
        """
        old = person.name
        new = self.claim(name, person)
        if key(new) != key(old):
            self.release(old)
        for room in person.rooms.values():
            room.renamed(person, old, new)
        person.name = new

    def join(self, person: Person, name: str) -> Room:
        """Have C{person} join a room, which is made if need be.

        @raise NameRefusedError: it can't be a room's name.
        @raise RefusedError: there are too many rooms, or the room is full.
        """
        name = checkRoom(name)
        place = key(name)
        if place in person.rooms:
            return person.rooms[place]
        if len(person.rooms) >= MAX_ROOMS_EACH:
            raise RefusedError(f"you are in {MAX_ROOMS_EACH} rooms already")
        room = self.rooms.get(place)
        if room is None:
            if len(self.rooms) >= MAX_ROOMS:
                raise RefusedError("there are too many rooms")
            room = Room(name, self._soon)
        room.enter(person)
        self.rooms[place] = person.rooms[place] = room
        return room

    def leave(self, person: Person, room: Room, reason: str = "left") -> None:
        """Have C{person} leave; a room without anybody is forgotten."""
        place = key(room.name)
        del person.rooms[place]
        room.leave(person, reason)
        if not room.members:
            del self.rooms[place]

    def flush(self, person: Person) -> None:
        """Hand out what was said in C{person}'s rooms, before the turn is over.

        Who only came or went is told when it is: when all leave in one turn,
        not everybody has to be told of everybody.
        """
        for room in person.rooms.values():
            if room.hasWords:
                room.flush()

    def depart(self, person: Person, reason: str) -> None:
        """C{person} is gone, for all rooms and for their name."""
        for room in list(person.rooms.values()):
            self.leave(person, room, reason)
        self.release(person.name)
