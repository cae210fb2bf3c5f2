"""What people in a room are told. Pure.

An event is made once, for everybody; each door's dialect writes it in its own
way. For the line door it is written here, once, as C{line}: that is the dialect of
those who have no program between them and the chat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from protocols.chat.once import once
from protocols.chat.text import lineOf, namesIn, plain


@dataclass(frozen=True, slots=True)
class Source:
    """Whom something comes from, as they were when it happened.

    There is one for everybody who is here: its C{mask} is not kept.

    @ivar user: the name that they have where they come from; IRC shows it.
    @ivar host: their address, as others may see it.
    @ivar account: that they have logged in to; empty for none.
    @ivar origin: the host of their address, if C{host} is another; masks mean both.
    """

    name: str
    user: str = ""
    host: str = ""
    account: str = ""
    realname: str = ""
    origin: str = ""

    @property
    def mask(self) -> str:
        """C{name!user@host}, as RFC 2812 (2.3.1) has it."""
        return f"{self.name}!{self.user}@{self.host}" if self.host else self.name


class Event:
    """Something that people in a room are told.

    @ivar room: its name.
    @ivar time: when it was, in seconds since 1970.
    @cvar number: its id, if it is kept and no L{Posting}; else 0.
    """

    room: str
    time: float
    number = 0

    @property
    def happened(self) -> str:
        """What happened, in words; empty for what the line door does not tell."""
        return ""

    @once
    def line(self) -> bytes:
        """For the line door, with CRLF; encoded once for everybody."""
        where = f"{self.room} " if self.room else ""
        said = plain(self.happened)
        return f"{where}* {said}\r\n".encode() if said else b""


@dataclass(frozen=True)
class Posting(Event):
    """Something that somebody said, or that a room says itself.

    @ivar room: its name; of a private word, whom it is for.
    @ivar text: what was said or happened; may have several lines (L{lineOf}).
    @ivar sender: the name of who said it; empty for the room itself.
    @ivar isAction: it was said with C{/me}.
    @ivar id: 1 or more, larger than that of all that was said before it; 0 for
        what is not kept.
    @ivar kind: C{message}; C{notice}, which no program answers; C{tags}, only
        tags; or C{request}, which programs answer (CTCP).
    @ivar mask: the sender's C{user@host}.
    @ivar tags: what the sender's program adds for others (IRCv3's client-only
        tags), as they are sent.
    """

    room: str
    text: str
    sender: str = ""
    isAction: bool = False
    id: int = 0
    time: float = 0.0
    kind: str = "message"
    account: str = ""
    mask: str = ""
    tags: str = ""

    @once
    def line(self) -> bytes:
        """See L{Event.line}."""
        return lineOf(self)


@dataclass(frozen=True)
class Came(Event):
    """People have joined."""

    room: str
    sources: tuple[Source, ...]
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who."""
        return f"{namesIn([source.name for source in self.sources])} joined"


@dataclass(frozen=True)
class Went(Event):
    """People have left.

    @ivar reason: what became of them, to stand behind their names.
    @ivar parting: what they said to that, if anything.
    @ivar isQuit: they are gone altogether, not only from this room.
    """

    room: str
    sources: tuple[Source, ...]
    reason: str = "left"
    parting: str = ""
    isQuit: bool = False
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who, and how."""
        who = namesIn([source.name for source in self.sources])
        return f"{who} {self.reason}{f' ({self.parting})' if self.parting else ''}"


@dataclass(frozen=True)
class Renamed(Event):
    """Somebody has another name."""

    room: str
    source: Source
    new: str
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who, and who now."""
        return f"{self.source.name} is now {self.new}"


@dataclass(frozen=True)
class TopicChanged(Event):
    """What a room is about."""

    room: str
    source: Source
    topic: str
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who did it, and what it is now."""
        if not self.topic:
            return f"{self.source.name} removed the topic"
        return f"{self.source.name} set the topic: {self.topic}"


@dataclass(frozen=True)
class ModesChanged(Event):
    """What may be done in a room, or by somebody there.

    @ivar changes: as IRC writes them, such as C{+o-v ann bob}.
    """

    room: str
    source: Source
    changes: str
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who did it, and what."""
        return f"{self.source.name} set {self.changes}"


@dataclass(frozen=True)
class Kicked(Event):
    """Somebody was made to leave."""

    room: str
    source: Source
    target: str
    reason: str = ""
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who, by whom, and why."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.target} was removed by {self.source.name}{why}"


@dataclass(frozen=True)
class Invited(Event):
    """Somebody may join a room.

    @ivar target: whom C{source} asked in.
    @ivar isForRoom: it is told to the others in the room.
    """

    room: str
    source: Source
    target: str
    isForRoom: bool = False
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who, by whom."""
        return f"{self.source.name} invited {self.target}"


@dataclass(frozen=True)
class Changed(Event):
    """Something about a person that programs show.

    @ivar source: as they were before.
    @ivar what: C{away}, C{account}, C{realname} or C{host}.
    @ivar value: what it is now; empty for no longer.
    """

    room: str
    source: Source
    what: str
    value: str
    time: float = 0.0


@dataclass(frozen=True)
class Redacted(Event):
    """Something that was said is taken back.

    @ivar id: of the L{Posting}.
    """

    room: str
    source: Source
    id: int
    reason: str = ""
    time: float = 0.0

    @property
    def happened(self) -> str:
        """By whom, and why."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.source.name} took message {self.id} back{why}"


@dataclass(frozen=True)
class Presence(Event):
    """Somebody whom one watches for has come, or gone."""

    source: Source
    isHere: bool = True
    room: str = ""
    time: float = 0.0

    @property
    def happened(self) -> str:
        """Who."""
        return f"{self.source.name} {'is here' if self.isHere else 'has gone'}"


@dataclass(frozen=True, eq=False)
class Dialect:
    """How a door writes events.

    @ivar write: an event's octets; the same C{Dialect} for all who are told the
        same.
    @ivar tellsOnce: what is about a person, and not a room, is told once to who
        is in several rooms with them.
    """

    write: Callable[[Event], bytes]
    tellsOnce: bool = False


LINES = Dialect(attrgetter("line"))
