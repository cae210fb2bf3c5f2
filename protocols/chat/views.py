"""How the line door writes what happened: with times and numbers or without. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from itertools import islice
from time import gmtime, strftime

from protocols.chat.events import LINES, Dialect, Event, Invited, Posting
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import Room
from protocols.chat.speech import Speech
from protocols.chat.text import MAX_NAMES

# What may be shown: when it was (UTC), and its number, for /since.
SHOWN = ("time", "id")


def timed(event: Event, show: Collection[str]) -> bytes:
    """An event's line with what C{show} names in front of it."""
    if isinstance(event, Speech):
        return b"".join([timed(each, show) for each in event.postings])
    line = event.line
    if not line:
        return b""
    words = []
    number = getattr(event, "id", 0) if isinstance(event, Posting) else 0
    if "id" in show and number:
        words.append(str(number))
    if "time" in show and event.time:
        words.append(strftime("%H:%M:%S", gmtime(event.time)))
    head = f"{' '.join(words)} ".encode() if words else b""
    return b"".join([head + each for each in line.splitlines(keepends=True)])


@lru_cache(maxsize=16)
def viewOf(show: frozenset[str]) -> Dialect:
    """The dialect of all who want to see that."""
    if not show:
        return LINES
    return Dialect(lambda event: timed(event, show))


def without(dialect: Dialect, ignored: Collection[str]) -> Dialect:
    """A dialect in which some people, by the keys of their names, say nothing.

    Nor do they ask anybody into rooms.
    """
    write: Callable[[Event], bytes] = dialect.write

    def filtered(event: Event) -> bytes:
        if isinstance(event, (Posting, Speech)) and key(event.sender) in ignored:
            return b""
        if isinstance(event, Invited) and key(event.source.name) in ignored:
            return b""
        return write(event)

    return Dialect(filtered)


def someOf(room: Room, person: Person) -> str:
    """Names of who is there besides C{person}; of many the first, and how many more.

    All names would be sorted for each who joins.
    """
    others = (each for each in room.members.values() if each is not person)
    some = islice(others, MAX_NAMES)
    more = len(room.members) - 1 - MAX_NAMES
    names = ", ".join(sorted(member.name for member in some))
    return f"{names} and {more} more" if more > 0 else names
