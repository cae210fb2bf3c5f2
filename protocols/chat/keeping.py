"""Rooms that outlive their people, and a restart. Wire.

A room in which something was said, or that has a topic or modes of its own, is
remembered with all that, as long as there is a store that remembers at all.
"""

from __future__ import annotations

from typing import Any

from twisted.logger import Logger

from protocols.chat.lobby import Lobby
from protocols.chat.room import Modes, Room, Topic
from protocols.chat.storeinterface import Fields, Store, StoreError


def fieldsOf(room: Room) -> Fields:
    """What is to be remembered of a room; goes through JSON."""
    topic, modes = room.topic, room.modes
    return {
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

    @param store: whose rooms are there again from now on.
    """

    log = Logger()

    def __init__(self, lobby: Lobby, store: Store) -> None:
        self._lobby = lobby
        self._store = store
        lobby.lastId = max(lobby.lastId, store.highestId())
        for name, fields in store.loadRooms():
            if name.startswith("#"):
                self._makeAgain(name, fields)
        lobby.keeper = self

    def roomChanged(self, room: Room) -> None:
        """A room is as it is now, from now on."""
        room.isKept = True
        try:
            self._store.saveRoom(room.name, fieldsOf(room))
        except (ValueError, StoreError) as error:
            # More than a room may be: its masks, most likely.
            why = str(error)
            self.log.error("{room} is kept as it was: {why}", room=room.name, why=why)

    def _makeAgain(self, name: str, fields: Fields) -> None:
        room = self._lobby.makeRoom(name)
        room.isKept = True
        try:
            restore(room, fields)
        except ValueError as error:
            self.log.error("{room}: {why}", room=name, why=str(error))
