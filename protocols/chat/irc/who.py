"""WHO, with the fields of WHOX (RFC 2812, 3.6.1; ircv3.net/specs/extensions/whox)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import RPL_ENDOFWHO, RPL_WHOREPLY, RPL_WHOSPCRPL
from protocols.chat.irc.queries import signsFor
from protocols.chat.irc.wire import Message
from protocols.chat.masks import matches
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import Room
from protocols.chat.rules import sees

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Replies to a mask; who wants more asks for a room.
MAX_FOUND = 500

_FIELDS = re.compile(r"%([tcuihsnfdlaor]*)(?:,([0-9]{1,3}))?")

# The order in which fields are answered, whatever the order they were asked in.
_ORDER = "tcuihsnfdlaor"


def who(irc: IRCProtocol, message: Message) -> None:
    """Who somebody is, or who is in a room, or whom a mask means."""
    mask, options = message[0], message[1]
    fields = _FIELDS.search(options)
    onlyOperators = "o" in options.partition("%")[0]
    for person, room in _found(irc, mask):
        if onlyOperators and not person.isOperator:
            continue
        if fields:
            wanted, token = fields.groups()
            words = _extended(irc, person, room, wanted, token or "0")
            irc.numeric(RPL_WHOSPCRPL, *words)
        else:
            _reply(irc, person, room)
    irc.numeric(RPL_ENDOFWHO, mask or "*", "End of WHO list")


def _found(irc: IRCProtocol, mask: str) -> Iterator[tuple[Person, Room | None]]:
    if mask.startswith("#"):
        room = irc.lobby.room(mask)
        if room is not None and sees(room, irc):
            room.outbox.seen()
            isMember = key(irc.name) in room.members
            for person in list(room.members.values()):
                if isMember or not person.isHidden:
                    yield person, room
        return
    exact = irc.lobby.find(mask) if mask else None
    if exact is not None:
        yield exact, shared(irc, exact)
        return
    for number, person in enumerate(_meant(irc, mask)):
        if number < MAX_FOUND:
            yield person, shared(irc, person)


def _meant(irc: IRCProtocol, mask: str) -> Iterable[Person]:
    """Those whom a mask means, and who may be seen; others only in rooms."""
    near = irc.lobby.neighbours(irc) | {irc}
    for person in list(irc.lobby.people.values()):
        if person.isHidden and person not in near:
            continue
        texts = (person.name, person.user, person.host, person.realname)
        isMeant = mask in ("", "*", "0") or matches(mask, person.source.mask)
        if isMeant or any(matches(mask, text) for text in texts):
            yield person


def shared(irc: IRCProtocol, person: Person) -> Room | None:
    """A room of C{person} that the client may see."""
    return next((room for room in person.rooms.values() if sees(room, irc)), None)


def _reply(irc: IRCProtocol, person: Person, room: Room | None) -> None:
    irc.numeric(
        RPL_WHOREPLY,
        room.name if room else "*",
        person.user,
        person.host,
        irc.factory.server,
        person.name,
        flags(irc, person, room),
        f"0 {person.realname}",
    )


def flags(irc: IRCProtocol, person: Person, room: Room | None) -> str:
    """Here or gone, operator, program, and what they are in the room."""
    letters = "G" if person.away else "H"
    letters += "*" if person.isOperator else ""
    letters += signsFor(irc, room, person) if room else ""
    return letters + ("B" if person.isBot else "")


def _extended(
    irc: IRCProtocol, person: Person, room: Room | None, wanted: str, token: str
) -> list[str]:
    """The fields that were asked for."""
    values: dict[str, Callable[[], str]] = {
        "t": lambda: token,
        "c": lambda: room.name if room else "*",
        "u": lambda: person.user,
        "i": lambda: person.address if person is irc else "255.255.255.255",
        "h": lambda: person.host,
        "s": lambda: irc.factory.server,
        "n": lambda: person.name,
        "f": lambda: flags(irc, person, room),
        "d": lambda: "0",
        "l": lambda: str(max(0, int(irc.lobby.now() - person.spokeAt))),
        "a": lambda: person.account or "0",
        "o": lambda: "n/a",
        "r": lambda: person.realname,
    }
    return [values[letter]() for letter in _ORDER if letter in wanted]


COMMANDS = {"WHO": Command(who)}
