"""NAMES and LIST (RFC 2812, 3.2.5 and 3.2.6; ELIST of modern.ircdocs.horse)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from protocols.chat.irc.capabilities import inLines
from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import (
    RPL_ENDOFNAMES,
    RPL_LIST,
    RPL_LISTEND,
    RPL_LISTSTART,
    RPL_NAMREPLY,
)
from protocols.chat.irc.wire import Message
from protocols.chat.masks import matches
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import Room
from protocols.chat.rules import sees
from protocols.chat.turnstile import costOfTelling
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Channels of one NAMES, as TARGMAX says.
MAX_NAMES = 4

_CONDITION = re.compile(r"([CT]?)([<>])([0-9]{1,9})", re.IGNORECASE)

Condition = Callable[[Room, float], bool]


def names(irc: IRCProtocol, message: Message) -> Hooked:
    """Who is in rooms."""
    if not message[0]:
        irc.numeric(RPL_ENDOFNAMES, "*", "End of NAMES list")
        return None
    asked = message[0].split(",")[:MAX_NAMES]
    done: Hooked = irc.factory.house.turnstile.letIn(
        lambda: costOfNames(irc, asked), lambda: _tellEach(irc, asked, message[0])
    )
    return done


def _tellEach(irc: IRCProtocol, asked: list[str], text: str) -> None:
    """Unless they have gone while they waited for their turn."""
    if not irc.name:
        return
    for name in asked:
        room = irc.lobby.room(name)
        if room is not None and sees(room, irc):
            room.outbox.seen()
            tellNames(irc, room)
    irc.numeric(RPL_ENDOFNAMES, text, "End of NAMES list")


def costOfNames(irc: IRCProtocol, asked: Iterable[str]) -> float:
    """What it costs to tell who is in rooms; see L{Turnstile.letIn}."""
    rooms = (irc.lobby.rooms.get(key(name)) for name in asked)
    return costOfTelling(len(room.members) for room in rooms if room)


def tellNames(irc: IRCProtocol, room: Room) -> None:
    """The members of a room, as many in a line as the line holds."""
    kind = "@" if "s" in room.modes.flags else "="
    if key(irc.name) in room.members:
        hosts, all_ = irc.has("userhost-in-names"), irc.has("multi-prefix")
        lines = irc.factory.rosters.lines(room, hosts=hosts, all_=all_)
        server = irc.factory.server
        head = f":{server} {RPL_NAMREPLY} {irc.nick} {kind} {room.name} ".encode()
        colons = [b":" if b" " in line else b"" for line in lines]
        each = zip(colons, lines, strict=True)
        irc.send(b"".join([b"%b%b%b\r\n" % (head, *words) for words in each]))
        return
    seen = [each for each in room.members.values() if not each.isHidden]
    words = [nameIn(irc, room, person) for person in seen]
    for line in inLines(words) if words else ():
        irc.numeric(RPL_NAMREPLY, kind, room.name, line)


def nameIn(irc: IRCProtocol, room: Room, person: Person) -> str:
    """A member's name, with its signs."""
    name = person.source.mask if irc.has("userhost-in-names") else person.name
    return signsFor(irc, room, person) + name


def signsFor(irc: IRCProtocol, room: Room, person: Person) -> str:
    """The signs of a member: the highest, or all if the client wants them."""
    signs = room.signs(person) if room.ranks else ""
    return signs if irc.has("multi-prefix") else signs[:1]


def list_(irc: IRCProtocol, message: Message) -> None:
    """The rooms that may be seen, all or those that are meant."""
    wanted, conditions = _wanted(irc, message[0])
    now = irc.lobby.now()
    irc.numeric(RPL_LISTSTART, "Channel", "Users  Name")
    for room in wanted:
        if sees(room, irc) and all(holds(room, now) for holds in conditions):
            count = str(len(room.members))
            irc.numeric(RPL_LIST, room.name, count, room.topic.text)
    irc.numeric(RPL_LISTEND, "End of LIST")


def _wanted(irc: IRCProtocol, asked: str) -> tuple[list[Room], list[Condition]]:
    """The rooms that are named, or all; and what they have to be."""
    rooms: list[Room] = []
    conditions: list[Condition] = []
    isNamed = False
    for word in filter(None, asked.split(",")):
        if found := _CONDITION.fullmatch(word):
            conditions.append(_condition(*found.groups()))
        elif word.startswith("!"):
            conditions.append(_unlike(word[1:]))
        elif "*" in word or "?" in word:
            conditions.append(_like(word))
        else:
            isNamed = True
            room = irc.lobby.room(word)
            rooms.extend([room] if room else [])
    return rooms if isNamed else list(irc.lobby.rooms.values()), conditions


def _condition(letter: str, sign: str, number: str) -> Condition:
    """C{<5}, C{>5}: members; C{C<5}: made less than so many minutes ago."""
    value = int(number)

    def holds(room: Room, now: float) -> bool:
        if not letter:
            size = len(room.members)
            return size < value if sign == "<" else size > value
        since = room.created if letter.upper() == "C" else room.topic.time
        if not since:
            return False
        minutes = (now - since) / 60
        return minutes < value if sign == "<" else minutes > value

    return holds


def _like(mask: str) -> Condition:
    return lambda room, now: matches(mask, room.name)


def _unlike(mask: str) -> Condition:
    return lambda room, now: not matches(mask, room.name)


COMMANDS = {"NAMES": Command(names), "LIST": Command(list_)}
