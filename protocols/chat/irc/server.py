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
    "PART": ("PART #room{,#room} [:why]", "Leave rooms."),
    "LIST": (
        "LIST [#room|*mask*|!*mask*|<9|>9|C<60|T<60]{,...}",
        "The rooms; by name, by how many are in, by minutes since made or TOPIC.",
    ),
    "AWAY": ("AWAY [:why]", "Say that you do not answer; without words, that you do."),
    "INVITE": ("INVITE name #room", "Ask somebody in."),
    "KICK": ("KICK #room name [:why]", "Have somebody leave."),
    "MODE": (
        "MODE #room [+-CMRimnstbeIklov [parameters]], MODE name [+-BRi]",
        "b: may not join or speak; e: may nevertheless; I: is invited; k: key;",
        "l: how many; o: keeps order; v: may speak; C: nothing for programs;",
        "M, R: who has not logged in does not speak, or join; i: by invitation;",
        "m: moderated; n: only from inside; s: secret; t: who sets the topic.",
        "Your own: B: a program; R: only who has logged in may write; i: hidden.",
    ),
    "REGISTER": ("REGISTER * * :password", "Make your name an account."),
    "MONITOR": ("MONITOR +name{,name}, - C L S", "Be told when somebody comes."),
    "CHATHISTORY": (
        "CHATHISTORY LATEST #room|name * 50, TARGETS timestamp=... timestamp=... 50",
        "What was said. Also BEFORE, AFTER, AROUND, BETWEEN.",
    ),
    "SILENCE": ("SILENCE [+mask|-mask]", "Do not hear somebody in private."),
    "ACCEPT": ("ACCEPT name|-name|*", "Who may write to you when you have mode R."),
    "METADATA": (
        "METADATA *|#room|name GET|LIST|SET|CLEAR|SYNC [key [:value]]",
        "What people and rooms say about themselves; SUB, UNSUB, SUBS: be told.",
    ),
    "KLINE": (
        "KLINE [30|1d12h] mask|account:name|network [:why]; also DLINE",
        "For operators: let somebody in no more. UNKLINE: again. STATS k, STATS d.",
    ),
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


def isupport(irc: IRCProtocol, message: Message) -> None:
    """What this server can do, once more or before the client is there."""
    if irc.isRegistered or irc.has("draft/extended-isupport"):
        welcome.isupport(irc)
    else:
        irc.error("451")


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
    "ISUPPORT": Command(isupport, isEarly=True),
    "TIME": Command(time),
    "INFO": Command(info),
    "ADMIN": Command(admin),
    "LINKS": Command(links),
    "HELP": Command(help_),
    "HELPOP": Command(help_),
}
