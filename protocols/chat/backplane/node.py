"""This process, as one of several of a chat. Wire.

What its people do is published; what others publish is done here as well. Without
the backplane rooms go on here, and say so; what is said waits to be published.
"""

from __future__ import annotations

from typing import Any

from protocols.chat.backplane.inbound import Inbound
from protocols.chat.backplane.interface import Backplane
from protocols.chat.backplane.link import Link
from protocols.chat.backplane.lobby import SharedLobby, SharedRoom
from protocols.chat.backplane.names import Names
from protocols.chat.backplane.notation import Profile
from protocols.chat.backplane.outbound import Outbound
from protocols.chat.backplane.remote import RemotePeople, RemotePerson
from protocols.chat.backplane.rooms import SharedRooms
from protocols.chat.backplane.sharing import Sharing
from protocols.chat.backplane.spool import BusSpool
from protocols.chat.backplane.words import Draft, awaitEcho
from protocols.chat.events import Event, Posting
from protocols.chat.house import House
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.records import ownerOf
from protocols.chat.room import Room


class Node:
    """One of the processes of a chat.

    @param name: unlike that of any other, before or after.
    @param clock: an C{IReactorTime}.
    @param house: its lobby is a L{SharedLobby}.
    @ivar link: what it knows of the backplane.
    @ivar rooms: what all nodes say of rooms.
    @ivar sharing: what of the house is that of all nodes.
    """

    def __init__(
        self,
        name: str,
        house: House,
        backplane: Backplane,
        clock: Any,
        spool: BusSpool | None = None,
    ) -> None:
        self.name = name
        lobby: Any = house.lobby
        self.lobby: SharedLobby = lobby
        self.records = house.records
        self.clock = clock
        self.people = RemotePeople(self, lobby)
        self.out = Outbound(name, lobby, backplane, spool or BusSpool())
        self.names = Names(self, backplane)
        self.into = Inbound(self)
        self.rooms = SharedRooms(self)
        self.sharing = Sharing(self, house)
        self.link = Link(self, backplane)
        self._identities: dict[Person, str] = {}
        self._made = 0
        self._dirty: dict[Person, dict[str, tuple[str, str]]] = {}
        lobby.node = self
        for room in lobby.rooms.values():
            # Those that a store has kept are there already.
            room.node = self

    def identityOf(self, person: Person) -> str:
        """What somebody is called among nodes, whatever their name."""
        if isinstance(person, RemotePerson):
            return person.id
        identity = self._identities.get(person)
        if identity is None:
            self._made += 1
            identity = self._identities[person] = f"{self.name}.{self._made}"
        return identity

    def personOf(self, identity: str) -> Person | None:
        """Who is called that among nodes."""
        remote = self.people.byId.get(identity)
        return remote if remote is not None else self.names.owners.get(identity)

    def claimedBy(self, person: Person) -> str:
        """See L{Profile.claimed}."""
        if isinstance(person, RemotePerson):
            return person.claimed
        return self.names.claimedBy(key(person.name))

    # What the lobby tells

    def claim(self, name: str, person: Person) -> None:
        """Somebody of ours has a name, unless another node says otherwise."""
        self.names.claim(key(name), person)

    def release(self, name: str, person: Person) -> None:
        """Somebody of ours has a name no more."""
        self.names.release(key(name), person)

    def dismiss(self, person: Person) -> None:
        """Somebody of ours has a name that is somebody else's.

        Who has just taken it has the one before again, if that is still free.
        """
        before, source = self.names.takeBefore(person), person.source
        nameLost: Any = getattr(person, "nameLost", None)
        if nameLost is None or not before or self.lobby.find(before) is not None:
            person.sendAway(f"Somebody else has the name {person.name}")
            return
        self.lobby.rename(person, before)
        self.names.takeBefore(person)
        nameLost(source)

    def changed(
        self, person: Person, partings: dict[str, tuple[str, str]] | None = None
    ) -> None:
        """Somebody of ours is not as before; told once a turn."""
        if not self._dirty:
            self.clock.callLater(0, self.flush)
        self._dirty.setdefault(person, {}).update(partings or {})

    def departed(self, person: Person, reason: str, parting: str) -> None:
        """Somebody of ours is gone."""
        self.flush()
        identity = self.forget(person)
        if identity is not None:
            self.out.gone(identity, reason, parting)

    def forget(self, person: Person) -> str | None:
        """Somebody is called nothing among nodes any more; what it was."""
        identity = self._identities.pop(person, None)
        if identity is not None:
            self.names.forget(identity)
        return identity

    def flush(self) -> None:
        """Tell the others of our people as they are now."""
        dirty, self._dirty = self._dirty, {}
        for person, partings in dirty.items():
            if self.names.isCertain(person) and self._isHere(person):
                self.out.person(self._profileOf(person), partings)

    def _isHere(self, person: Person) -> bool:
        return bool(person.name) and self.lobby.find(person.name) is person

    def _profileOf(self, person: Person) -> Profile:
        ownerOf(person)
        return Profile.of(person, self.identityOf(person), self.claimedBy(person))

    def say(self, posting: Posting, person: Person) -> Posting:
        """Publish what somebody of ours says; it is told when it comes back."""
        self.flush()
        draft = Draft.of(posting)
        target, place = "", ""
        if "#" not in posting.room[:2]:
            other = self.lobby.find(posting.room)
            target = self.identityOf(other) if other is not None else ""
            place = self.records.talk(person, posting.room)
        identity = self.identityOf(person)
        waiting = self.out.say(draft, identity, target, place)
        awaitEcho(person, waiting.serial)
        if self.link.isAlone:
            waiting.isTold = True
            said = draft.finished(0)
            self.into.handOut(said, identity, target, waiting.serial)
        return draft

    def tellAll(self, before: tuple[str, ...]) -> None:
        """Tell the others of all our people, and of what has changed.

        @param before: whom they may know of; some have gone meanwhile.
        """
        self.out.send()
        self.rooms.tellAll()
        self.sharing.tellAll()
        for identity in set(before) - set(self.names.owners):
            self.out.gone(identity, "quit", "")
        for person in list(self.names.owners.values()):
            self.changed(person)
        self.flush()

    def lost(self) -> None:
        """Nobody knows what the others have been told."""
        self.out.isOpen = False
        self.out.spool.lost()
        self.rooms.lost()
        self.sharing.lost()

    def tellRoom(self, room: SharedRoom, event: Event) -> None:
        """Have others in the room told, too."""
        self.flush()
        self.out.event(room.name, event)

    def tellPerson(self, person: RemotePerson, event: Event) -> None:
        """Have somebody at another node told."""
        self.flush()
        self.out.hear(person.id, event)

    def takeOut(self, person: Person, room: Room) -> None:
        """Somebody was made to leave a room."""
        self.flush()
        self.out.takeOut(self.identityOf(person), room.name)

    def sendAway(self, person: RemotePerson, reason: str) -> None:
        """Somebody at another node has to leave."""
        self.out.sendAway(person.id, reason)
