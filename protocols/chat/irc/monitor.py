"""MONITOR: being told of whose coming and going (IRCv3's monitor)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.irc.capabilities import inLines
from protocols.chat.irc.command import Command
from protocols.chat.irc.metadatatold import tellWatched
from protocols.chat.irc.numerics import (
    ERR_MONLISTFULL,
    RPL_ENDOFMONLIST,
    RPL_MONLIST,
    RPL_MONOFFLINE,
    RPL_MONONLINE,
)
from protocols.chat.irc.wire import Message
from protocols.chat.names import NameRefusedError, checkName, key
from protocols.chat.people import RefusedError
from protocols.chat.watchers import MAX_WATCHED

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


def monitor(irc: IRCProtocol, message: Message) -> None:
    """C{+} and C{-} names, C{C}lear, C{L}ist, C{S}tatus."""
    what = message[0].upper()
    names = [name for name in message[1].split(",") if name]
    if what == "+":
        _add(irc, names)
    elif what == "-":
        for name in names:
            irc.lobby.watchers.remove(irc, name)
    elif what == "C":
        irc.lobby.watchers.clear(irc)
    elif what == "L":
        _tell(irc, RPL_MONLIST, list(irc.watched.values()))
        irc.numeric(RPL_ENDOFMONLIST, "End of MONITOR list")
    elif what == "S":
        _status(irc, list(irc.watched.values()))


def _add(irc: IRCProtocol, names: list[str]) -> None:
    added = []
    for number, name in enumerate(names):
        try:
            checkName(name)
            if key(name) not in irc.watched:
                irc.lobby.watchers.add(irc, name)
            added.append(name)
        except NameRefusedError:
            continue
        except RefusedError:
            rest = ",".join(names[number:])
            full = "Monitor list is full"
            irc.numeric(ERR_MONLISTFULL, str(MAX_WATCHED), rest, full)
            break
    _status(irc, added)
    for person in filter(None, map(irc.lobby.find, added)):
        tellWatched(irc, person)


def _status(irc: IRCProtocol, names: list[str]) -> None:
    here, gone = [], []
    for name in names:
        person = irc.lobby.find(name)
        if person is None:
            gone.append(name)
        else:
            here.append(person.source.mask)
    _tell(irc, RPL_MONONLINE, here)
    _tell(irc, RPL_MONOFFLINE, gone)


def _tell(irc: IRCProtocol, number: str, words: list[str]) -> None:
    for line in inLines(words):
        if line:
            irc.numeric(number, line.replace(" ", ","))


COMMANDS = {"MONITOR": Command(monitor, 1)}
