"""Rooms of all nodes: what is told of them, and what others tell. Wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from twisted.logger import Logger

from protocols.chat.backplane.notation import NotationError
from protocols.chat.backplane.parts import (
    KnownParts,
    Parts,
    Pending,
    fieldsFrom,
    partsOf,
)
from protocols.chat.backplane.remote import RemotePerson, note
from protocols.chat.events import ModesChanged
from protocols.chat.keeping import fieldsOf, restore
from protocols.chat.lobby import Lobby
from protocols.chat.names import NameRefusedError, checkRoom, key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import RANKS, Room

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node


class SharedRooms:
    """What this node and the others say of rooms.

    @ivar known: what all know of them, as far as this node knows.
    @ivar ranking: people of other nodes, and rooms, about whose ranks we have said
        something that has not come back.
    """

    log = Logger()

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lobby = node.lobby
        self.known = KnownParts()
        self.ranking = Pending()

    # What happens here

    def changed(self, room: Room) -> None:
        """Something of a room is another: others are told what."""
        if not self._node.out.isOpen:
            return
        place = key(room.name)
        changes = self.known.told(place, _partsOf(room))
        if changes:
            self._node.out.room(place, changes)
        self._tellRanks(room)

    def find(self, place: str) -> Room | None:
        """A room that is kept, and is not in memory here; it is then."""
        if "kept" in self.known.rooms.get(place, ()):
            self._tryTo(place, self._apply)
        return self._lobby.rooms.get(place)

    def made(self, room: Room) -> None:
        """A room is there again of which something is known."""
        place = key(room.name)
        if "base" in self.known.rooms.get(place, ()):
            self._tryTo(place, lambda _: self._fill(room, self.known.rooms[place]))

    def gone(self, place: str) -> None:
        """A room is here no more, nor elsewhere."""
        parts = self.known.rooms.pop(place, None)
        if parts is not None:
            self._node.out.roomGone(place, list(parts))

    def _tellRanks(self, room: Room) -> None:
        """Who is something else now; the nodes of others tell all when they know."""
        shared: Any = room
        told, shared.told = dict(shared.told), WeakKeyDictionary(room.ranks)
        for member in {**told, **room.ranks}:
            before, now = told.get(member, ""), room.ranks.get(member, "")
            isHere = key(room.name) in member.rooms
            if set(before) == set(now) or not isHere:
                continue
            if isinstance(member, RemotePerson):
                changes = "".join(_changes(before, now))
                self.ranking.sent(f"{member.id} {key(room.name)}")
                self._node.out.rank(member.id, room.name, changes)
            else:
                self._node.changed(member)

    # What others say

    def take(self, isOurs: bool, place: str, parts: Any) -> None:
        """A room has changed.

        @raise NotationError: it can't be understood.
        """
        if parts is not None and not isinstance(parts, dict):
            raise NotationError("not parts of a room")
        if isOurs:
            self.known.came(place, parts or {})
        elif parts is None:
            self._goneElsewhere(place)
        else:
            self._told(place, parts)

    def _told(self, place: str, parts: Parts) -> None:
        """What can't be is as if it had not been said."""
        before = dict(self.known.rooms.get(place, {}))
        try:
            if self.known.taken(place, parts):
                self._apply(place)
        except NotationError:
            self.known.rooms[place] = before
            raise

    def ranked(self, isOurs: bool, identity: str, name: str, changes: str) -> None:
        """Somebody is something else in a room now; their own node decides."""
        what = f"{identity} {key(name)}"
        if isOurs or what in self.ranking:
            self.ranking.came(what) if isOurs else None
            return
        person = self._node.personOf(identity)
        room = self._lobby.rooms.get(key(name))
        if person is None or room is None or key(person.name) not in room.members:
            return
        signs = zip(changes[::2], changes[1::2], strict=False)
        isOther = [room.setRank(person, c, s == "+") for s, c in signs if c in RANKS]
        if any(isOther):
            note(room, person)
            if not isinstance(person, RemotePerson):
                self._node.changed(person)

    def _goneElsewhere(self, place: str) -> None:
        """It is gone here too; unless somebody is in it, who has just come."""
        self.known.rooms.pop(place, None)
        room = self._lobby.rooms.get(place)
        if room is None:
            return
        if not room.members:
            del self._lobby.rooms[place]
        elif any(map(_isOurs, room.members.values())):
            self.changed(room)

    def _apply(self, place: str) -> None:
        """Have a room be as is known; one that is kept is made."""
        parts, room = self.known.rooms[place], self._lobby.rooms.get(place)
        if "base" not in parts or (room is None and "kept" not in parts):
            return
        try:
            room = room or self._lobby.makeRoom(checkRoom(str(parts["base"][0])))
        except (NameRefusedError, RefusedError, LookupError, TypeError):
            return
        self._fill(room, parts)
        if room.isKept:
            Lobby.roomChanged(self._lobby, room)

    def _fill(self, room: Room, parts: Parts) -> None:
        try:
            restore(room, fieldsFrom(parts, fieldsOf(room)))
        except (AttributeError, TypeError, ValueError) as error:
            raise NotationError(f"not a room: {error!r}") from None
        room.isKept = room.isKept or "kept" in parts

    # Losing and finding the others

    def lost(self) -> None:
        """Nobody knows what has arrived; people's own nodes tell what they are."""
        self.known.lost()
        self.ranking.takeAll()

    def found(self, noted: dict[str, Parts]) -> None:
        """Others know that of rooms; rooms of ours are told by L{tellAll}."""
        here = {place: _partsOf(room) for place, room in self._lobby.rooms.items()}
        met = set(here) - set(self.known.rooms)
        self.known.found(noted, here)
        for place in list(noted):
            if place in here:
                self._tryTo(place, self._goOn, here[place])
                if place in met:
                    self._giveBack(self._lobby.rooms[place])
            else:
                self._tryTo(place, self._apply)

    def _giveBack(self, room: Room) -> None:
        """Who was the first in a room here that others had already has not made it.

        Not even if nobody else is in it as far as is known: other nodes may be about
        to come back, as we are.
        """
        now = self._lobby.now()
        for member in filter(_isOurs, list(room.ranks)):
            isFounder = bool(room.founder) and room.founder == member.account
            if not isFounder and room.setRank(member, "o", False):
                changes = f"-o {member.name}"
                event = ModesChanged(room.name, member.source, changes, now)
                room.post(event, member)
                member.hear(event)

    def isTheirs(self, place: str) -> bool:
        """Whether it is a room of others', who can't be reached."""
        return not self._node.out.isOpen and "base" in self.known.rooms.get(place, ())

    def _goOn(self, place: str, parts: Parts) -> None:
        """A room that has been here all the time is so now."""
        room = self._lobby.rooms[place]
        self._fill(room, parts)
        if room.isKept:
            Lobby.roomChanged(self._lobby, room)

    def _tryTo(self, place: str, act: Callable[..., None], *more: Any) -> None:
        """Do something with what was noted of a room; if it makes no sense, nothing is
        known of that room."""
        try:
            act(place, *more)
        except NotationError as error:
            self.known.rooms.pop(place, None)
            why = str(error)
            self.log.error("Notes of {room} make no sense: {why}", room=place, why=why)

    def tellAll(self) -> None:
        """Tell the others what they do not know of rooms that are here."""
        for room in list(self._lobby.rooms.values()):
            if room.isKept or any(map(_isOurs, room.members.values())):
                self.changed(room)


def _partsOf(room: Room) -> Parts:
    return partsOf(room.name, fieldsOf(room), room.isKept)


def _isOurs(person: Person) -> bool:
    return not isinstance(person, RemotePerson)


def _changes(before: str, now: str) -> list[str]:
    """What became of somebody: C{+o}, C{-v}."""
    return [
        f"{'+' if rank in now else '-'}{rank}"
        for rank in RANKS
        if (rank in before) != (rank in now)
    ]
