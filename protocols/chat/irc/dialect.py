"""Events as IRC writes them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from protocols.chat.events import (
    Came,
    Changed,
    Dialect,
    Event,
    Invited,
    Kicked,
    ModesChanged,
    Posting,
    Presence,
    Redacted,
    Renamed,
    Source,
    TopicChanged,
    Went,
)
from protocols.chat.irc.manylines import asBatch, oneByOne
from protocols.chat.irc.modelines import modeLines
from protocols.chat.irc.wire import MAX_MESSAGE, escaped, pieces, written
from protocols.chat.speech import Speech

# Numerics of MONITOR.
RPL_MONONLINE, RPL_MONOFFLINE = "730", "731"

# Times that are remembered as they are written: those of a turn, which each dialect
# writes, and each message of several that were said together.
STAMPS = 64

# The last time that has four digits for its year.
_LAST = 253402300799.9995


@lru_cache(maxsize=STAMPS)
def stamp(seconds: float) -> str:
    """A time as C{server-time} has it: C{2026-11-21T08:44:45.123Z}."""
    moment = datetime.fromtimestamp(min(round(seconds, 3), _LAST), timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


class IRCWriter:
    """Writes events for clients with certain capabilities.

    @param server: its name.
    @param capabilities: of L{protocols.chat.irc.capabilities.IN_ROOMS}.
    """

    def __init__(self, server: str, capabilities: frozenset[str]) -> None:
        self._server = server
        self._has = capabilities
        self._hasTime = "server-time" in capabilities
        self._hasTags = "message-tags" in capabilities
        self._hasAccount = "account-tag" in capabilities

    def write(self, event: Event) -> bytes:
        """An event's lines; none if its kind is not told."""
        write = _WRITERS.get(type(event))
        return write(self, event) if write else b""

    def tags(self, event: Any, account: str, number: int = 0, more: str = "") -> str:
        """What stands in front of a message."""
        tags = []
        if self._hasTime and event.time:
            tags.append(f"time={stamp(event.time)}")
        if self._hasAccount and account:
            tags.append(f"account={escaped(account)}")
        if self._hasTags:
            tags.extend([f"msgid={number}"] if number else [])
            tags.extend([more] if more else [])
        return f"@{';'.join(tags)} " if tags else ""

    def posting(self, event: Posting) -> bytes:
        """PRIVMSG, NOTICE or TAGMSG; in several if it is longer than one."""
        source = event.sender or self._server
        source = f"{source}!{event.mask}" if event.mask else source
        tags = self.tags(event, event.account, event.id, event.tags)
        if event.kind == "tags":
            line = f"{tags}:{source} TAGMSG {event.room}\r\n"
            return line.encode() if self._hasTags else b""
        isNotice = event.kind == "notice" or not event.sender
        head = f":{source} {'NOTICE' if isNotice else 'PRIVMSG'} {event.room} :"
        if "\n" in event.text:
            return self._manyLines(event, head, tags).encode()
        before, after = ("\1ACTION ", "\1") if event.isAction else ("", "")
        whole = f"{head}{before}{event.text}{after}\r\n".encode()
        if len(whole) <= MAX_MESSAGE:
            return tags.encode() + whole
        room = MAX_MESSAGE - 2 - len(f"{head}{before}{after}".encode())
        return "".join(
            [
                f"{tags}{head}{before}{piece}{after}\r\n"
                for piece in pieces(event.text, max(room, 64))
            ]
        ).encode()

    def speech(self, event: Speech) -> bytes:
        """A PRIVMSG each; only numbers make a difference between them."""
        source = f"{event.sender}!{event.mask}" if event.mask else event.sender
        head = f":{source} PRIVMSG {event.room} :"
        if len(head.encode()) + event.longest > MAX_MESSAGE - 2:
            return b"".join(map(self.posting, event.postings))
        if self._hasTags:
            numbered = [
                f"{self.tags(event, event.account, number, event.tags)}{head}{text}\r\n"
                for number, text in enumerate(event.texts, event.id)
            ]
            return "".join(numbered).encode()
        head = self.tags(event, event.account) + head
        said = f"\r\n{head}".join(event.texts)
        return f"{head}{said}\r\n".encode()

    def _manyLines(self, event: Posting, head: str, tags: str) -> str:
        if "draft/multiline" in self._has:
            return asBatch(head, event.text, tags, f"m{event.id}", self._server)
        others = self.tags(event, event.account, 0, event.tags)
        return oneByOne(head, event.text, tags, others)

    def came(self, event: Came) -> bytes:
        """A JOIN each."""
        return b"".join([self._joined(event, source) for source in event.sources])

    def went(self, event: Went) -> bytes:
        """A QUIT or PART each."""
        said = event.parting or (
            "" if event.reason in ("left", "quit") else event.reason
        )
        params: tuple[str, ...] = (event.room, said) if said else (event.room,)
        if event.isQuit:
            params = (said or "Quit",)
        command = "QUIT" if event.isQuit else "PART"
        return b"".join(
            [self._said(event, source, command, *params) for source in event.sources]
        )

    def renamed(self, event: Renamed) -> bytes:
        """NICK."""
        return self._said(event, event.source, "NICK", event.new)

    def topicChanged(self, event: TopicChanged) -> bytes:
        """TOPIC."""
        return self._said(event, event.source, "TOPIC", event.room, event.topic)

    def modesChanged(self, event: ModesChanged) -> bytes:
        """MODE; in several if it is longer than one."""
        source, room = event.source, event.room
        most = MAX_MESSAGE - 2 - len(f":{source.mask} MODE {room} ".encode())
        lines = [each.split(" ") for each in modeLines(event.changes, most)]
        return b"".join(
            [self._said(event, source, "MODE", room, *words) for words in lines]
        )

    def kicked(self, event: Kicked) -> bytes:
        """KICK."""
        reason = event.reason or event.source.name
        return self._said(event, event.source, "KICK", event.room, event.target, reason)

    def invited(self, event: Invited) -> bytes:
        """INVITE; to the others in the room if they have asked for it."""
        if event.isForRoom and "invite-notify" not in self._has:
            return b""
        return self._said(event, event.source, "INVITE", event.target, event.room)

    def changed(self, event: Changed) -> bytes:
        """AWAY, ACCOUNT, SETNAME or CHGHOST, to who has asked for it."""
        capability, command = _CHANGES[event.what]
        if capability not in self._has:
            return b""
        params: tuple[str, ...] = (event.value,) if event.value else ()
        if event.what == "account":
            params = (event.value or "*",)
        elif event.what == "host":
            params = (event.source.user, event.value)
        return self._said(event, event.source, command, *params)

    def redacted(self, event: Redacted) -> bytes:
        """REDACT."""
        if "draft/message-redaction" not in self._has:
            return b""
        reason = (event.reason,) if event.reason else ()
        return self._said(
            event, event.source, "REDACT", event.room, str(event.id), *reason
        )

    def presence(self, event: Presence) -> bytes:
        """A line of MONITOR."""
        if event.isHere:
            return written(self._server, RPL_MONONLINE, "*", event.source.mask)
        return written(self._server, RPL_MONOFFLINE, "*", event.source.name)

    def _joined(self, event: Came, source: Source) -> bytes:
        if "extended-join" not in self._has:
            return self._said(event, source, "JOIN", event.room)
        account = source.account or "*"
        return self._said(event, source, "JOIN", event.room, account, source.realname)

    def _said(self, event: Event, source: Source, command: str, *params: str) -> bytes:
        tags = self.tags(event, source.account, event.number).encode()
        return tags + written(source.mask, command, *params)


_WRITERS: dict[type, Callable[[IRCWriter, Any], bytes]] = {
    Posting: IRCWriter.posting,
    Speech: IRCWriter.speech,
    Came: IRCWriter.came,
    Went: IRCWriter.went,
    Renamed: IRCWriter.renamed,
    TopicChanged: IRCWriter.topicChanged,
    ModesChanged: IRCWriter.modesChanged,
    Kicked: IRCWriter.kicked,
    Invited: IRCWriter.invited,
    Changed: IRCWriter.changed,
    Redacted: IRCWriter.redacted,
    Presence: IRCWriter.presence,
}

_CHANGES = {
    "away": ("away-notify", "AWAY"),
    "account": ("account-notify", "ACCOUNT"),
    "realname": ("setname", "SETNAME"),
    "host": ("chghost", "CHGHOST"),
}


@lru_cache(maxsize=1024)
def ircDialect(server: str, capabilities: frozenset[str]) -> Dialect:
    """The dialect of all clients of a server with the same capabilities.

    @param capabilities: of L{protocols.chat.irc.capabilities.IN_ROOMS}.
    """
    return Dialect(IRCWriter(server, capabilities).write, tellsOnce=True)
