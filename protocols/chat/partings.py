"""In which of somebody's rooms what happens to them is told, and when. Pure.

For programs, what is about a person and not a room counts in all rooms, and a name
means whoever they were told of last by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from protocols.chat.people import Person
from protocols.chat.room import Room


def eachRoom(
    person: Person, *, goes: bool = False
) -> Iterator[tuple[Room, Collection[Person]]]:
    """Each room of C{person}, and whose programs were told in another.

    @param goes: it is their going that is told, but not where nobody knows yet that
        they came.
    """
    told: set[Person] = set()
    rooms = list(person.rooms.values())
    for room in rooms:
        here = set(room.members.values()) if len(rooms) > 1 else set()
        if goes and room.outbox.isUnseen(person):
            here = set()
        yield room, {each for each in here & told if each.dialect.tellsOnce}
        told |= here


def tellGone(rooms: Iterable[Room], name: str) -> None:
    """Tell who waits to hear that somebody called C{name} has left.

    After that the name may be another's, or its owner be called otherwise.
    """
    for room in list(rooms):
        if room.outbox.hasGone(name):
            room.flush()
