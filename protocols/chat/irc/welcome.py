"""What a client is told when it has registered (RFC 2812, 5.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from protocols.chat.gates import MAX_SILENCED
from protocols.chat.irc.capabilities import inLines
from protocols.chat.irc.census import Count, countedIn
from protocols.chat.irc.dialect import stamp
from protocols.chat.irc.metadatatold import tellOwn
from protocols.chat.irc.numerics import (
    RPL_CREATED,
    RPL_ENDOFMOTD,
    RPL_GLOBALUSERS,
    RPL_ISUPPORT,
    RPL_LOCALUSERS,
    RPL_LUSERCHANNELS,
    RPL_LUSERCLIENT,
    RPL_LUSERME,
    RPL_LUSEROP,
    RPL_LUSERUNKNOWN,
    RPL_MOTD,
    RPL_MOTDSTART,
    RPL_MYINFO,
    RPL_UMODEIS,
    RPL_WELCOME,
    RPL_YOURHOST,
)
from protocols.chat.irc.wire import written
from protocols.chat.names import MAX_NAME
from protocols.chat.room import MAX_MASKS, MAX_ROOMS_EACH
from protocols.chat.watchers import MAX_WATCHED

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Octets of a topic, of what is said to who is kicked, and of why somebody is
# away: each fits into a message with the longest names around it.
MAX_TOPIC = 390
MAX_REASON = 300
MAX_AWAY = 200

# Changes with parameters in one MODE, and targets of one command.
MAX_CHANGES = 20
MAX_TARGETS = 20

# Lines of history in one answer.
MAX_PAGE = 100

USER_MODES = "BRio"
FLAGS = "CMRimnst"

ISUPPORT = (
    *("ACCOUNTEXTBAN=a", f"AWAYLEN={MAX_AWAY}", "BOT=B", "CASEMAPPING=ascii"),
    *(f"CHANLIMIT=#:{MAX_ROOMS_EACH}", f"CHANMODES=beI,k,l,{FLAGS}"),
    *(f"CHANNELLEN={MAX_NAME + 1}", "CHANTYPES=#", f"CHATHISTORY={MAX_PAGE}"),
    *("ELIST=CMNTU", "EXCEPTS", "EXTBAN=$,am", f"HOSTLEN={64}", "INVEX"),
    *(f"KICKLEN={MAX_REASON}", f"MAXLIST=beI:{MAX_MASKS}", f"MODES={MAX_CHANGES}"),
    *(f"MONITOR={MAX_WATCHED}", "MSGREFTYPES=msgid,timestamp", "NETWORK={network}"),
    *(f"NICKLEN={MAX_NAME}", "PREFIX=(ov)@+", "SAFELIST", f"SILENCE={MAX_SILENCED}"),
    "STATUSMSG=@+",
    "TARGMAX=JOIN:,KICK:4,LIST:,NAMES:4,NOTICE:4,PART:,PRIVMSG:4,TAGMSG:4,WHOIS:1",
    *(f"TOPICLEN={MAX_TOPIC}", "USERLEN=16", "UTF8ONLY", "WHOX"),
)


def welcome(irc: IRCProtocol) -> None:
    """All of it, in the order that clients expect."""
    factory = irc.factory
    now = factory.clock.seconds()
    server = _aboutServer(factory.server, factory.version, factory.started)
    with irc.together():
        irc.numeric(RPL_WELCOME, f"Welcome to {factory.network}, {irc.source.mask}")
        _sendTo(irc, server)
        isupport(irc)
        _tellCount(irc, factory.census.recent(irc.lobby, now))
        tellOwn(irc)
        motd(irc)
        if irc.userModes:
            irc.numeric(RPL_UMODEIS, f"+{irc.userModes}")


def isupport(irc: IRCProtocol) -> None:
    """005: what this server can do, so many in a line as the line holds."""
    kind = "draft/isupport" if irc.has("draft/extended-isupport") else ""
    with irc.batch(kind):
        _sendTo(irc, _supported(irc.factory.server, irc.factory.network))


# In an answer that is the same for all, in place of the client's name.
_NAME = "\0"


def _sendTo(irc: IRCProtocol, text: str) -> None:
    irc.send(text.replace(_NAME, irc.nick).encode())


@lru_cache
def _aboutServer(server: str, version: str, started: float) -> str:
    """002 to 004."""
    modes = (USER_MODES, f"{FLAGS}beIklov", "beIklov")
    lines = (
        (RPL_YOURHOST, _NAME, f"Your host is {server}, running {version}"),
        (RPL_CREATED, _NAME, f"This server was started at {stamp(started)}"),
        (RPL_MYINFO, _NAME, server, version, *modes),
    )
    return "".join([written(server, *line).decode() for line in lines])


@lru_cache
def _supported(server: str, network: str) -> str:
    """All lines of 005."""
    words = [word.format(network=network) for word in ISUPPORT]
    end = "are supported by this server"
    lines = [(_NAME, *line, end) for line in _groups(inLines(words, 350))]
    return "".join([written(server, RPL_ISUPPORT, *line).decode() for line in lines])


def _groups(lines: list[str]) -> list[list[str]]:
    """At most thirteen words each: two more parameters make fifteen."""
    words = [line.split(" ") for line in lines]
    return [each[at : at + 13] for each in words for at in range(0, len(each), 13)]


def lusers(irc: IRCProtocol) -> None:
    """How many people and rooms there are (RFC 2812, 3.4.2)."""
    _tellCount(irc, countedIn(irc.lobby))


def _tellCount(irc: IRCProtocol, count: Count) -> None:
    lobby = irc.lobby
    here, most = str(len(lobby.people)), lobby.most
    seen = len(lobby.people) - count.hidden
    text = f"There are {seen} users and {count.hidden} invisible on 1 servers"
    irc.numeric(RPL_LUSERCLIENT, text)
    if count.operators:
        irc.numeric(RPL_LUSEROP, str(count.operators), "operator(s) online")
    unknown = irc.factory.unregistered
    if unknown:
        irc.numeric(RPL_LUSERUNKNOWN, str(unknown), "unregistered connection(s)")
    if lobby.rooms:
        irc.numeric(RPL_LUSERCHANNELS, str(len(lobby.rooms)), "channels formed")
    irc.numeric(RPL_LUSERME, f"I have {here} clients and 0 servers")
    for number, where in ((RPL_LOCALUSERS, "local"), (RPL_GLOBALUSERS, "global")):
        text = f"Current {where} users: {here}, max: {most}"
        irc.numeric(number, here, str(most), text)


def motd(irc: IRCProtocol) -> None:
    """The message of the day, if there is one."""
    lines = irc.factory.motd
    if not lines:
        irc.error("422")
        return
    irc.numeric(RPL_MOTDSTART, f"- {irc.factory.server} Message of the day -")
    for line in lines:
        irc.numeric(RPL_MOTD, f"- {line}")
    irc.numeric(RPL_ENDOFMOTD, "End of MOTD")
