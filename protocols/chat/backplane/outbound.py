"""What this node publishes, and how it waits until it has come back. Wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.backplane.interface import Backplane, BackplaneError, Note
from protocols.chat.backplane.notation import Profile, eventWritten, written
from protocols.chat.backplane.parts import Parts
from protocols.chat.backplane.spool import BusSpool, Waiting
from protocols.chat.backplane.words import Draft
from protocols.chat.events import Event
from protocols.chat.lobby import Lobby

# Messages under way: what a server does in some 20 ms.
WINDOW = 1000


class Outbound:
    """Publishes, in order; a bounded number is under way, the rest waits.

    @param node: this node's name.
    @ivar isOpen: the backplane can be reached, and knows our people.
    @ivar spool: what has not come back.
    """

    log = Logger()

    def __init__(
        self, node: str, lobby: Lobby, backplane: Backplane, spool: BusSpool
    ) -> None:
        self.isOpen = False
        self.spool = spool
        self._node = node
        self._lobby = lobby
        self._backplane = backplane

    def say(self, draft: Draft, sender: str, target: str, place: str) -> Waiting:
        """Publish what somebody says; it is kept until it can be.

        @param sender: as nodes call them.
        @param target: likewise; empty for a room.
        @param place: where a talk is kept; empty for a room.
        """
        items = ("say", eventWritten(draft), sender, target, place)
        waiting = self._publish(draft.room, (), draft, *items)
        waiting.sender, waiting.target = sender, target
        return waiting

    def tellGaps(self) -> None:
        """Say before all else what did not fit into the spool."""
        waiting = []
        for serial, gap in self.spool.takeGaps():
            draft = Draft.of(gap.posting)
            items = ("say", eventWritten(draft), "", "", "")
            message = written(self._node, serial, *items)
            said = Waiting(serial, draft.room, message, draft=draft, isTold=True)
            waiting.append(said)
        self.spool.addFirst(waiting)

    def person(self, profile: Profile, partings: dict[str, tuple[str, str]]) -> None:
        """Somebody of ours is there, or is not as before."""
        fields = profile.written()
        note = Note("people", profile.id, written(fields))
        self._state("", (note,), "person", fields, partings)

    def gone(self, identity: str, reason: str, parting: str) -> None:
        """Somebody of ours is not there any more."""
        note = Note("people", identity, None)
        self._state("", (note,), "gone", identity, reason, parting)

    def room(self, place: str, parts: Parts) -> None:
        """Parts of a room are another now."""
        notes = [
            Note("rooms", f"{place} {name}", None if value is None else written(value))
            for name, value in parts.items()
        ]
        self._state(place, notes, "room", place, parts)

    def roomGone(self, place: str, parts: list[str]) -> None:
        """A room is no more, of which these parts were known."""
        notes = [Note("rooms", f"{place} {name}", None) for name in parts]
        self._state(place, notes, "room", place, None)

    def rank(self, identity: str, room: str, changes: str) -> None:
        """Somebody at another node is something else in a room: C{+o-v}."""
        self._state(room, (), "rank", identity, room, changes)

    def shared(self, what: str, *items: Any, notes: Sequence[Note] = ()) -> None:
        """Something about the whole chat; see L{protocols.chat.backplane.sharing}."""
        self._state("", notes, what, *items)

    def event(self, room: str, event: Event) -> None:
        """Something to be told in a room."""
        self._state(room, (), "event", room, eventWritten(event))

    def takeOut(self, identity: str, room: str) -> None:
        """Somebody was made to leave a room."""
        self._state(room, (), "out", identity, room)

    def hear(self, identity: str, event: Event) -> None:
        """Something to be told to somebody at another node."""
        self._state("", (), "hear", identity, eventWritten(event))

    def sendAway(self, identity: str, reason: str) -> None:
        """Somebody at another node has to leave."""
        self._state("", (), "send", identity, reason)

    def _state(self, room: str, notes: Sequence[Note], *items: Any) -> None:
        """What is published anew when the backplane is back is not kept for it."""
        if self.isOpen:
            self._publish(room, notes, None, *items)

    def _publish(
        self, room: str, notes: Sequence[Note], draft: Draft | None, *items: Any
    ) -> Waiting:
        serial = self.spool.nextSerial()
        message = written(self._node, serial, *items)
        waiting = Waiting(serial, room, message, notes, draft)
        self.spool.add(waiting)
        self.send()
        return waiting

    def send(self) -> None:
        """Send what waits, as far as there is room under way."""
        if not self.isOpen:
            return
        for waiting in self.spool.takeUnsent(WINDOW - self.spool.underWay):
            floor = self._lobby.lastId
            published = self._backplane.publish(
                waiting.room, waiting.serial, waiting.message, floor, waiting.notes
            )
            published.addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        """It will be sent again when the backplane is back."""
        failure.trap(BackplaneError)
