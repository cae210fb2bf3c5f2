"""KLINE, DLINE, UNKLINE, UNDLINE and STATS: who is not let in at all.

Operators of IRC know these commands (ircd-hybrid, InspIRCd); the bans are those of
the whole chat, which C{/ban} makes too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.bans import NETWORK, BanError
from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import (
    RPL_ENDOFSTATS,
    RPL_STATSDLINE,
    RPL_STATSKLINE,
    RPL_STATSUPTIME,
)
from protocols.chat.irc.welcome import MAX_REASON
from protocols.chat.irc.wire import Message, fitting

if TYPE_CHECKING:
    from protocols.chat.bans import Ban
    from protocols.chat.irc.protocol import IRCProtocol


def ban(irc: IRCProtocol, message: Message) -> None:
    """C{KLINE [minutes or 1d12h] mask [:reason]}; the mask may be a network."""
    if not irc.isOperator:
        irc.error("481")
        return
    time, mask, reason = _parts(message)
    if not mask:
        irc.error("461", message.command)
        return
    try:
        made = irc.factory.house.ban(irc, mask, time, fitting(reason, MAX_REASON))
    except BanError as error:
        irc.notice(f"{message.command}: {error}")
        return
    irc.notice(f"{made.mask} is banned{f' for {time}' if time else ''}.")


def _parts(message: Message) -> tuple[str, str, str]:
    """How long, whom, and why; a number alone are minutes."""
    words = message.params
    hasTime = len(words) > 1 and words[0][:1].isdigit() and _isTime(words[0])
    time, mask, reason = words[:3] if len(words) > 2 else (*words, "", "")[:3]
    if not hasTime:
        return "", words[0], " ".join(words[1:])
    return (f"{time}m" if time.isdigit() else time), mask, reason


def _isTime(word: str) -> bool:
    return word.isascii() and word.strip("0123456789smhdw") == ""


def unban(irc: IRCProtocol, message: Message) -> None:
    """Let somebody in again."""
    if not irc.isOperator:
        irc.error("481")
        return
    try:
        gone = irc.factory.house.unban(irc, message[0])
    except BanError as error:
        irc.notice(f"{message.command}: {error}")
        return
    irc.notice(f"{gone.mask} is banned no more.")


def stats(irc: IRCProtocol, message: Message) -> None:
    """C{STATS k}: bans of names and masks; C{d}: of networks; C{u}: since when."""
    letter = message[0].strip()[:1] or "*"
    if letter in "uU":
        up = int(irc.lobby.now() - irc.factory.started)
        days, rest = divmod(up, 86400)
        clock = f"{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
        irc.numeric(RPL_STATSUPTIME, f"Server Up {days} days {clock}")
    elif letter in "kKdDgG" and not irc.isOperator:
        irc.error("481")
        return
    elif letter in "kKdDgG":
        wantsNetworks = letter in "dD"
        for each in irc.factory.house.bans.active(irc.lobby.now()):
            if (each.kind == NETWORK) == wantsNetworks:
                _tellBan(irc, each)
    irc.numeric(RPL_ENDOFSTATS, letter, "End of STATS report")


def _tellBan(irc: IRCProtocol, ban: Ban) -> None:
    reason = f"{ban.reason or 'no reason'} ({ban.by})"
    if ban.kind == NETWORK:
        irc.numeric(RPL_STATSDLINE, "D", ban.mask, reason)
    else:
        irc.numeric(RPL_STATSKLINE, "K", ban.mask, "*", "*", reason)


COMMANDS = {
    "KLINE": Command(ban, 1),
    "DLINE": Command(ban, 1),
    "UNKLINE": Command(unban, 1),
    "UNDLINE": Command(unban, 1),
    "STATS": Command(stats),
}
