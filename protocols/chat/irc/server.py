"""What a client may ask the server about itself (RFC 2812, 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.irc import welcome
from protocols.chat.irc.command import Command
from protocols.chat.irc.dialect import stamp
from protocols.chat.irc.numerics import (
    RPL_ADMINEMAIL,
    RPL_ADMINLOC1,
    RPL_ADMINLOC2,
    RPL_ADMINME,
    RPL_ENDOFHELP,
    RPL_ENDOFINFO,
    RPL_ENDOFLINKS,
    RPL_HELPSTART,
    RPL_HELPTXT,
    RPL_INFO,
    RPL_LINKS,
    RPL_TIME,
    RPL_VERSION,
)
from protocols.chat.irc.wire import Message

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

HELP = {
    "": (
        "JOIN #room, PART #room: enter and leave rooms. LIST: all rooms.",
        "PRIVMSG #room :text, PRIVMSG name :text: say something.",
        "NICK name: another name. QUIT: go.",
        "HELP PRIVMSG and the like say more about one command.",
    ),
    "PRIVMSG": ("PRIVMSG target{,target} :text", "Say something to rooms or people."),
    "JOIN": ("JOIN #room{,#room} [key{,key}]", "Enter rooms."),
    "NICK": ("NICK name", "Take another name."),
    "TOPIC": ("TOPIC #room [:text]", "Ask or say what a room is about."),
}


def motd(irc: IRCProtocol, message: Message) -> None:
    """The message of the day."""
    if _isOurs(irc, message):
        welcome.motd(irc)


def lusers(irc: IRCProtocol, message: Message) -> None:
    """How many people there are."""
    welcome.lusers(irc)


def version(irc: IRCProtocol, message: Message) -> None:
    """What the server runs."""
    if _isOurs(irc, message):
        factory = irc.factory
        words = (factory.version, factory.server, "twisted")
        irc.numeric(RPL_VERSION, *words)
        welcome.isupport(irc)


def time(irc: IRCProtocol, message: Message) -> None:
    """What time it is there."""
    if _isOurs(irc, message):
        now = irc.lobby.now()
        irc.numeric(RPL_TIME, irc.factory.server, stamp(now))


def info(irc: IRCProtocol, message: Message) -> None:
    """What the server is."""
    if _isOurs(irc, message):
        irc.numeric(RPL_INFO, f"{irc.factory.version}, a chat with many doors")
        irc.numeric(RPL_INFO, f"Started at {stamp(irc.factory.started)}")
        irc.numeric(RPL_ENDOFINFO, "End of INFO list")


def admin(irc: IRCProtocol, message: Message) -> None:
    """Whom to ask."""
    if _isOurs(irc, message):
        factory = irc.factory
        irc.numeric(RPL_ADMINME, factory.server, "Administrative info")
        irc.numeric(RPL_ADMINLOC1, factory.network)
        irc.numeric(RPL_ADMINLOC2, factory.server)
        irc.numeric(RPL_ADMINEMAIL, factory.admin)


def links(irc: IRCProtocol, message: Message) -> None:
    """The servers of the network: this one."""
    server = irc.factory.server
    irc.numeric(RPL_LINKS, server, server, f"0 {irc.factory.description}")
    irc.numeric(RPL_ENDOFLINKS, "*", "End of LINKS list")


def help_(irc: IRCProtocol, message: Message) -> None:
    """What one may send."""
    subject = message[0].upper()
    if subject not in HELP:
        irc.error("524", message[0])
        return
    shown = subject or "*"
    first, *rest = HELP[subject]
    irc.numeric(RPL_HELPSTART, shown, first)
    for line in rest:
        irc.numeric(RPL_HELPTXT, shown, line)
    irc.numeric(RPL_ENDOFHELP, shown, "End of HELP")


def _isOurs(irc: IRCProtocol, message: Message) -> bool:
    """Whether the server is asked, and no other; a member's name means theirs."""
    asked = message[0].casefold()
    same = asked in ("", irc.factory.server.casefold())
    if same or irc.lobby.find(asked) is not None:
        return True
    irc.error("402", message[0])
    return False


COMMANDS = {
    "MOTD": Command(motd),
    "LUSERS": Command(lusers),
    "VERSION": Command(version),
    "TIME": Command(time),
    "INFO": Command(info),
    "ADMIN": Command(admin),
    "LINKS": Command(links),
    "HELP": Command(help_),
    "HELPOP": Command(help_),
}
