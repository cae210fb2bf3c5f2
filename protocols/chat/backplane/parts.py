"""What is to be known of a room, in parts that can change at once. Pure.

A topic is one part, each flag, each mask of a list, and each number another. What two
nodes do to different parts holds; of what they do to the same part, that with the
later number.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

Parts = dict[str, Any]
"""Values by part; what is not there is empty, off, or no mask."""

_LISTED = ("created", "founder", "topic", "flags", "lists")


def partsOf(name: str, fields: dict[str, Any], isKept: bool) -> Parts:
    """A room in parts.

    @param fields: as L{protocols.chat.keeping.fieldsOf} finds them.
    """
    parts: Parts = {"base": [name, fields["created"], fields["founder"]]}
    if isKept:
        parts["kept"] = True
    if fields["topic"][0]:
        parts["topic"] = list(fields["topic"])
    parts.update((f"flag {letter}", True) for letter in fields["flags"])
    for letter, masks in fields["lists"].items():
        parts.update((f"mask {letter} {mask}", list(by)) for mask, by in masks.items())
    others = {name: value for name, value in fields.items() if name not in _LISTED}
    parts.update((f"set {name}", value) for name, value in others.items() if value)
    return parts


def fieldsFrom(parts: Parts, fields: dict[str, Any]) -> dict[str, Any]:
    """The opposite.

    @param fields: what the room was before.
    @raise ValueError: these are no parts.
    """
    try:
        _, created, founder = parts["base"]
        flags = [part[5:] for part in parts if part.startswith("flag ")]
        lists: dict[str, dict[str, Any]] = {}
        for part in parts:
            if part.startswith("mask "):
                _, letter, mask = part.split(" ", 2)
                lists.setdefault(letter, {})[mask] = parts[part]
        others = [name for name in fields if name not in _LISTED]
        return {
            **{name: parts.get(f"set {name}", type(fields[name])()) for name in others},
            "created": created,
            "founder": founder,
            "topic": parts.get("topic", ["", "", 0.0]),
            "flags": "".join(flags),
            "lists": lists,
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a room: {error!r}") from None


class Pending:
    """Changes of ours that have been published and have not come back.

    What others say of the same thing meanwhile has a lower number, so it is
    overtaken.
    """

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    def __contains__(self, what: object) -> bool:
        return what in self._count

    def sent(self, what: str) -> None:
        """A change of C{what} was published."""
        self._count[what] += 1

    def came(self, what: str) -> None:
        """One has come back."""
        self._count[what] -= 1
        if self._count[what] <= 0:
            del self._count[what]

    def takeAll(self) -> set[str]:
        """Nobody knows any more what has arrived: of what there was something."""
        lost, self._count = set(self._count), Counter()
        return lost


class KnownParts:
    """What all nodes know of rooms, by the rooms' keys, whether they are here or not.

    @ivar rooms: the parts of each.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, Parts] = {}
        self._pending = Pending()

    def told(self, place: str, parts: Parts) -> Parts:
        """A room is so now: what others do not know of it, C{None} for what is no
        more. They are told, so they will.
        """
        known = self.rooms.setdefault(place, {})
        changes = {
            name: value for name, value in parts.items() if known.get(name) != value
        }
        changes.update((name, None) for name in known if name not in parts)
        for name in changes:
            self._pending.sent(f"{place} {name}")
        _merge(known, changes)
        return changes

    def came(self, place: str, parts: Parts) -> None:
        """What we have told has come back."""
        for name in parts:
            self._pending.came(f"{place} {name}")

    def taken(self, place: str, parts: Parts) -> Parts:
        """Others have told that; what of it is new."""
        known = self.rooms.setdefault(place, {})
        new = {
            name: value
            for name, value in parts.items()
            if f"{place} {name}" not in self._pending and known.get(name) != value
        }
        _merge(known, new)
        return new

    def lost(self) -> None:
        """Nobody knows what has arrived of what we have told: it is told again."""
        for what in self._pending.takeAll():
            place, _, name = what.partition(" ")
            if place in self.rooms:
                # Unlike any value that it may have.
                self.rooms[place][name] = _UNKNOWN

    def found(self, rooms: dict[str, Parts], here: dict[str, Parts]) -> None:
        """Others know that; what was changed here meanwhile holds, and is to be told.

        @param rooms: what was noted, by room.
        @param here: rooms as they are here; they are as they should be then.
        """
        for place, parts in here.items():
            noted, before = rooms.get(place), self.rooms.get(place)
            if noted is not None and before is not None:
                _merge(parts, _unchanged(noted, before, parts))
            elif noted is not None:
                here[place] = dict(noted)
        self.rooms = rooms


class _Unknown:
    """What nothing is equal to."""


_UNKNOWN: Any = _Unknown()


def _unchanged(noted: Parts, before: Parts, now: Parts) -> Parts:
    """What is noted of parts that are here as they were before."""
    names = set(noted) | set(before)
    return {
        name: noted.get(name) for name in names if before.get(name) == now.get(name)
    }


def _merge(parts: Parts, changes: Parts) -> None:
    for name, value in changes.items():
        if value is None:
            parts.pop(name, None)
        else:
            parts[name] = value
