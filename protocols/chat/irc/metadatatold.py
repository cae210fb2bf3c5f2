"""Who is told of what people and rooms say about themselves (IRCv3's metadata)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from protocols.chat.irc.numerics import (
    RPL_KEYNOTSET,
    RPL_KEYVALUE,
    RPL_METADATASYNCLATER,
    RPL_WHOISKEYVALUE,
)
from protocols.chat.irc.wire import written
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.room import Room

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

CAP = "draft/metadata-3"

# Lines that who joins a room is told at once; of more it has to ask.
MAX_AT_ONCE = 100

# All can see all that there is.
_EVERYBODY = "*"


def keyLine(irc: IRCProtocol, target: Person | Room, name: str) -> bytes:
    """What a key is set to, or that it is not."""
    value, place = target.metadata.get(name), target.name or "*"
    server, nick = irc.factory.server, irc.nick
    if value is None:
        text = "That key is not set"
        return written(server, RPL_KEYNOTSET, nick, place, name, text)
    return written(server, RPL_KEYVALUE, nick, place, name, _EVERYBODY, value)


def syncLines(
    irc: IRCProtocol, target: Person | Room, names: Collection[str]
) -> list[bytes]:
    """What a client wants to know of somebody, or of a room and all in there."""
    members = target.members.values() if isinstance(target, Room) else ()
    return [
        keyLine(irc, each, name)
        for each in (target, *(one for one in members if one.metadata))
        for name in each.metadata
        if name in names
    ]


def tellChange(irc: IRCProtocol, target: Person | Room, name: str) -> None:
    """Tell who wants to know and is near."""
    for other in list(irc.factory.house.subscribers):
        isMeant = other is not irc and name in other.subscribed
        if isMeant and other.isRegistered and _isNear(other, target):
            other.send(keyLine(other, target, name))


def _isNear(other: Person, target: Person | Room) -> bool:
    if isinstance(target, Room):
        return key(target.name) in other.rooms
    if not target.name:
        return False
    return bool(other.rooms.keys() & target.rooms.keys()) or (
        key(target.name) in other.watched
    )


def tellJoined(irc: IRCProtocol, room: Room) -> None:
    """Somebody has joined: what they want to know, and others of them."""
    if irc.subscribed:
        lines = syncLines(irc, room, irc.subscribed)
        if len(lines) > MAX_AT_ONCE:
            irc.numeric(RPL_METADATASYNCLATER, room.name)
        else:
            for line in lines:
                irc.send(line)
    if irc.metadata:
        place = key(room.name)
        for other in list(irc.factory.house.subscribers):
            if other is not irc and place in other.rooms:
                _tellOf(irc, other, room)


def _tellOf(irc: IRCProtocol, other: IRCProtocol, room: Room) -> None:
    lines = syncLines(other, irc, other.subscribed)
    if lines:
        room.flush()  # They have to know first who has come.
    for line in lines:
        other.send(line)


def tellOwn(irc: IRCProtocol) -> None:
    """What a client has said of itself before it was there, and who waits for it."""
    if irc.has(CAP):
        with irc.batch("metadata", irc.nick):
            for name in irc.metadata:
                irc.send(keyLine(irc, irc, name))
    for name in irc.metadata:
        tellChange(irc, irc, name)


def tellWatched(irc: IRCProtocol, person: Person) -> None:
    """A client watches for somebody from now on."""
    if irc.subscribed:
        for line in syncLines(irc, person, irc.subscribed):
            irc.send(line)


def tellWhois(irc: IRCProtocol, person: Person) -> None:
    """What somebody says about themselves, for who asks who they are."""
    if irc.has(CAP):
        for name, value in person.metadata.items():
            words = (person.name, name, _EVERYBODY, value)
            irc.numeric(RPL_WHOISKEYVALUE, *words)
