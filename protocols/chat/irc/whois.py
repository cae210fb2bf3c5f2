"""WHOIS and WHOWAS (RFC 2812, 3.6.2 and 3.6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.certificates import fingerprintOf
from protocols.chat.irc.capabilities import inLines
from protocols.chat.irc.command import Command
from protocols.chat.irc.dialect import stamp
from protocols.chat.irc.metadatatold import tellWhois
from protocols.chat.irc.numerics import (
    RPL_AWAY,
    RPL_ENDOFWHOIS,
    RPL_ENDOFWHOWAS,
    RPL_WHOISACCOUNT,
    RPL_WHOISBOT,
    RPL_WHOISCERTFP,
    RPL_WHOISCHANNELS,
    RPL_WHOISHOST,
    RPL_WHOISIDLE,
    RPL_WHOISOPERATOR,
    RPL_WHOISSECURE,
    RPL_WHOISSERVER,
    RPL_WHOISUSER,
    RPL_WHOWASUSER,
)
from protocols.chat.irc.queries import signsFor
from protocols.chat.irc.wire import Message
from protocols.chat.names import key
from protocols.chat.people import Person
from protocols.chat.rules import sees

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


def whois(irc: IRCProtocol, message: Message) -> None:
    """Who somebody is."""
    name = message[1] or message[0]
    if not name:
        irc.error("431")
        return
    if message[1] and not _isHere(irc, message[0], name):
        irc.error("402", message[0])
        return
    name = name.split(",")[0]
    person = irc.lobby.find(name)
    if person is None:
        irc.error("401", name)
    else:
        name = person.name
        _describe(irc, person)
    irc.numeric(RPL_ENDOFWHOIS, name, "End of WHOIS list")


def _isHere(irc: IRCProtocol, server: str, name: str) -> bool:
    """Whether C{server} names this one, also by somebody who is on it."""
    same = server.casefold() == irc.factory.server.casefold()
    return same or irc.lobby.find(server) is not None


def _describe(irc: IRCProtocol, person: Person) -> None:
    name = person.name
    say = irc.numeric
    say(RPL_WHOISUSER, name, person.user, person.host, "*", person.realname)
    _rooms(irc, person)
    say(RPL_WHOISSERVER, name, irc.factory.server, irc.factory.description)
    if person.isOperator:
        say(RPL_WHOISOPERATOR, name, "is an operator")
    if person is irc or irc.isOperator:
        address = f"{person.user}@{person.address} {person.address}"
        say(RPL_WHOISHOST, name, f"is connecting from {address}")
        if fingerprint := fingerprintOf(person):
            text = f"has client certificate fingerprint {fingerprint}"
            say(RPL_WHOISCERTFP, name, text)
    if person.account:
        say(RPL_WHOISACCOUNT, name, person.account, "is logged in as")
    if person.isBot:
        say(RPL_WHOISBOT, name, "is a bot")
    if person.isSecure:
        say(RPL_WHOISSECURE, name, "is using a secure connection")
    if person.away:
        say(RPL_AWAY, name, person.away)
    tellWhois(irc, person)
    idle = max(0, int(irc.lobby.now() - person.spokeAt))
    times = (str(idle), str(int(person.signedOn)))
    say(RPL_WHOISIDLE, name, *times, "seconds idle, signon time")


def _rooms(irc: IRCProtocol, person: Person) -> None:
    isNear = person is irc or any(place in irc.rooms for place in person.rooms)
    words = [
        signsFor(irc, room, person) + room.name
        for room in person.rooms.values()
        if sees(room, irc) and (isNear or not person.isHidden)
    ]
    if words:
        for line in inLines(words):
            irc.numeric(RPL_WHOISCHANNELS, person.name, line)


def whowas(irc: IRCProtocol, message: Message) -> None:
    """Who had a name before."""
    name, count = message[0], message[1]
    if not name:
        irc.error("431")
        return
    most = int(count) if count.isascii() and count.isdigit() and len(count) < 6 else 0
    found = [
        gone for gone in reversed(irc.lobby.gone) if key(gone.source.name) == key(name)
    ]
    if not found:
        irc.error("406", name)
    for gone in found[: most or None]:
        source = gone.source
        words = (source.name, source.user, source.host, "*", source.realname)
        irc.numeric(RPL_WHOWASUSER, *words)
        irc.numeric(RPL_WHOISSERVER, source.name, irc.factory.server, stamp(gone.time))
    irc.numeric(RPL_ENDOFWHOWAS, name, "End of WHOWAS")


COMMANDS = {"WHOIS": Command(whois), "WHOWAS": Command(whowas)}
