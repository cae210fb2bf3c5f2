"""AWAY, SETNAME, USERHOST and ISON: who is there, and how.

RFC 2812 (4.1, 4.8, 4.9), IRCv3's setname.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.events import Changed
from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import (
    RPL_ISON,
    RPL_NOWAWAY,
    RPL_UNAWAY,
    RPL_USERHOST,
)
from protocols.chat.irc.registration import MAX_REALNAME
from protocols.chat.irc.welcome import MAX_AWAY
from protocols.chat.irc.wire import Message, fitting
from protocols.chat.text import styled

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


# What others read of a client at which nobody sits (pre-away).
NOBODY = "Not here"


def away(irc: IRCProtocol, message: Message) -> None:
    """Say why one does not answer, or that one does again.

    A client with pre-away may do so before it is there; C{*} says that nobody sits
    at it.
    """
    isEarly = not irc.isRegistered
    if isEarly and not irc.has("draft/pre-away"):
        irc.error("451")
        return
    text = fitting(message[0], MAX_AWAY)
    text = NOBODY if text == "*" and irc.has("draft/pre-away") else text
    if isEarly:
        irc.away = text
    elif text != irc.away:
        irc.lobby.change(irc, "away", text)
    if text:
        irc.numeric(RPL_NOWAWAY, "You have been marked as being away")
    else:
        irc.numeric(RPL_UNAWAY, "You are no longer marked as being away")


def setName(irc: IRCProtocol, message: Message) -> None:
    """Another real name."""
    name = styled(message[0])
    if not name or len(name.encode()) > MAX_REALNAME:
        irc.fail("SETNAME", "INVALID_REALNAME", "That real name is not valid")
        return
    event = Changed("", irc.source, "realname", name, irc.lobby.now())
    irc.lobby.change(irc, "realname", name)
    irc.send(irc.dialect.write(event))


def userHost(irc: IRCProtocol, message: Message) -> None:
    """Where up to five people come from."""
    found = []
    for name in message.params[:5]:
        if person := irc.lobby.find(name):
            star = "*" if person.isOperator else ""
            sign = "-" if person.away else "+"
            found.append(f"{person.name}{star}={sign}{person.user}@{person.host}")
    irc.numeric(RPL_USERHOST, " ".join(found))


def isOn(irc: IRCProtocol, message: Message) -> None:
    """Which of these people are here."""
    names = " ".join(message.params).split()
    found = [person.name for name in names if (person := irc.lobby.find(name))]
    irc.numeric(RPL_ISON, " ".join(found))


COMMANDS = {
    "AWAY": Command(away, isEarly=True),
    "SETNAME": Command(setName, 1),
    "USERHOST": Command(userHost, 1),
    "ISON": Command(isOn, 1),
}
