"""What was said and happened before, as a client would have seen it then. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from protocols.chat.events import (
    Event,
    Kicked,
    ModesChanged,
    Posting,
    Source,
    TopicChanged,
)
from protocols.chat.names import key

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


def retold(irc: IRCProtocol, posting: Posting, target: str) -> bytes:
    """A posting of a room's history, or of a talk with C{target}.

    @param posting: see L{protocols.chat.chronicle.Chronicle.page}.
    """
    event = _happened(posting)
    if event is None:
        return irc.dialect.write(_heardBy(irc, posting, target))
    object.__setattr__(event, "number", posting.id)
    return irc.dialect.write(event)


def _heardBy(irc: IRCProtocol, posting: Posting, target: str) -> Posting:
    """A posting as the client has seen it: a talk is kept under both names."""
    if posting.room.startswith("#"):
        return posting
    isOwn = key(posting.sender) == key(irc.name)
    return replace(posting, room=target if isOwn else irc.name)


def _happened(posting: Posting) -> Event | None:
    """What it was, if it was not said."""
    if posting.kind not in ("topic", "modes", "kick"):
        return None
    user, _, host = posting.mask.partition("@")
    source = Source(posting.sender, user, host, posting.account)
    room, text, time = posting.room, posting.text, posting.time
    if posting.kind == "topic":
        return TopicChanged(room, source, text, time)
    if posting.kind == "modes":
        return ModesChanged(room, source, text, time)
    name, _, reason = text.partition(" ")
    return Kicked(room, source, name, reason, time)
