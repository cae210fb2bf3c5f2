"""What operators type at the line door: who keeps order, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from protocols.chat.bans import BanError
from protocols.chat.names import key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import MAX_MASKS, MAX_MEMBERS, Room
from protocols.chat.rules import MUTE

if TYPE_CHECKING:
    from protocols.chat.protocol import ChatProtocol

# Seconds between two postings in a slow room, at most: a day.
MAX_SLOW = 86_400

_FLAGS = {
    "invite-only": "i",
    "listed": "s",
    "members-only": "R",
    "moderated": "m",
    "topic-lock": "t",
}

# What may be set, as /help set shows it: in fewer than 80 columns.
SETTINGS = {
    "key WORD": "who joins has to say it",
    "limit N": "people in the room",
    "invite-only on": "only who was invited joins",
    "members-only on": "only who has logged in joins",
    "moderated on": "only who keeps order, or has a voice, speaks",
    "slow N": "seconds between two lines of one person",
    "listed off": "who is not in it does not see it",
    "topic-lock off": "everybody says what it is about",
}

# Octets of why somebody has to go, as IRC's doors have it.
MAX_REASON = 300


def kick(protocol: ChatProtocol, rest: str) -> None:
    """Have somebody leave the room: C{/kick NAME [why]}."""
    name, _, reason = rest.partition(" ")
    room = protocol.room
    target = _member(room, name, "kick whom? Type /kick NAME")
    protocol.factory.house.kick(protocol, room, target, _cut(reason.strip()))
    protocol.tell(f"{target.name} is out of {room.name}.")


def ban(protocol: ChatProtocol, rest: str) -> None:
    """Let somebody in no more: C{/ban WHOM [TIME] [why]}; in the room, or all."""
    words = rest.split(" ", 2)
    if not words[0]:
        raise RefusedError("ban whom? Type /ban NAME|NETWORK|MASK [1h] [why]")
    if not protocol.isOperator:
        raise RefusedError("only who keeps order in the whole chat bans; try /kick")
    hasTime = len(words) > 1 and words[1][:1].isdigit()
    duration = words[1] if hasTime else ""
    reason = _cut(" ".join(words[2 if hasTime else 1 :]))
    try:
        made = protocol.factory.house.ban(protocol, words[0], duration, reason)
    except BanError as error:
        raise RefusedError(str(error)) from None
    protocol.tell(f"{made.mask} is banned.")


def unban(protocol: ChatProtocol, rest: str) -> None:
    """Let somebody in again: C{/unban WHOM}."""
    if not protocol.isOperator:
        raise RefusedError("only who keeps order in the whole chat may do that")
    if not rest:
        raise RefusedError("unban whom? Type /unban WHOM; /bans shows them")
    try:
        gone = protocol.factory.house.unban(protocol, rest)
    except BanError as error:
        raise RefusedError(str(error)) from None
    protocol.tell(f"{gone.mask} is banned no more.")


def bans(protocol: ChatProtocol, rest: str) -> None:
    """Who is banned."""
    if not protocol.isOperator:
        raise RefusedError("only who keeps order in the whole chat may see that")
    active = protocol.factory.house.bans.active(protocol.lobby.now())
    for each in active[:100]:
        why = f": {each.reason}" if each.reason else ""
        protocol.tell(f"{each.kind} {each.mask}, by {each.by}{why}")
    count = len(active)
    protocol.tell(f"{count or 'No'} {'ban' if count == 1 else 'bans'}.")


def mute(protocol: ChatProtocol, rest: str) -> None:
    """Have somebody say nothing in the room: C{/mute NAME}."""
    _setMute(protocol, rest, True)


def unmute(protocol: ChatProtocol, rest: str) -> None:
    """Let somebody speak again: C{/unmute NAME}."""
    _setMute(protocol, rest, False)


def _setMute(protocol: ChatProtocol, name: str, on: bool) -> None:
    room, house = protocol.room, protocol.factory.house
    house.keepsOrder(room, protocol)
    target = _member(room, name, f"whom? Type /{'mute' if on else 'unmute'} NAME")
    masks = room.modes.lists.setdefault("b", {})
    mask = f"{MUTE}{target.name}!*@*"
    if on and len(masks) >= MAX_MASKS:
        raise RefusedError(f"{room.name} has {MAX_MASKS} bans already")
    if on:
        masks[mask] = (protocol.name, protocol.lobby.now())
    else:
        masks.pop(mask, None)
    house.change(protocol, room, f"{'+' if on else '-'}b {mask}")
    protocol.tell(f"{target.name} may {'not ' if on else ''}speak in {room.name}.")


def op(protocol: ChatProtocol, rest: str) -> None:
    """Have somebody keep order in the room too: C{/op NAME}."""
    _setRank(protocol, rest, True)


def deop(protocol: ChatProtocol, rest: str) -> None:
    """No longer: C{/deop NAME}."""
    _setRank(protocol, rest, False)


def _setRank(protocol: ChatProtocol, name: str, on: bool) -> None:
    room, house = protocol.room, protocol.factory.house
    house.keepsOrder(room, protocol)
    target = _member(room, name, f"whom? Type /{'op' if on else 'deop'} NAME")
    if room.setRank(target, "o", on):
        house.change(protocol, room, f"{'+' if on else '-'}o {target.name}")
    isOne = "keeps" if on else "does not keep"
    protocol.tell(f"{target.name} {isOne} order in {room.name}.")


def set_(protocol: ChatProtocol, rest: str) -> None:
    """What may be done in the room: C{/set WHAT on|off|VALUE}."""
    what, _, value = rest.partition(" ")
    room = protocol.room
    protocol.factory.house.keepsOrder(room, protocol)
    if what in _FLAGS:
        changes = _flag(room, _FLAGS[what], what, value)
    elif what in _VALUES:
        changes = _VALUES[what](room, "" if value == "off" else value)
    else:
        raise RefusedError("set what? /help set tells what there is")
    protocol.factory.house.change(protocol, room, changes)
    protocol.tell(f"In {room.name}, {what} is {value} now.")


def _flag(room: Room, letter: str, what: str, value: str) -> str:
    if value not in ("on", "off"):
        raise RefusedError(f"on or off? Type /set {what} on")
    on = (value == "on") != (what == "listed")
    flags = room.modes.flags
    flags.add(letter) if on else flags.discard(letter)
    return f"{'+' if on else '-'}{letter}"


def _key(room: Room, value: str) -> str:
    if set(value) & set(" ,:") or len(value) > 32:
        raise RefusedError("a key is one word of at most 32 letters")
    had, room.modes.key = room.modes.key, value
    return f"+k {value}" if value else f"-k {had or '*'}"


def _limit(room: Room, value: str) -> str:
    room.modes.limit = _whole(value, MAX_MEMBERS, "people")
    return f"+l {value}" if value else "-l"


def _slow(room: Room, value: str) -> str:
    room.modes.slow = float(_whole(value, MAX_SLOW, "seconds"))
    return f"+W {value}" if value else "-W"


_VALUES: dict[str, Callable[[Room, str], str]] = {
    "key": _key,
    "limit": _limit,
    "slow": _slow,
}


def _whole(value: str, most: int, unit: str) -> int:
    """A number of the field; 0 for nothing."""
    if not value:
        return 0
    if not (value.isascii() and value.isdigit() and 0 < int(value[:9]) <= most):
        raise RefusedError(f"how many {unit}? 1 to {most}, or off")
    return int(value)


def _member(room: Room, name: str, usage: str) -> Person:
    if not name:
        raise RefusedError(usage)
    target = room.members.get(key(name))
    if target is None:
        raise RefusedError(f"nobody in {room.name} is called {name}")
    return target


def _cut(text: str) -> str:
    return text.encode()[:MAX_REASON].decode("utf-8", "ignore")
