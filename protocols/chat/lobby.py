"""All rooms, and all names. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from protocols.chat.events import (
    Changed,
    Invited,
    Kicked,
    Posting,
    Source,
    TopicChanged,
)
from protocols.chat.history import Ring
from protocols.chat.names import checkName, checkRoom, key
from protocols.chat.once import made
from protocols.chat.partings import eachRoom, tellGone
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import MAX_ROOMS, MAX_ROOMS_EACH, Room, Topic
from protocols.chat.watchers import Watchers

if TYPE_CHECKING:
    from protocols.chat.storeinterface import Keeping

# Names that have been, which are remembered for who asks.
MAX_GONE = 1000


@dataclass(frozen=True)
class Gone:
    """Somebody who had a name, and until when (seconds since 1970)."""

    source: Source
    time: float


class Lobby:
    """All rooms and all names.

    @param soon: has a function called when the reactor's turn is over.
    @param now: the seconds since 1970.
    @ivar people: who is here, by the key of their name.
    @ivar rooms: the rooms that somebody is in, by the key of theirs.
    @ivar most: people that were here at a time.
    @ivar gone: who had a name before, the last one last.
    @ivar watchers: who is told when somebody comes or goes.
    @ivar keeper: remembers rooms; nobody does if C{None}.
    @ivar ringOf: what was said in a room before, if it may go on with that.
    @ivar house: keys of the rooms that are nobody's: nobody keeps order there.
    @ivar later: see L{Outbox<protocols.chat.outbox.Outbox>}.
    @cvar roomKind: makes rooms.
    """

    later: Callable[[float, Callable[[], None]], object] | None = None
    roomKind: type[Room] = Room

    def __init__(
        self,
        soon: Callable[[Callable[[], None]], None],
        now: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.gone: deque[Gone] = deque(maxlen=MAX_GONE)
        self.house: set[str] = set()
        self.most = 0
        self.now = now
        self.lastId = 0
        self.keeper: Keeping | None = None
        self.ringOf: Callable[[str], Ring | None] = lambda name: None
        self.soon = soon
        self.watchers = Watchers()

    def find(self, name: str) -> Person | None:
        """Who is called that, or something that looks like it."""
        return self.people.get(key(name))

    def room(self, name: str) -> Room | None:
        """The room that is called that; one that is only kept comes back."""
        if not name.startswith("#"):
            return None
        room = self.rooms.get(key(name))
        return self.keeper.find(name) if room is None and self.keeper else room

    def claim(self, name: str, person: Person) -> str:
        """Have C{name} belong to C{person} until L{release}.

        @return: the name, in its composed form.
        @raise NameRefusedError: it can't be a name.
        @raise RefusedError: somebody else has it, or one that looks like it.
        """
        name = checkName(name)
        if self.people.get(key(name), person) is not person:
            raise RefusedError(f"the name {name} is taken", "taken", name)
        if key(name) not in self.people:
            tellGone(self.rooms.values(), name)
            self.people[key(name)] = person
        return name

    def arrived(self, person: Person) -> None:
        """C{person} has a name, and all else that others may know, from now on."""
        self.most = max(self.most, len(self.people))
        person.changed()
        person.signedOn = person.spokeAt = self.now()
        self.watchers.tell(person.source, True)

    def release(self, name: str) -> None:
        """Nobody has C{name} any more."""
        del self.people[key(name)]

    def rename(self, person: Person, name: str) -> None:
        """Give C{person} another name, and tell their rooms.

        @raise NameRefusedError: it can't be a name.
        @raise RefusedError: it is taken.
        """
        old = person.source
        new = self.claim(name, person)
        tellGone(self.rooms.values(), old.name)
        if key(new) != key(old.name):
            self.release(old.name)
            self._left(old)
        for room, without in eachRoom(person):
            room.renamed(person, new, (*without, person))
        person.name = new
        person.changed()
        if key(new) != key(old.name):
            self.watchers.tell(person.source, True)

    def join(self, person: Person, name: str) -> Room:
        """Have C{person} join a room, which is made if need be.

        Whether they may, L{protocols.chat.rules.checkJoin} says.

        @raise NameRefusedError: it can't be a room's name.
        @raise RefusedError: there are too many rooms, or the room is full.
        """
        name = checkRoom(name)
        place = key(name)
        if place in person.rooms:
            return person.rooms[place]
        if len(person.rooms) >= MAX_ROOMS_EACH:
            text = f"you are in {MAX_ROOMS_EACH} rooms already"
            raise RefusedError(text, "tooMany", name)
        room = self.room(name) or self.makeRoom(name)
        last = next(reversed(room.members.values()), None)
        room.enter(person)
        self._giveRank(room, person, last is None)
        room.invited.discard(person)
        if person.away:
            away = Changed(room.name, person.source, "away", person.away, self.now())
            room.outbox.post(away, (person,))
        person.enteredRoom(room, place, last)
        return room

    def makeRoom(self, name: str) -> Room:
        """A room that is not there yet.

        @param name: as L{checkRoom} returns it.
        @raise RefusedError: there are too many.
        """
        if len(self.rooms) >= MAX_ROOMS:
            empty = [room for room in self.rooms.values() if not room.members]
            if not empty:
                raise RefusedError("there are too many rooms", "tooMany", name)
            del self.rooms[key(empty[0].name)]
        room = self.roomKind(name, self.soon, self.now(), self.lastId)
        room.outbox.now, room.outbox.later = self.now, self.later
        room.history = self.ringOf(name) or room.history
        if key(name) in self.house:
            # Nobody keeps order there, so everybody says what it is about.
            room.modes.flags.discard("t")
        self.rooms[key(name)] = room
        return room

    def _giveRank(self, room: Room, person: Person, isFirst: bool) -> None:
        """Who makes a room keeps order in it; with an account, for ever."""
        if key(room.name) in self.house:
            return
        if isFirst and not room.founder and not room.isKept:
            room.founder = person.account
        isFounder = room.founder and room.founder == person.account
        if isFounder or (isFirst and not room.founder):
            room.setRank(person, "o", True)

    def leave(
        self, person: Person, room: Room, reason: str = "left", parting: str = ""
    ) -> None:
        """Have C{person} leave; a room without anybody is forgotten."""
        if len(person.rooms) > 1 and room.outbox.hasQuits:
            # They meet those who have quit elsewhere too, and are told here only.
            room.flush()
        room.leave(person, reason, parting)
        self._forget(person, room)

    def kick(self, person: Person, room: Room, target: Person, reason: str) -> Kicked:
        """Have C{target} leave at once; C{person} is told by their door."""
        event = Kicked(room.name, person.source, target.name, reason, self.now())
        room.post(event, person)
        room.flush()
        room.remove(target)
        self._forget(target, room)
        return event

    def setTopic(self, person: Person, room: Room, text: str) -> TopicChanged:
        """Say what a room is about."""
        event = TopicChanged(room.name, person.source, text, self.now())
        room.topic = Topic(text, event.source.mask, event.time) if text else Topic()
        room.post(event, person)
        self.roomChanged(room)
        return event

    def invite(self, person: Person, room: Room, target: Person) -> Invited:
        """Have C{target} be able to join, and know it."""
        room.invited.add(target)
        self.flush(person)
        event = Invited(room.name, person.source, target.name, time=self.now())
        target.hear(event)
        room.post(replace(event, isForRoom=True), person)
        return event

    def posting(
        self, person: Person, target: str, text: str, **more: object
    ) -> Posting:
        """What C{person} says to C{target}, with a number and a time."""
        self.lastId += 1
        person.spokeAt = now = self.now()
        source = person.source
        fields = {
            "room": target,
            "text": text,
            "sender": source.name,
            "id": self.lastId,
            "time": now,
            "account": source.account,
            "mask": f"{source.user}@{source.host}" if source.host else "",
        }
        return made(Posting, fields | more if more else fields)

    def change(self, person: Person, what: str, value: str) -> None:
        """Something about C{person} is another: C{away}, C{account}, C{realname}."""
        event = Changed("", person.source, what, value, self.now())
        setattr(person, what, value)
        person.changed()
        for room, without in eachRoom(person):
            each = replace(event, room=room.name)
            room.outbox.post(each, (*without, person))
        self.watchers.tellFollowers(person, event)

    def roomChanged(self, room: Room) -> None:
        """What may be done in C{room}, or what it is about, is another."""
        if self.keeper is not None:
            self.keeper.roomChanged(room)

    def neighbours(self, person: Person) -> set[Person]:
        """Who shares a room with C{person}."""
        others = {
            member for room in person.rooms.values() for member in room.members.values()
        }
        others.discard(person)
        return others

    def flush(self, person: Person) -> None:
        """Hand out what was said in C{person}'s rooms, before the turn is over.

        Who only came or went is told when it is: when all leave in one turn,
        not everybody has to be told of everybody.
        """
        for room in person.rooms.values():
            if room.hasWords:
                room.flush()

    def depart(self, person: Person, reason: str, parting: str = "") -> None:
        """C{person} is gone, for all rooms and for their name."""
        for room, without in eachRoom(person, goes=True):
            room.leave(person, reason, parting, True, without)
            self._forget(person, room)
        self.release(person.name)
        self.watchers.clear(person)
        self._left(person.source)

    def _forget(self, person: Person, room: Room) -> None:
        place = key(room.name)
        person.rooms = {at: each for at, each in person.rooms.items() if at != place}
        person.leftRoom(room)
        if not room.members and not room.isKept:
            self.rooms.pop(place, None)

    def _left(self, source: Source) -> None:
        self.gone.append(Gone(source, self.now()))
        self.watchers.tell(source, False)
