"""MARKREAD: how far somebody has read, in all their clients.

IRCv3's read-marker. The marks of who has logged in are kept by the store; those of
others live as long as their connection.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from protocols.chat.irc.command import Command
from protocols.chat.irc.dialect import stamp
from protocols.chat.irc.replies import shown
from protocols.chat.irc.wire import Message, written
from protocols.chat.names import key

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Marks of one connection; rooms of a person are fewer.
MAX_MARKS = 100

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?Z")


def timeOf(text: str) -> float | None:
    """The seconds since 1970 of a time as C{server-time} has it."""
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return None
    seconds = moment.replace(tzinfo=timezone.utc).timestamp()
    return seconds + float(found[2] or 0)


def markRead(irc: IRCProtocol, message: Message) -> None:
    """Ask for a mark, or set it; it never goes back."""
    target, said = message[0], message[1]
    if not target:
        irc.fail("MARKREAD", "NEED_MORE_PARAMS", "A target is missing")
        return
    if len(message.params) == 1:
        sendMark(irc, target)
        return
    time = timeOf(said.removeprefix("timestamp="))
    if not said.startswith("timestamp=") or time is None:
        irc.fail("MARKREAD", "INVALID_PARAMS", target, said or "*", "That is no time")
        return
    marks = irc.records.marks(irc)
    if len(marks) >= MAX_MARKS and key(target) not in marks:
        irc.fail("MARKREAD", "INTERNAL_ERROR", target, "There are too many marks")
        return
    isNewer = time > marks.get(key(target), 0.0)
    if isNewer:
        irc.records.mark(irc, target, time)
    sendMark(irc, target)
    if isNewer:
        _tellOthers(irc, target)


def sendMark(irc: IRCProtocol, target: str) -> None:
    """Tell the client how far it has read, if it wants to know."""
    if irc.has("draft/read-marker"):
        irc.send(_markLine(irc, target))


def _markLine(irc: IRCProtocol, target: str) -> bytes:
    time = irc.records.marks(irc).get(key(target), 0.0)
    value = f"timestamp={stamp(time)}" if time else "*"
    return written(irc.factory.server, "MARKREAD", shown(target), value)


def _tellOthers(irc: IRCProtocol, target: str) -> None:
    """The other clients of the same account."""
    for other in irc.factory.clientsOf(irc.account):
        if other is not irc and other.has("draft/read-marker"):
            other.send(_markLine(other, target))


COMMANDS = {"MARKREAD": Command(markRead)}
