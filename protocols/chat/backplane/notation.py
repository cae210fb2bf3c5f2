"""Events and people, as they are written down for other nodes. Pure.

All is JSON: a list for an event, with its kind in front and its fields in the order
of the class; a dictionary for a person. What can't be read is a L{NotationError},
whatever is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from protocols.chat.events import (
    Changed,
    Event,
    Invited,
    Kicked,
    ModesChanged,
    Posting,
    Redacted,
    Source,
    TopicChanged,
)
from protocols.chat.people import Person

# What is told in rooms or to people, and is not to be seen from who is in a room.
_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *(Changed, Invited, Kicked, ModesChanged, Posting, Redacted),
        TopicChanged,
    )
}

# A person's flags, and the letters that stand for them.
_FLAGS = {"o": "isOperator", "i": "isHidden", "b": "isBot", "s": "isSecure"}

_WORDS = ("user", "host", "address", "account", "session", "realname", "away")


class NotationError(ValueError):
    """What another node says can't be understood."""


@dataclass(frozen=True)
class Profile:
    """What other nodes know of somebody.

    @ivar id: unique over all nodes, whatever they are called.
    @ivar words: by the names of L{Person}'s attributes.
    @ivar claimed: of two who have a name, it belongs to whose text here is lower;
        see L{ownerText}.
    @ivar rooms: what they are (C{o}, C{v}) in each room, by its name.
    """

    id: str
    name: str
    claimed: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    flags: str = ""
    signedOn: float = 0.0
    spokeAt: float = 0.0
    rooms: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, person: Person, identity: str, claimed: str) -> Profile:
        """As they are just now."""
        words = {name: getattr(person, name) for name in _WORDS}
        flags = "".join(let for let, name in _FLAGS.items() if getattr(person, name))
        return cls(
            identity,
            person.name,
            claimed,
            {name: word for name, word in words.items() if word},
            flags,
            person.signedOn,
            person.spokeAt,
            {room.name: room.ranks.get(person, "") for room in person.rooms.values()},
        )

    def fill(self, person: Person) -> None:
        """Have C{person} be so, but for the name and rooms, and what rooms are told."""
        for name in ("user", "address", "session"):
            setattr(person, name, self.words.get(name, ""))
        for letter, name in _FLAGS.items():
            setattr(person, name, letter in self.flags)
        person.signedOn, person.spokeAt = self.signedOn, self.spokeAt

    def written(self) -> dict[str, Any]:
        """For JSON."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def read(cls, found: Any) -> Profile:
        """From L{written}.

        @raise NotationError: it is not from there.
        """
        try:
            words, rooms = found["words"], found["rooms"]
            return cls(
                str(found["id"]),
                str(found["name"]),
                str(found["claimed"]),
                {name: str(words[name]) for name in _WORDS if name in words},
                str(found["flags"]),
                float(found["signedOn"]),
                float(found["spokeAt"]),
                {str(room): str(ranks) for room, ranks in rooms.items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise NotationError(f"not a person: {error!r}") from None


def ownerText(time: float, identity: str) -> str:
    """Who came earlier is lower, in the order of text; to the millisecond."""
    return f"{max(0, int(time * 1000)):015d} {identity}"


def written(*items: Any) -> bytes:
    """A message, as it is published."""
    return _encode(items).encode()


def read(message: bytes) -> list[Any]:
    """A message, from what was published.

    @raise NotationError: it is none.
    """
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        raise NotationError("not a message") from None
    if not isinstance(found, list):
        raise NotationError("not a message")
    return found


def eventWritten(event: Event) -> list[Any]:
    """For JSON."""
    kind: Any = type(event)
    names = _fieldsOf(kind)
    items = [getattr(event, name) for name in names]
    return [
        "Posting" if isinstance(event, Posting) else kind.__name__,
        *[_sourceWritten(each) if isinstance(each, Source) else each for each in items],
    ]


def eventRead(found: Any) -> Event:
    """From L{eventWritten}.

    @raise NotationError: it is not from there.
    """
    try:
        kind: Any = _KINDS[found[0]]
        checks = _checksOf(kind)
        pairs = zip(checks, found[1:], strict=True)
        event: Event = kind(*[check(item) for check, item in pairs])
        return event
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise NotationError(f"not an event: {error!r}") from None


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@lru_cache
def _fieldsOf(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


@lru_cache
def _checksOf(kind: Any) -> tuple[Callable[[Any], Any], ...]:
    checks: dict[str, Callable[[Any], Any]] = {
        "str": _text,
        "bool": bool,
        "int": int,
        "float": float,
        "Source": _sourceRead,
    }
    return tuple(checks[str(each.type)] for each in fields(kind))


def _text(item: Any) -> str:
    if not isinstance(item, str):
        raise TypeError("a text is expected")
    return item


def _sourceWritten(source: Source) -> list[str]:
    return [source.name, source.user, source.host, source.account, source.realname]


def _sourceRead(found: Any) -> Source:
    return Source(*map(_text, found))
