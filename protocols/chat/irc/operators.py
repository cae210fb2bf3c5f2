"""OPER, KILL, WALLOPS and REHASH: who keeps order (RFC 2812, 3.1.4, 3.7, 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.irc.command import Command
from protocols.chat.irc.login import loginFailed
from protocols.chat.irc.numerics import RPL_REHASHING, RPL_YOUREOPER
from protocols.chat.irc.welcome import MAX_REASON
from protocols.chat.irc.wire import Message, fitting, written
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


def oper(irc: IRCProtocol, message: Message) -> Hooked:
    """Say that one keeps order, with a name and a password."""
    if not irc.factory.backoff.mayTry(irc.address, irc.factory.clock.seconds()):
        irc.error("464", text="Too many logins were refused; try again later")
        return None
    checked = irc.factory.house.checkOperator(message[0], message[1])
    if checked is None:
        irc.error("491")
        return None
    done: Hooked = checked.addCallback(_operator, irc)
    return done


def _operator(isOne: bool, irc: IRCProtocol) -> None:
    if not isOne:
        irc.error("464")
        loginFailed(irc)
        return
    irc.isOperator = True
    irc.numeric(RPL_YOUREOPER, "You are now an operator")
    irc.fromUser("MODE", irc.name, "+o")


def kill(irc: IRCProtocol, message: Message) -> None:
    """Have somebody leave the chat."""
    if not irc.isOperator:
        irc.error("481")
        return
    target = irc.lobby.find(message[0])
    if target is None:
        irc.error("401", message[0] or "*")
        return
    reason = fitting(message[1], MAX_REASON) or "no reason"
    irc.lobby.flush(target)
    if target.dialect.tellsOnce:
        target.deliver(written(irc.source.mask, "KILL", target.name, reason))
    target.sendAway(f"Killed ({irc.name} ({reason}))")


def wallops(irc: IRCProtocol, message: Message) -> None:
    """Tell all operators, and who wants to know."""
    if not irc.isOperator:
        irc.error("481")
        return
    line = written(irc.source.mask, "WALLOPS", fitting(message[0], MAX_REASON))
    for person in irc.factory.clients():
        if person.isOperator:
            person.send(line)


def rehash(irc: IRCProtocol, message: Message) -> None:
    """Read the configuration again."""
    if not irc.isOperator:
        irc.error("481")
        return
    irc.factory.house.reload()
    irc.numeric(RPL_REHASHING, "configuration", "Rehashing")


COMMANDS = {
    "OPER": Command(oper, 2),
    "KILL": Command(kill, 1),
    "WALLOPS": Command(wallops, 1),
    "REHASH": Command(rehash),
}
