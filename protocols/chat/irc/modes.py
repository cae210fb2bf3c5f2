"""MODE: what may be done in a room, and by whom (RFC 2812, 3.1.5 and 3.2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from protocols.chat.gates import Gate
from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import (
    RPL_BANLIST,
    RPL_CHANNELMODEIS,
    RPL_CREATIONTIME,
    RPL_ENDOFBANLIST,
    RPL_ENDOFEXCEPTLIST,
    RPL_ENDOFINVITELIST,
    RPL_EXCEPTLIST,
    RPL_INVITELIST,
    RPL_UMODEIS,
)
from protocols.chat.irc.welcome import FLAGS, MAX_CHANGES, USER_MODES
from protocols.chat.irc.wire import Message
from protocols.chat.masks import wholeMask
from protocols.chat.names import key
from protocols.chat.room import LISTS, MAX_MASKS, MAX_MEMBERS, RANKS, Room
from protocols.chat.rules import MUTE, sees
from protocols.chat.text import styled

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Octets of a room's key; other servers have 23 to 32.
MAX_KEY = 32

_LIST_REPLIES = {
    "b": (RPL_BANLIST, RPL_ENDOFBANLIST, "End of channel ban list"),
    "e": (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST, "End of channel exception list"),
    "I": (RPL_INVITELIST, RPL_ENDOFINVITELIST, "End of channel invite list"),
}

_ATTRIBUTES = {"i": "isHidden", "B": "isBot", "o": "isOperator"}

# Of a client's own modes, that by which only who has logged in may write to it.
ONLY_ACCOUNTS = "R"

# A change: whether it is switched on, its letter, its parameter if there is one.
Change = tuple[bool, str, "str | None"]


def mode(irc: IRCProtocol, message: Message) -> None:
    """Ask for modes, or change them."""
    target = message[0]
    if target.startswith("#"):
        room = irc.lobby.room(target)
        if room is None:
            irc.error("403", target)
        elif not sees(room, irc) and not irc.isOperator:
            irc.error("442", room.name)
        elif len(message.params) == 1:
            _ask(irc, room)
        else:
            _change(irc, room, message)
        return
    person = irc.lobby.find(target)
    if person is None:
        irc.error("401", target or "*")
    elif person is not irc:
        irc.error("502")
    elif len(message.params) == 1:
        irc.numeric(RPL_UMODEIS, f"+{irc.userModes}")
    else:
        _changeUser(irc, message[1])


def changesIn(words: tuple[str, ...]) -> Iterator[Change]:
    """The changes that C{+o-v+b} and the parameters behind it mean."""
    letters, parameters = words[0], list(words[1:])
    on = True
    for letter in letters:
        if letter in "+-":
            on = letter == "+"
            continue
        wants = letter in (*LISTS, *RANKS, "k") or (letter == "l" and on)
        parameter = parameters.pop(0) if wants and parameters else None
        yield on, letter, parameter


def _ask(irc: IRCProtocol, room: Room) -> None:
    modes = room.modes
    letters = "".join(sorted(modes.flags))
    parameters = []
    isMember = key(irc.name) in room.members
    if modes.key:
        letters += "k"
        parameters.append(modes.key if isMember else "*")
    if modes.limit:
        letters += "l"
        parameters.append(str(modes.limit))
    irc.numeric(RPL_CHANNELMODEIS, room.name, f"+{letters}", *parameters)
    irc.numeric(RPL_CREATIONTIME, room.name, str(int(room.created)))


def _change(irc: IRCProtocol, room: Room, message: Message) -> None:
    """What was changed is told to all in one message."""
    done: list[Change] = []
    isAllowed, told = False, set[str]()
    for on, letter, parameter in list(changesIn(message.params[1:]))[:MAX_CHANGES]:
        if letter in LISTS and parameter is None:
            if letter not in told:
                _tellList(irc, room, letter)
            told.add(letter)
            continue
        if letter not in _ALL:
            irc.error("472", letter)
            continue
        if not isAllowed:
            isAllowed = True
            irc.factory.house.keepsOrder(room, irc)
        change = _APPLY[letter](irc, room, on, letter, parameter)
        if change is not None:
            done.append(change)
    if done:
        event = irc.factory.house.change(irc, room, written(done))
        irc.send(irc.dialect.write(event))


def written(changes: list[Change]) -> str:
    """Changes as one MODE has them: C{+o-v ann bob}."""
    letters, parameters, sign = "", [], ""
    for on, letter, parameter in changes:
        now = "+" if on else "-"
        letters += letter if now == sign else now + letter
        sign = now
        parameters.extend([parameter] if parameter is not None else [])
    return " ".join([letters, *parameters])


def _tellList(irc: IRCProtocol, room: Room, letter: str) -> None:
    item, end, text = _LIST_REPLIES[letter]
    for mask, (by, when) in room.modes.lists.get(letter, {}).items():
        irc.numeric(item, room.name, mask, by, str(int(when)))
    irc.numeric(end, room.name, text)


def _flag(
    irc: IRCProtocol, room: Room, on: bool, letter: str, parameter: str | None
) -> Change | None:
    flags = room.modes.flags
    if (letter in flags) == on:
        return None
    flags.symmetric_difference_update(letter)
    return on, letter, None


def _key(
    irc: IRCProtocol, room: Room, on: bool, letter: str, parameter: str | None
) -> Change | None:
    if not on:
        had, room.modes.key = room.modes.key, ""
        return (False, "k", had) if had else None
    if parameter is None:
        irc.error("461", "MODE")
        return None
    isBad = not parameter.isprintable() or set(parameter) & set(" ,:")
    if isBad or not 0 < len(parameter.encode()) <= MAX_KEY:
        irc.error("696", room.name, "k", "*")
        return None
    room.modes.key = parameter
    return True, "k", parameter


def _limit(
    irc: IRCProtocol, room: Room, on: bool, letter: str, parameter: str | None
) -> Change | None:
    if not on:
        had, room.modes.limit = room.modes.limit, 0
        return (False, "l", None) if had else None
    if parameter is None:
        irc.error("461", "MODE")
        return None
    isNumber = parameter.isascii() and parameter.isdigit() and len(parameter) < 10
    if not isNumber or not 0 < int(parameter) <= MAX_MEMBERS:
        irc.error("696", room.name, "l", parameter or "*")
        return None
    room.modes.limit = int(parameter)
    return True, "l", str(int(parameter))


def _listed(
    irc: IRCProtocol, room: Room, on: bool, letter: str, parameter: str | None
) -> Change | None:
    masks = room.modes.lists.setdefault(letter, {})
    mask = normalMask(parameter or "")
    if not on:
        return (False, letter, mask) if masks.pop(mask, None) else None
    if mask in masks:
        return None
    if len(masks) >= MAX_MASKS:
        irc.error("478", room.name, letter)
        return None
    masks[mask] = (irc.source.mask, irc.lobby.now())
    return True, letter, mask


def normalMask(mask: str) -> str:
    """A mask as it is kept: whole, unless it is about an account, and shown to all."""
    mask = styled(mask)
    mute = MUTE if mask.startswith(MUTE) else ""
    mask = mask.removeprefix(mute).replace(" ", "")[:200]
    return mute + (mask if mask.startswith("$") else wholeMask(mask))


def _rank(
    irc: IRCProtocol, room: Room, on: bool, letter: str, parameter: str | None
) -> Change | None:
    if not parameter:
        irc.error("461", "MODE")
        return None
    target = room.members.get(key(parameter))
    if target is None:
        isHere = irc.lobby.find(parameter) is not None
        irc.error(*(("441", parameter, room.name) if isHere else ("401", parameter)))
        return None
    return (on, letter, target.name) if room.setRank(target, letter, on) else None


_APPLY = {
    **dict.fromkeys(FLAGS, _flag),
    **dict.fromkeys(LISTS, _listed),
    **dict.fromkeys(RANKS, _rank),
    "k": _key,
    "l": _limit,
}
_ALL = frozenset(_APPLY)


def _changeUser(irc: IRCProtocol, letters: str) -> None:
    done: list[Change] = []
    unknown = False
    for on, letter, _ in changesIn((letters,)):
        if letter not in USER_MODES:
            unknown = True
        elif letter == "o" and on:
            continue
        elif (letter in irc.userModes) != on:
            _setUser(irc, letter, on)
            done.append((on, letter, None))
    if done:
        irc.fromUser("MODE", irc.name, written(done))
    if unknown:
        irc.error("501")


def _setUser(irc: IRCProtocol, letter: str, on: bool) -> None:
    if letter == ONLY_ACCOUNTS:
        irc.gate = irc.gate or Gate()
        irc.gate.onlyAccounts = on
    else:
        setattr(irc, _ATTRIBUTES[letter], on)


COMMANDS = {"MODE": Command(mode, 1)}
