"""Who may do what in a room. Pure.

Each function returns if it may be done, and raises L{RefusedError} if not, with a
word (C{why}) that a door with reply codes has a code for.
"""

from __future__ import annotations

from protocols.chat.names import key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import Room, isMeant

# What stands before a mask in the list of who may not join, and has it mean that
# they may join, but not speak.
MUTE = "$m:"


def checkJoin(room: Room, person: Person, said: str = "") -> None:
    """Whether C{person} may join, saying C{said} for a key."""
    source, modes = person.source, room.modes
    if person in room.invited:
        return
    name = room.name
    if room.lists("b", source) and not room.lists("e", source):
        raise RefusedError(f"you are banned from {name}", "banned", name)
    if "i" in modes.flags and not room.lists("I", source):
        raise RefusedError(f"{name} is for those who are invited", "closed", name)
    if modes.key and said != modes.key:
        raise RefusedError(f"{name} has a key: /join {name} KEY", "key", name)
    if "R" in modes.flags and not source.account:
        raise RefusedError(f"{name} is for those who have logged in", "account", name)
    if modes.limit and len(room.members) >= modes.limit:
        raise RefusedError(f"{name} is full", "full", name)


def checkSpeak(room: Room, person: Person, now: float = 0.0) -> None:
    """Whether C{person} may say something to C{room}.

    @param now: seconds since 1970.
    """
    ranks = room.ranks.get(person, "")
    if ranks:
        return
    modes, name = room.modes, room.name
    if "n" in modes.flags and key(person.name) not in room.members:
        raise RefusedError(f"you are not in {name}", "outside", name)
    if "M" in modes.flags and not person.account:
        raise RefusedError(f"only who has logged in speaks in {name}", "mute", name)
    if "m" in modes.flags:
        raise RefusedError(f"only who has a voice speaks in {name}", "mute", name)
    if "b" in modes.lists and _isMuted(room, person):
        raise RefusedError(f"you may not speak in {name}", "mute", name)
    if modes.slow:
        _checkSlow(room, person, now)


def _checkSlow(room: Room, person: Person, now: float) -> None:
    left = room.spoke.get(person, 0.0) + room.modes.slow - now
    if left > 0:
        text = f"{room.name} is slow: wait {int(left) + 1} s"
        raise RefusedError(text, "mute", room.name)
    room.spoke[person] = now


def checkOperator(room: Room, person: Person) -> None:
    """Whether C{person} keeps order in C{room}."""
    checkMember(room, person)
    if not room.hasRank(person, "o"):
        raise RefusedError(
            f"you are no operator of {room.name}", "notOperator", room.name
        )


def checkMember(room: Room, person: Person) -> None:
    """Whether C{person} is in C{room}."""
    if room.members.get(key(person.name)) is not person:
        raise RefusedError(f"you are not in {room.name}", "notMember", room.name)


def checkTopic(room: Room, person: Person) -> None:
    """Whether C{person} may set the topic."""
    checkMember(room, person)
    if "t" in room.modes.flags:
        checkOperator(room, person)


def sees(room: Room, person: Person) -> bool:
    """Whether C{person} may know of C{room}."""
    return "s" not in room.modes.flags or room.members.get(key(person.name)) is person


def _isMuted(room: Room, person: Person) -> bool:
    source = person.source
    masks = room.modes.lists["b"]
    meant = room.lists("b", source) or any(
        mask.startswith(MUTE) and isMeant(mask.removeprefix(MUTE), source)
        for mask in masks
    )
    return meant and not _isExcepted(room, source)


def _isExcepted(room: Room, source: object) -> bool:
    return any(
        isMeant(mask.removeprefix(MUTE), source)  # type: ignore[arg-type]
        for mask in room.modes.lists.get("e", ())
    )
