"""What a room is, for other nodes. Wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocols.chat.backplane.notation import NotationError
from protocols.chat.keeping import fieldsOf, restore
from protocols.chat.people import Person
from protocols.chat.room import RANKS, Room

State = dict[str, Any]


def stateOf(room: Room, identityOf: Callable[[Person], str]) -> State:
    """A room as it is: its name, what is kept of it, and who is what there."""
    ranks = {identityOf(person): letters for person, letters in room.ranks.items()}
    return {"name": room.name, "fields": fieldsOf(room), "ranks": ranks}


def applyState(
    room: Room, state: State, personOf: Callable[[str], Person | None]
) -> list[Person]:
    """Have a room be as another node says.

    @return: who is something else there now.
    @raise NotationError: that is no state of a room.
    """
    try:
        restore(room, state["fields"])
        wanted = {personOf(each): str(said) for each, said in state["ranks"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotationError(f"not a room: {error!r}") from None
    room.isKept = True
    changed = []
    for member in room.members.values():
        letters = "".join(each for each in RANKS if each in wanted.get(member, ""))
        if set(letters) != set(room.ranks.get(member, "")):
            changed.append(member)
            room.ranks.pop(member, None)
            if letters:
                room.ranks[member] = letters
    return changed
