"""METADATA: what people and rooms say about themselves, such as a picture.

IRCv3's metadata, as C{draft/metadata-3}: like C{metadata-2}, but what is told is 761
and 766. A room's is kept with the room; a person's lasts as long as they are here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from protocols.chat.irc.command import Command
from protocols.chat.irc.metadatatold import CAP, keyLine, syncLines, tellChange
from protocols.chat.irc.numerics import (
    RPL_METADATASUBOK,
    RPL_METADATASUBS,
    RPL_METADATASYNCLATER,
    RPL_METADATAUNSUBOK,
)
from protocols.chat.irc.wire import Message
from protocols.chat.names import key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import Room
from protocols.chat.rules import sees
from protocols.chat.text import styled

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Of one person or room; keys that a client is told of. Others have 20 to 50.
MAX_KEYS = 20
MAX_SUBSCRIPTIONS = 50

# Octets of a value: with the longest names it fits into a message.
MAX_VALUE = 300

VALUE = (
    f"before-connect,max-subs={MAX_SUBSCRIPTIONS},max-keys={MAX_KEYS},"
    f"max-value-bytes={MAX_VALUE}"
)

_KEY = re.compile(r"[a-z0-9_./-]{1,40}")


def metadata(irc: IRCProtocol, message: Message) -> None:
    """C{METADATA target subcommand [parameters]}; C{*} is the client itself."""
    if not irc.has(CAP):
        irc.error("451" if not irc.isRegistered else "421", "METADATA")
        return
    name, what = message[0], message[1].upper()
    if what not in _COMMANDS:
        text = "There is no such subcommand"
        irc.fail("METADATA", "SUBCOMMAND_INVALID", message[1] or "*", text)
        return
    target = targetOf(irc, name)
    if target is None:
        text = "There is nobody and nothing like that"
        irc.fail("METADATA", "INVALID_TARGET", name or "*", text)
        return
    _COMMANDS[what](irc, target, message.params[2:])


def targetOf(irc: IRCProtocol, name: str) -> Person | Room | None:
    """Whose metadata is meant, if the client may know of it."""
    if name == "*" or not irc.isRegistered:
        return irc if name == "*" else None
    room = irc.lobby.room(name)
    if room is None:
        return irc.lobby.find(name)
    isOpen = "i" not in room.modes.flags or key(irc.name) in room.members
    return room if sees(room, irc) and isOpen else None


def _isKey(irc: IRCProtocol, name: str) -> bool:
    if _KEY.fullmatch(name):
        return True
    irc.fail("METADATA", "KEY_INVALID", name or "*", "That is no key")
    return False


def _get(irc: IRCProtocol, target: Person | Room, words: tuple[str, ...]) -> None:
    with irc.batch("metadata", target.name or "*"):
        for name in words:
            if _isKey(irc, name):
                irc.send(keyLine(irc, target, name))


def _list(irc: IRCProtocol, target: Person | Room, words: tuple[str, ...]) -> None:
    with irc.batch("metadata", target.name or "*"):
        for name in target.metadata:
            irc.send(keyLine(irc, target, name))


def _mayChange(irc: IRCProtocol, target: Person | Room, name: str) -> bool:
    try:
        if isinstance(target, Room):
            irc.factory.house.keepsOrder(target, irc)
        elif target is not irc:
            raise RefusedError("that is somebody else's")
    except RefusedError as error:
        irc.fail("METADATA", "KEY_NO_PERMISSION", target.name, name, str(error))
        return False
    return True


def _set(irc: IRCProtocol, target: Person | Room, words: tuple[str, ...]) -> None:
    name = words[0] if words else ""
    if not (_isKey(irc, name) and _mayChange(irc, target, name)):
        return
    place = target.name or "*"
    isKnown = name in target.metadata
    if len(words) > 1:
        value = styled(words[1])
        if len(value.encode()) > MAX_VALUE:
            irc.fail("METADATA", "INVALID_VALUE", name, "That value is too long")
        elif not isKnown and len(target.metadata) >= MAX_KEYS:
            irc.fail("METADATA", "LIMIT_REACHED", place, "These are too many keys")
        else:
            _change(irc, target, name, value)
            irc.send(keyLine(irc, target, name))
    elif not isKnown:
        irc.fail("METADATA", "KEY_NOT_SET", place, name, "That key is not set")
    else:
        _change(irc, target, name, None)
        irc.send(keyLine(irc, target, name))


def _change(
    irc: IRCProtocol, target: Person | Room, name: str, value: str | None
) -> None:
    others = {each: v for each, v in target.metadata.items() if each != name}
    target.metadata = others if value is None else {**others, name: value}
    if isinstance(target, Room):
        irc.lobby.roomChanged(target)
    tellChange(irc, target, name)


def _clear(irc: IRCProtocol, target: Person | Room, words: tuple[str, ...]) -> None:
    if not _mayChange(irc, target, "*"):
        return
    with irc.batch("metadata", target.name or "*"):
        for name in list(target.metadata):
            _change(irc, target, name, None)
            irc.send(keyLine(irc, target, name))


def _subscribe(irc: IRCProtocol, target: object, words: tuple[str, ...]) -> None:
    done = []
    for name in filter(lambda name: _isKey(irc, name), words):
        isNew = name not in irc.subscribed
        if isNew and len(irc.subscribed) >= MAX_SUBSCRIPTIONS:
            irc.fail("METADATA", "TOO_MANY_SUBS", name, "These are too many keys")
            break
        irc.subscribed |= {name}
        done.append(name)
    if done:
        irc.factory.house.subscribers.add(irc)
        irc.numeric(RPL_METADATASUBOK, *done)
    for room in irc.rooms.values():
        if syncLines(irc, room, done):
            irc.numeric(RPL_METADATASYNCLATER, room.name)


def _unsubscribe(irc: IRCProtocol, target: object, words: tuple[str, ...]) -> None:
    done = [name for name in words if _isKey(irc, name)]
    irc.subscribed -= set(done)
    if done:
        irc.numeric(RPL_METADATAUNSUBOK, *done)


def _subscriptions(irc: IRCProtocol, target: object, words: Iterable[str]) -> None:
    with irc.batch("metadata-subs"):
        names = sorted(irc.subscribed)
        for at in range(0, len(names), 10):
            irc.numeric(RPL_METADATASUBS, *names[at : at + 10])


def _sync(irc: IRCProtocol, target: Person | Room, words: Iterable[str]) -> None:
    with irc.batch("metadata", target.name or "*"):
        for line in syncLines(irc, target, irc.subscribed):
            irc.send(line)


_COMMANDS: dict[str, Callable[..., None]] = {
    "GET": _get,
    "LIST": _list,
    "SET": _set,
    "CLEAR": _clear,
    "SUB": _subscribe,
    "UNSUB": _unsubscribe,
    "SUBS": _subscriptions,
    "SYNC": _sync,
}

COMMANDS = {"METADATA": Command(metadata, 2, isEarly=True)}
