"""Several things that one person says at once. Pure.

Programs, and people who paste, send many lines in one go. To make a posting of each,
and to tell, number and keep it, costs more than all else that is done with it; to
do that with all of them together costs as much as with one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from protocols.chat.events import Event, Posting
from protocols.chat.once import made, once


@dataclass(frozen=True)
class Speech(Event):
    """Messages of one person to a room, one behind the other.

    There is nothing in them that somebody's terminal could obey.

    @ivar texts: what was said, one or more; none is empty, all are printable
        (C{str.isprintable}).
    @ivar sender: see L{Posting}, as for all that is not told here.
    @ivar id: that of the first; each of the others has the next one.
    @ivar time: of all of them.
    @cvar kind: the only one that is said in this way.
    """

    room: str
    texts: tuple[str, ...]
    sender: str
    id: int
    time: float = 0.0
    account: str = ""
    mask: str = ""
    tags: str = ""
    kind = "message"

    def __len__(self) -> int:
        """How many."""
        return len(self.texts)

    @property
    def lastId(self) -> int:
        """That of the last."""
        return self.id + len(self.texts) - 1

    @once
    def octets(self) -> int:
        """Octets of all texts, in UTF-8."""
        return sum(map(octetsIn, self.texts))

    @once
    def longest(self) -> int:
        """Octets of the longest text."""
        return max(map(octetsIn, self.texts))

    @once
    def line(self) -> bytes:
        """See L{Event.line}: a line for each."""
        head = f"{self.room} <{self.sender}> "
        said = f"\r\n{head}".join(self.texts)
        return f"{head}{said}\r\n".encode()

    @once
    def postings(self) -> list[Posting]:
        """Each by itself; made when somebody asks, which nobody may."""
        fields = {
            "room": self.room,
            "sender": self.sender,
            "time": self.time,
            "account": self.account,
            "mask": self.mask,
            "tags": self.tags,
        }
        return [
            made(Posting, {**fields, "id": number, "text": text})
            for number, text in enumerate(self.texts, self.id)
        ]


Said: TypeAlias = "Posting | Speech"
"""What may stand in a room's memory."""


def octetsIn(text: str) -> int:
    """How long a text is in UTF-8; to ask is cheap if it is ASCII, as most are."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def postingsOf(said: Said) -> list[Posting]:
    """Each thing that was said."""
    return said.postings if isinstance(said, Speech) else [said]
