"""People of other nodes, and what those nodes say of them. Wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from protocols.chat.backplane.notation import Profile
from protocols.chat.backplane.words import Draft
from protocols.chat.events import Dialect, Event
from protocols.chat.lobby import Lobby
from protocols.chat.names import NameRefusedError, key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import Room

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# What is told to nobody is not written either.
_NOTHING = Dialect(lambda event: b"")

# People of other nodes that are waited with, because a name has two owners just now.
MAX_REFUSED = 1000

# How and with what words somebody left a room, by its key.
Partings = Mapping[str, tuple[str, str]]


class RemotePerson(Person):
    """Somebody at another node.

    What a room tells them, their own node tells them.

    @ivar id: see L{Profile.id}.
    @ivar claimed: see L{Profile.claimed}.
    """

    claimed = ""
    dialect = _NOTHING

    def __init__(self, node: Node, identity: str) -> None:
        self.begin()
        self.id = identity
        self._node = node

    @property
    def node(self) -> str:
        """The name of theirs."""
        return self.id.partition(".")[0]

    def deliver(self, octets: bytes) -> None:
        """Their node does."""

    def hear(self, event: Event) -> None:
        """Have their node tell them; what was said is on its way already."""
        if not isinstance(event, Draft):
            self._node.tellPerson(self, event)

    def sendAway(self, reason: str) -> None:
        """Have their node do it."""
        self._node.sendAway(self, reason)


def note(room: Room, person: Person) -> None:
    """Others know what C{person} is in a room."""
    shared: Any = room
    shared.told.pop(person, None)
    if person in room.ranks:
        shared.told[person] = room.ranks[person]


class RemotePeople:
    """Those of other nodes, in this node's lobby.

    What is said of them is always all that there is to know, so it does not matter
    what was missed before, or is said twice.
    """

    def __init__(self, node: Node, lobby: Lobby) -> None:
        self._node = node
        self._lobby = lobby
        self.byId: dict[str, RemotePerson] = {}
        # Those whose name is somebody else's so far.
        self._refused: dict[str, Profile] = {}

    @property
    def nodes(self) -> list[str]:
        """The nodes that somebody is at."""
        return sorted({person.node for person in self.byId.values()})

    def apply(self, profile: Profile, partings: Partings) -> None:
        """Somebody is there, or is not as before."""
        self._refused.pop(profile.id, None)
        person = self.byId.get(profile.id)
        if person is None:
            person = self._come(profile)
        else:
            self._change(person, profile)
        if person is not None:
            self._move(person, profile, partings)

    def gone(self, identity: str, reason: str, parting: str = "") -> None:
        """Somebody is not there any more."""
        self._refused.pop(identity, None)
        person = self.byId.pop(identity, None)
        if person is not None and self._lobby.find(person.name) is person:
            self._lobby.depart(person, reason, parting)

    def goneWith(self, node: str | None, reason: str) -> None:
        """All of a node are gone; those of all nodes, if C{None}."""
        for person in list(self.byId.values()):
            if node in (None, person.node):
                self.gone(person.id, reason)

    def keepOnly(self, identities: set[str], nodes: frozenset[str]) -> None:
        """Of these nodes, nobody else is there any more."""
        for person in list(self.byId.values()):
            if person.node in nodes and person.id not in identities:
                self.gone(person.id, "quit")

    def _come(self, profile: Profile) -> RemotePerson | None:
        if not self._makeWay(profile):
            self._refuse(profile)
            return None
        person = RemotePerson(self._node, profile.id)
        try:
            person.name = self._lobby.claim(profile.name, person)
        except (NameRefusedError, RefusedError):
            return None
        self.byId[profile.id] = person
        for what in ("away", "account", "realname", "host"):
            setattr(person, what, profile.words.get(what, ""))
        profile.fill(person)
        self._lobby.arrived(person)
        self._fill(person, profile)
        return person

    def _change(self, person: RemotePerson, profile: Profile) -> None:
        if person.name != profile.name and self._makeWay(profile):
            self._lobby.rename(person, profile.name)
        for what in ("host", "account", "realname", "away"):
            value = profile.words.get(what, "")
            if getattr(person, what) != value:
                self._lobby.change(person, what, value)
        self._fill(person, profile)

    def _fill(self, person: RemotePerson, profile: Profile) -> None:
        person.claimed = profile.claimed
        profile.fill(person)

    def _refuse(self, profile: Profile) -> None:
        """Not now; perhaps who has the name goes."""
        if len(self._refused) < MAX_REFUSED:
            self._refused[profile.id] = profile

    def released(self, place: str) -> None:
        """A name is free: somebody may have waited for it."""
        for profile in list(self._refused.values()):
            if key(profile.name) == place:
                self._node.clock.callLater(0, self._retry, profile)

    def _retry(self, profile: Profile) -> None:
        if self._refused.get(profile.id) is profile:
            self.apply(profile, {})

    def _move(self, person: RemotePerson, profile: Profile, partings: Partings) -> None:
        """Leave and join rooms until they are in those that they should be in."""
        wanted = {key(name): name for name in profile.rooms}
        for place, room in list(person.rooms.items()):
            if place not in wanted:
                reason, parting = partings.get(place, ("left", ""))
                self._lobby.leave(person, room, reason, parting)
        for name, ranks in profile.rooms.items():
            try:
                joined = self._lobby.join(person, name)
            except (NameRefusedError, RefusedError):
                continue
            if f"{person.id} {key(name)}" in self._node.rooms.ranking:
                continue
            joined.ranks.pop(person, None)
            if ranks:
                joined.ranks[person] = ranks
            note(joined, person)

    def _makeWay(self, profile: Profile) -> bool:
        """Whether nobody else has the name, now.

        Of two who have it the earlier one keeps it, and all nodes see that alike.
        """
        other = self._lobby.find(profile.name)
        if other is None or getattr(other, "id", None) == profile.id:
            return True
        if self._node.claimedBy(other) < profile.claimed:
            return False
        if isinstance(other, RemotePerson):
            self.gone(other.id, "quit", "Somebody else has the name")
        else:
            self._node.dismiss(other)
        return self._lobby.find(profile.name) is None
