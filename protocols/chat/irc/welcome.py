"""What a client is told when it has registered (RFC 2812, 5.1)."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from protocols.chat.irc.capabilities import inLines
from protocols.chat.irc.dialect import stamp
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

USER_MODES = "Bio"
FLAGS = "CRimnst"

ISUPPORT = (
    *("ACCOUNTEXTBAN=a", f"AWAYLEN={MAX_AWAY}", "BOT=B", "CASEMAPPING=ascii"),
    *(f"CHANLIMIT=#:{MAX_ROOMS_EACH}", f"CHANMODES=beI,k,l,{FLAGS}"),
    *(f"CHANNELLEN={MAX_NAME + 1}", "CHANTYPES=#", f"CHATHISTORY={MAX_PAGE}"),
    *("ELIST=CMNTU", "EXCEPTS", "EXTBAN=$,am", f"HOSTLEN={64}", "INVEX"),
    *(f"KICKLEN={MAX_REASON}", f"MAXLIST=beI:{MAX_MASKS}", f"MODES={MAX_CHANGES}"),
    *(f"MONITOR={MAX_WATCHED}", "MSGREFTYPES=msgid,timestamp", "NETWORK={network}"),
    *(f"NICKLEN={MAX_NAME}", "PREFIX=(ov)@+", "SAFELIST", "STATUSMSG=@+"),
    "TARGMAX=JOIN:,KICK:4,LIST:,NAMES:4,NOTICE:4,PART:,PRIVMSG:4,TAGMSG:4,WHOIS:1",
    *(f"TOPICLEN={MAX_TOPIC}", "USERLEN=16", "UTF8ONLY", "WHOX"),
)


def welcome(irc: IRCProtocol) -> None:
    """All of it, in the order that clients expect."""
    factory = irc.factory
    version = factory.version
    irc.numeric(RPL_WELCOME, f"Welcome to {factory.network}, {irc.source.mask}")
    irc.numeric(RPL_YOURHOST, f"Your host is {factory.server}, running {version}")
    irc.numeric(RPL_CREATED, f"This server was started at {stamp(factory.started)}")
    modes = (USER_MODES, f"{FLAGS}beIklov", "beIklov")
    irc.numeric(RPL_MYINFO, factory.server, version, *modes)
    isupport(irc)
    lusers(irc)
    motd(irc)
    if irc.userModes:
        irc.numeric(RPL_UMODEIS, f"+{irc.userModes}")


def isupport(irc: IRCProtocol) -> None:
    """005: what this server can do, so many in a line as the line holds."""
    words = [word.format(network=irc.factory.network) for word in ISUPPORT]
    for line in _groups(inLines(words, 350)):
        irc.numeric(RPL_ISUPPORT, *line, "are supported by this server")


def _groups(lines: list[str]) -> list[list[str]]:
    """At most thirteen words each: two more parameters make fifteen."""
    words = [line.split(" ") for line in lines]
    return [each[at : at + 13] for each in words for at in range(0, len(each), 13)]


def lusers(irc: IRCProtocol) -> None:
    """How many people and rooms there are (RFC 2812, 3.4.2)."""
    lobby = irc.lobby
    people = list(lobby.people.values())
    hidden = sum(map(attrgetter("isHidden"), people))
    operators = sum(map(attrgetter("isOperator"), people))
    seen, most = len(people) - hidden, lobby.most
    text = f"There are {seen} users and {hidden} invisible on 1 servers"
    irc.numeric(RPL_LUSERCLIENT, text)
    if operators:
        irc.numeric(RPL_LUSEROP, str(operators), "operator(s) online")
    unknown = irc.factory.unregistered
    if unknown:
        irc.numeric(RPL_LUSERUNKNOWN, str(unknown), "unregistered connection(s)")
    if lobby.rooms:
        irc.numeric(RPL_LUSERCHANNELS, str(len(lobby.rooms)), "channels formed")
    here = str(len(people))
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
