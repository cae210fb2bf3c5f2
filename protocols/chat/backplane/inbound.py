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
from protocols.chat.backplane.sharing import SHARED
from protocols.chat.backplane.words import echo, hearsOwn, isEchoFor
from protocols.chat.events import Event, Invited, Posting, Redacted
from protocols.chat.gates import isHeard
from protocols.chat.lobby import Lobby
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import REMEMBERED, Room
from protocols.chat.storespool import GAP

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# Below an operator's sign are those with a voice.
_RANKS_FROM = {"@": "o", "+": "ov"}


class Inbound:
    """Does what is said on the bus."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lobby = node.lobby

    def take(self, what: str, isOurs: bool, items: list[Any]) -> None:
        """Do something that is no word.

        @param isOurs: it was published here, so it has been done.
        @raise NotationError: it can't be understood.
        """
        if what == "room":
            self._node.rooms.take(isOurs, *items)
            return
        if what == "rank":
            identity, name, changes = map(str, items)
            self._node.rooms.ranked(isOurs, identity, name, changes)
            return
        if what in SHARED:
            self._node.sharing.take(what, isOurs, *items)
            return
        act = _ACTS.get(what)
        if act is not None and not isOurs:
            act(self, *items)

    def said(
        self,
        number: int,
        isOurs: bool,
        isTold: bool,
        items: list[Any],
        serial: int = 0,
    ) -> None:
        """Somebody has said something, and it has its place now.

        @param isTold: those here know it already, or need not.
        @param serial: of it, if it is ours.
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
            self.handOut(posting, sender, target, serial)
        self._keep(posting, place, isOurs)

    def handOut(
        self, posting: Posting, sender: str, target: str, serial: int = 0
    ) -> None:
        """Tell those of ours who are meant, and who has said it if they want that."""
        person = self._node.personOf(sender)
        wants = person is not None and hearsOwn(person)
        isAwaited = person is not None and isEchoFor(person, serial)
        if posting.room.startswith("#"):
            room = self._roomHere(posting.room)
            if room is not None:
                _tell(room, posting, None if wants and not isAwaited else person)
        else:
            self._toFew(posting, person, target)
            if person is not None and wants and not isAwaited:
                person.hear(posting)
        if person is not None and isAwaited:
            echo(person, posting, serial)

    def _toFew(self, posting: Posting, person: Person | None, target: str) -> None:
        """Tell somebody, or those of a room who have a rank."""
        if posting.room[1:2] == "#":
            self._toRanks(posting, person)
        else:
            other = self._node.personOf(target)
            if other is not None and not isinstance(other, RemotePerson):
                self._lobby.flush(other)
                if person is None or isHeard(person, other):
                    other.hear(posting)

    def passed(self, what: str, items: list[Any]) -> None:
        """What was published before a snapshot is in it, but what is to be forgotten.

        @raise NotationError: it can't be understood.
        """
        if what in ("event", "hear"):
            self._forget(eventRead(items[1]))

    def apply(self, found: Any, partings: Any = None) -> None:
        """Somebody of another node is there, or is not as before."""
        try:
            said = {
                str(at): (str(a), str(b)) for at, (a, b) in (partings or {}).items()
            }
        except (AttributeError, TypeError, ValueError):
            raise NotationError("not partings") from None
        self._node.people.apply(Profile.read(found), said)

    def _roomHere(self, name: str) -> Room | None:
        """The room of that name, if it is in memory: else nobody of ours is in it."""
        return self._lobby.rooms.get(key(name)) if name.startswith("#") else None

    def _toRanks(self, posting: Posting, sender: Person | None) -> None:
        """What is for operators, or who has a voice, too (STATUSMSG)."""
        room = self._roomHere(posting.room[1:])
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
        room = self._roomHere(posting.room)
        isWord = posting.kind in REMEMBERED
        if room is not None and isWord and posting.id > room.history.highest:
            room.history.append(posting)

    def _keep(self, posting: Posting, place: str, isOurs: bool) -> None:
        """A store that remembers rooms does so when something is said there."""
        records, room = self._node.records, self._roomHere(posting.room)
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
        event, room = eventRead(found), self._roomHere(name)
        self._forget(event)
        if room is not None:
            room.outbox.post(event)

    def _out(self, identity: str, name: str) -> None:
        """Somebody was made to leave a room, and all have been told."""
        room, person = self._roomHere(name), self._node.personOf(identity)
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
        if isinstance(event, Invited) and (room := self._roomHere(event.room)):
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
