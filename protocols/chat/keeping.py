"""Rooms that outlive their people, and a restart. Wire.

A room in which something was said, or that has a topic or modes of its own, is
remembered with all that, as long as there is a store that remembers at all. In memory
there are those that somebody is in, and some more; the others come back from the
store when somebody names them.
"""

from __future__ import annotations

from typing import Any

from twisted.logger import Logger

from protocols.chat.events import Posting
from protocols.chat.lobby import Lobby
from protocols.chat.people import RefusedError
from protocols.chat.room import MAX_ROOMS, Modes, Room, Topic
from protocols.chat.storeinterface import Fields, Store, StoreError

# What people are told when the disk is full or broken, and when it is well again.
FAULTY = "What is said can't be written down just now, and may be missing later."
WELL = "What is said is written down again."


def fieldsOf(room: Room) -> Fields:
    """What is to be remembered of a room; goes through JSON."""
    topic, modes = room.topic, room.modes
    return {
        **({"metadata": dict(room.metadata)} if room.metadata else {}),
        "created": room.created,
        "founder": room.founder,
        "topic": [topic.text, topic.by, topic.time],
        "flags": "".join(sorted(modes.flags)),
        "key": modes.key,
        "limit": modes.limit,
        "slow": modes.slow,
        "lists": {
            letter: {mask: list(said) for mask, said in masks.items()}
            for letter, masks in modes.lists.items()
            if masks
        },
    }


def restore(room: Room, fields: Fields) -> None:
    """Have a room be as L{fieldsOf} found it.

    @raise ValueError: C{fields} is not from there.
    """
    try:
        text, by, time = fields["topic"]
        room.created = float(fields["created"])
        room.founder = str(fields["founder"])
        room.metadata = dict(fields.get("metadata", {}))
        room.topic = Topic(str(text), str(by), float(time))
        room.modes = Modes(
            set(fields["flags"]),
            str(fields["key"]),
            int(fields["limit"]),
            float(fields["slow"]),
            _lists(fields["lists"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"a room is not readable: {error!r}") from None


def _lists(lists: Any) -> dict[str, dict[str, tuple[str, float]]]:
    return {
        str(letter): {
            str(mask): (str(by), float(when)) for mask, (by, when) in masks.items()
        }
        for letter, masks in lists.items()
    }


class Keeper:
    """Remembers a lobby's rooms in a store.

    @param store: whose rooms are there again from now on; as many as there may be
        are in memory at once, those that were saved last.
    """

    log = Logger()

    def __init__(self, lobby: Lobby, store: Store) -> None:
        self._lobby = lobby
        self._store = store
        lobby.lastId = max(lobby.lastId, store.highestId())
        rooms = [each for each in store.loadRooms() if each[0].startswith("#")]
        for name, fields in rooms[-MAX_ROOMS:]:
            self._makeAgain(name, fields)
        lobby.keeper = self
        store.watch(self._faultChanged)

    def roomChanged(self, room: Room) -> None:
        """A room is as it is now, from now on."""
        room.isKept = True
        try:
            self._store.saveRoom(room.name, fieldsOf(room))
        except (ValueError, StoreError) as error:
            # More than a room may be: its masks, most likely.
            why = str(error)
            self.log.error("{room} is kept as it was: {why}", room=room.name, why=why)

    def find(self, name: str) -> Room | None:
        """See L{protocols.chat.storeinterface.Keeping.find}."""
        try:
            kept = self._store.room(name)
        except StoreError as error:
            # Made anew it would be without its bans, and whoever came first would
            # keep order there.
            self.log.error("{room} can't be read: {why}", room=name, why=str(error))
            text = f"{name} can't be found just now; try again later"
            raise RefusedError(text, "later", name) from None
        try:
            return None if kept is None else self._makeAgain(*kept)
        except RefusedError:
            return None

    def _faultChanged(self, fault: str) -> None:
        """Tell each room once that has somebody in it; why, only the log says."""
        text, now = FAULTY if fault else WELL, self._lobby.now()
        for room in list(self._lobby.rooms.values()):
            if room.members:
                room.outbox.post(Posting(room.name, text, time=now))

    def _makeAgain(self, name: str, fields: Fields) -> Room:
        room = self._lobby.makeRoom(name)
        room.isKept = True
        try:
            restore(room, fields)
        except ValueError as error:
            self.log.error("{room}: {why}", room=name, why=str(error))
        return room
