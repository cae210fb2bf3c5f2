"""A lobby of which there is a part at each node. Wire.

What people of this process do is done here at once, and other nodes are told; only
what somebody says waits until it has a place in the order of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from protocols.chat.backplane.remote import RemotePerson
from protocols.chat.backplane.words import Draft
from protocols.chat.events import (
    Event,
    Invited,
    Kicked,
    ModesChanged,
    Posting,
    Redacted,
    TopicChanged,
)
from protocols.chat.lobby import Lobby
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import Room

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# What rooms are told that does not follow from who is there.
_PUBLISHED = (Invited, Kicked, ModesChanged, Redacted, TopicChanged)


class SharedRoom(Room):
    """A room whose people are at several nodes.

    @ivar told: what people are in it, as the others know.
    """

    node: Node
    told: WeakKeyDictionary[Person, str]

    def post(self, event: Event, sender: Person | None = None) -> None:
        """See L{Room.post}; a draft is told when it comes back."""
        if isinstance(event, Draft):
            return
        super().post(event, sender)
        isOurs = sender is not None and not isinstance(sender, RemotePerson)
        if isOurs and isinstance(event, _PUBLISHED):
            self.node.tellRoom(self, event)


class SharedLobby(Lobby):
    """All rooms and names, of all nodes.

    @ivar node: this process, as the others see it.
    """

    node: Node
    roomKind: type[Room] = SharedRoom

    def claim(self, name: str, person: Person) -> str:
        """See L{Lobby.claim}."""
        name = super().claim(name, person)
        if not isinstance(person, RemotePerson):
            self.node.claim(name, person)
        return name

    def release(self, name: str) -> None:
        """See L{Lobby.release}."""
        person = self.people[key(name)]
        super().release(name)
        if not isinstance(person, RemotePerson):
            self.node.release(name, person)
        self.node.people.released(key(name))

    def arrived(self, person: Person) -> None:
        """See L{Lobby.arrived}."""
        super().arrived(person)
        self._changed(person)

    def rename(self, person: Person, name: str) -> None:
        """See L{Lobby.rename}."""
        super().rename(person, name)
        self._changed(person)

    def join(self, person: Person, name: str) -> Room:
        """See L{Lobby.join}."""
        isFirst = not getattr(self.rooms.get(key(name)), "members", None)
        room = super().join(person, name)
        if isFirst and not isinstance(person, RemotePerson):
            self.node.rooms.changed(room)
        self._changed(person)
        return room

    def room(self, name: str) -> Room | None:
        """See L{Lobby.room}; one of which the others have told comes back."""
        isKnown = name.startswith("#") and key(name) not in self.rooms
        found = self.node.rooms.find(key(name)) if isKnown else None
        return found or super().room(name)

    def leave(
        self, person: Person, room: Room, reason: str = "left", parting: str = ""
    ) -> None:
        """See L{Lobby.leave}."""
        super().leave(person, room, reason, parting)
        if not isinstance(person, RemotePerson):
            self.node.changed(person, {key(room.name): (reason, parting)})

    def kick(self, person: Person, room: Room, target: Person, reason: str) -> Kicked:
        """See L{Lobby.kick}."""
        event = super().kick(person, room, target, reason)
        self.node.takeOut(target, room)
        self._changed(target)
        return event

    def takeOut(self, person: Person, room: Room) -> None:
        """Have C{person} be in a room no more; it has been told why."""
        room.flush()
        room.remove(person)
        self._forget(person, room)

    def change(self, person: Person, what: str, value: str) -> None:
        """See L{Lobby.change}."""
        super().change(person, what, value)
        self._changed(person)

    def depart(self, person: Person, reason: str, parting: str = "") -> None:
        """See L{Lobby.depart}."""
        super().depart(person, reason, parting)
        if not isinstance(person, RemotePerson):
            self.node.departed(person, reason, parting)

    def posting(
        self, person: Person, target: str, text: str, **more: object
    ) -> Posting:
        """See L{Lobby.posting}; it is on its way from now on."""
        number = self.lastId
        posting = super().posting(person, target, text, **more)
        self.lastId = number
        return self.node.say(posting, person)

    def roomChanged(self, room: Room) -> None:
        """See L{Lobby.roomChanged}; all nodes remember it."""
        room.isKept = True
        super().roomChanged(room)
        self.node.rooms.changed(room)

    def makeRoom(self, name: str) -> Room:
        """See L{Lobby.makeRoom}; it is as the others have told."""
        room = super().makeRoom(name)
        assert isinstance(room, SharedRoom)
        room.told = WeakKeyDictionary()
        if hasattr(self, "node"):
            room.node = self.node
            self.node.rooms.made(room)
        return room

    def _giveRank(self, room: Room, person: Person, isFirst: bool) -> None:
        """What people of other nodes are, those say.

        Who is first here while the others can't be reached has not made their room.
        """
        if not isinstance(person, RemotePerson):
            isFirst = isFirst and not self.node.rooms.isTheirs(key(room.name))
            super()._giveRank(room, person, isFirst)

    def _forget(self, person: Person, room: Room) -> None:
        super()._forget(person, room)
        place = key(room.name)
        if place not in self.rooms:
            self.node.rooms.gone(place)

    def _changed(self, person: Person) -> None:
        if not isinstance(person, RemotePerson):
            self.node.changed(person)
