"""What other nodes publish is done here, too. Wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from protocols.chat.backplane.notation import (
    NotationError,
    Profile,
    eventRead,
)
from protocols.chat.backplane.remote import RemotePerson
from protocols.chat.backplane.rooms import applyState
from protocols.chat.backplane.words import hearsOwn
from protocols.chat.events import Event, Invited, Posting, Redacted
from protocols.chat.lobby import Lobby
from protocols.chat.names import NameRefusedError, checkRoom, key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import REMEMBERED, Room
from protocols.chat.storespool import GAP

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# Below an operator's sign are those with a voice.
_RANKS_FROM = {"@": "o", "+": "ov"}


class Inbound:
    """Does what is said on the bus.

    @ivar pending: changes of rooms of ours that have not come back, by room: what
        others said of it meanwhile is overtaken by them.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lobby = node.lobby
        self.pending: dict[str, int] = {}

    def take(self, what: str, isOurs: bool, items: list[Any]) -> None:
        """Do something that is no word.

        @param isOurs: it was published here, so it has been done.
        @raise NotationError: it can't be understood.
        """
        if what == "room":
            self._room(isOurs, *items)
            return
        act = _ACTS.get(what)
        if act is not None and not isOurs:
            act(self, *items)

    def said(self, number: int, isOurs: bool, isTold: bool, items: list[Any]) -> None:
        """Somebody has said something, and it has its place now.

        @param isTold: those here know it already, or need not.
        @param items: the event, who said it, to whom if not to a room, and where
            such a talk is kept.
        @raise NotationError: it can't be understood.
        """
        event, sender, target, place = items
        posting = eventRead(event)
        if not isinstance(posting, Posting):
            raise NotationError("not a posting")
        posting = replace(posting, id=number)
        if isTold:
            self._remember(posting)
        else:
            self.handOut(posting, sender, target)
        self._keep(posting, place, isOurs)

    def handOut(self, posting: Posting, sender: str, target: str) -> None:
        """Tell those of ours who are meant, and who has said it if they want that."""
        person = self._node.personOf(sender)
        if posting.room.startswith("#"):
            room = self._lobby.room(posting.room)
            if room is not None:
                silent = None if person is None or hearsOwn(person) else person
                _tell(room, posting, silent)
            return
        if posting.room[1:2] == "#":
            self._toRanks(posting, person)
        else:
            other = self._node.personOf(target)
            if other is not None and not isinstance(other, RemotePerson):
                self._lobby.flush(other)
                other.hear(posting)
        if person is not None and hearsOwn(person):
            person.hear(posting)

    def apply(self, found: Any, partings: Any = None) -> None:
        """Somebody of another node is there, or is not as before."""
        try:
            said = {
                str(at): (str(a), str(b)) for at, (a, b) in (partings or {}).items()
            }
        except (AttributeError, TypeError, ValueError):
            raise NotationError("not partings") from None
        self._node.people.apply(Profile.read(found), said)

    def room(self, place: str, state: Any) -> None:
        """A room is as another node says."""
        room = self._lobby.rooms.get(place)
        if state is None:
            if room is not None and not room.members:
                del self._lobby.rooms[place]
            return
        if room is None:
            try:
                room = self._lobby.makeRoom(checkRoom(str(state["name"])))
            except (NameRefusedError, RefusedError, KeyError, TypeError):
                return
        for member in applyState(room, state, self._node.personOf):
            if not isinstance(member, RemotePerson):
                self._node.changed(member)
        Lobby.roomChanged(self._lobby, room)

    def _room(self, isOurs: bool, place: str, state: Any) -> None:
        pending = self.pending.get(place, 0)
        if not isOurs and not pending:
            self.room(place, state)
        elif isOurs and pending > 1:
            self.pending[place] = pending - 1
        elif isOurs:
            self.pending.pop(place, None)

    def _toRanks(self, posting: Posting, sender: Person | None) -> None:
        """What is for operators, or who has a voice, too (STATUSMSG)."""
        room = self._lobby.room(posting.room[1:])
        wanted = set(_RANKS_FROM.get(posting.room[0], ""))
        if room is None:
            return
        room.flush()
        for member in list(room.ranks):
            isMeant = bool(wanted & set(room.ranks[member]))
            isHere = not isinstance(member, RemotePerson)
            if isMeant and isHere and member is not sender:
                member.hear(posting)

    def _remember(self, posting: Posting) -> None:
        """Keep in a room's memory what its people know already."""
        room = self._lobby.room(posting.room)
        isWord = posting.kind in REMEMBERED
        if room is not None and isWord and posting.id > room.history.highest:
            room.history.append(posting)

    def _keep(self, posting: Posting, place: str, isOurs: bool) -> None:
        """A store that remembers rooms does so when something is said there."""
        records, room = self._node.records, self._lobby.room(posting.room)
        if posting.kind == GAP:
            records.store.append(posting)
        elif posting.kind not in REMEMBERED:
            return
        elif place:
            records.store.append(replace(posting, room=place))
        elif room is not None:
            if self._lobby.keeper is not None and not (isOurs or room.isKept):
                room.isKept = True
                Lobby.roomChanged(self._lobby, room)
            records.record(posting)
        elif posting.room.startswith("#"):
            records.store.append(posting)

    def _gone(self, identity: str, reason: str, parting: str) -> None:
        self._node.people.gone(identity, str(reason), str(parting))

    def _event(self, name: str, found: Any) -> None:
        event, room = eventRead(found), self._lobby.room(name)
        self._forget(event)
        if room is not None:
            room.outbox.post(event)

    def _out(self, identity: str, name: str) -> None:
        """Somebody was made to leave a room, and all have been told."""
        room, person = self._lobby.room(name), self._node.personOf(identity)
        if room is None or person is None or key(room.name) not in person.rooms:
            return
        self._lobby.takeOut(person, room)
        if not isinstance(person, RemotePerson):
            self._node.changed(person)

    def _hear(self, identity: str, found: Any) -> None:
        event, person = eventRead(found), self._node.personOf(identity)
        self._forget(event)
        if person is None or isinstance(person, RemotePerson):
            return
        if isinstance(event, Invited) and (room := self._lobby.room(event.room)):
            room.invited.add(person)
        self._lobby.flush(person)
        person.hear(event)

    def _send(self, identity: str, reason: str) -> None:
        person = self._node.personOf(identity)
        if person is not None and not isinstance(person, RemotePerson):
            person.sendAway(str(reason))

    def _forget(self, event: Event) -> None:
        if isinstance(event, Redacted):
            self._node.records.redact(Posting(event.room, "", id=event.id))


def _tell(room: Room, posting: Posting, silent: Person | None) -> None:
    """Tell a room; it remembers it, unless its memory is beyond that number."""
    if posting.id and posting.id <= room.history.highest:
        room.outbox.post(posting, () if silent is None else (silent,))
    else:
        room.post(posting, silent)


_ACTS: dict[str, Callable[..., None]] = {
    "person": Inbound.apply,
    "gone": Inbound._gone,
    "event": Inbound._event,
    "out": Inbound._out,
    "hear": Inbound._hear,
    "send": Inbound._send,
}
