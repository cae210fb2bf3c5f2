"""CHATHISTORY and SEARCH: what was said before.

IRCv3's chathistory, and the search extension of soju.im/search. Points are message
ids or times; what a page needs is in the room's memory, or else in the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from protocols.chat.events import Posting
from protocols.chat.history import MAX_ID, Moment, Point, Span
from protocols.chat.irc.command import Command
from protocols.chat.irc.readmarks import COMMANDS as MARKS
from protocols.chat.irc.readmarks import timeOf
from protocols.chat.irc.retelling import retold
from protocols.chat.irc.targets import targets
from protocols.chat.irc.welcome import MAX_PAGE
from protocols.chat.irc.wire import Message
from protocols.chat.names import key
from protocols.chat.storeinterface import StoreError

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from protocols.chat.irc.protocol import IRCProtocol

_POINTS = {"LATEST": 1, "BEFORE": 1, "AFTER": 1, "AROUND": 1, "BETWEEN": 2}


class AskedError(ValueError):
    """What was asked for can't be; the message is for the client."""


def chatHistory(irc: IRCProtocol, message: Message) -> Deferred[None] | None:
    """A page of what was said in a room, or with somebody."""
    what, target = message[0].upper(), message[1]
    if what == "TARGETS":
        told = targets(irc, message)
        return told and told.addErrback(_failed, irc, "CHATHISTORY", what)
    if what not in _POINTS:
        irc.fail("CHATHISTORY", "INVALID_PARAMS", message[0], "Unknown subcommand")
        return None
    if len(message.params) < 3 + _POINTS[what]:
        irc.fail("CHATHISTORY", "NEED_MORE_PARAMS", what, "Parameters are missing")
        return None
    try:
        span = spanOf(what, message.params[2:])
    except ValueError as error:
        irc.fail("CHATHISTORY", "INVALID_PARAMS", what, str(error))
        return None
    place = placeOf(irc, target)
    if place is None:
        text = "Messages could not be retrieved"
        irc.fail("CHATHISTORY", "INVALID_TARGET", what, target, text)
        return None
    told = _pageOf(irc, place, span).addCallback(lambda found: tell(irc, target, found))
    return told.addErrback(_failed, irc, "CHATHISTORY", what, target)


def _pageOf(irc: IRCProtocol, place: str, span: Span) -> Deferred[list[Posting]]:
    if irc.has("draft/event-playback"):
        return irc.factory.house.chronicle.page(place, span)  # type: ignore[no-any-return]
    return irc.records.page(place, span)


def spanOf(what: str, words: tuple[str, ...]) -> Span:
    """The span that a client means.

    @raise ValueError: it is none.
    """
    points = [pointOf(word) for word in words[: _POINTS[what]]]
    said = words[_POINTS[what]]
    if not said.isascii() or not said.isdigit() or len(said) > 9:
        raise AskedError("The limit is no number")
    limit = min(int(said), MAX_PAGE) or MAX_PAGE
    if what == "LATEST":
        return Span.latest(limit, points[0])
    if what == "BEFORE":
        return Span.before(points[0] or MAX_ID, limit)
    if what == "AFTER":
        return Span.after(points[0], limit)
    if what == "AROUND":
        return Span.around(points[0], limit)
    return Span.between(points[0], points[1], limit)


def pointOf(word: str) -> Point:
    """C{msgid=17}, C{timestamp=2026-11-21T08:44:45.123Z}, or C{*}.

    @raise ValueError: it is none of these.
    """
    kind, _, value = word.partition("=")
    if word == "*":
        return 0
    if kind == "msgid" and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if kind == "timestamp" and (time := timeOf(value)) is not None:
        return Moment(time)
    raise AskedError("That is neither a message id nor a time")


def placeOf(irc: IRCProtocol, target: str) -> str | None:
    """Where what was said with C{target} is kept; C{None} if it is not theirs."""
    if target.startswith("#"):
        room = irc.lobby.room(target)
        return room.name if room is not None and key(target) in irc.rooms else None
    return irc.records.talk(irc, target)


def tell(irc: IRCProtocol, target: str, found: list[Posting]) -> None:
    """A page, as one batch."""
    other = irc.lobby.find(target)
    name = other.name if other is not None else target
    with irc.batch("chathistory", target):
        for posting in found:
            irc.send(retold(irc, posting, name))


def search(irc: IRCProtocol, message: Message) -> Deferred[None] | None:
    """What was said that has these words, in the client's rooms.

    One parameter: C{in=#room;text=two words;before=2026-...;limit=20}.
    """
    asked = dict(part.partition("=")[::2] for part in message[0].split(";"))
    words = asked.get("text", "").replace("\\s", " ").strip()
    place = placeOf(irc, asked["in"]) if asked.get("in") else None
    if not words or ("in" in asked and place is None):
        irc.fail("SEARCH", "INVALID_PARAMS", "Say in=ROOM;text=WORDS")
        return None
    rooms = [room.name for room in irc.rooms.values()] if place is None else [place]
    limit = asked.get("limit", "")
    most = min(int(limit), MAX_PAGE) if limit.isdecimal() and len(limit) < 5 else 50
    found = irc.records.store.search(rooms, words, most)
    where = asked.get("in", "")
    told = found.addCallback(lambda postings: _tellFound(irc, postings, where))
    return told.addErrback(_failed, irc, "SEARCH")


def _tellFound(irc: IRCProtocol, found: list[Posting], target: str) -> None:
    with irc.batch("soju.im/search"):
        for posting in found:
            irc.send(retold(irc, posting, target))


def _failed(failure: Failure, irc: IRCProtocol, command: str, *words: str) -> None:
    failure.trap(StoreError)
    text = "Messages could not be retrieved; try again later"
    irc.fail(command, "MESSAGE_ERROR", *words, text)


COMMANDS = {
    "CHATHISTORY": Command(chatHistory),
    "SEARCH": Command(search, 1),
    **MARKS,
}
