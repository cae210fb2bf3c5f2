"""What happens in rooms and is not said, for who asks for it later. Wire.

Topics, modes, who was made to leave, and what only programs read but is meant to
stay: it is numbered together with what is said, and kept beside it, in a place of
its own. So who reads what was said (most people, all doors) has nothing to skip.

Comings and goings are not kept: a turn's are told together, and they would be most
of what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, gatherResults

from protocols.chat.events import Event, Kicked, ModesChanged, Posting, TopicChanged
from protocols.chat.lobby import Lobby
from protocols.chat.names import key
from protocols.chat.once import made
from protocols.chat.records import Records
from protocols.chat.room import Room
from protocols.chat.spans import MAX_ID, Span, cut, inRoom, milliseconds

# How each is kept, and what of it.
_KEPT: dict[type[Event], tuple[str, Callable[[Any], str]]] = {
    TopicChanged: ("topic", lambda event: str(event.topic)),
    ModesChanged: ("modes", lambda event: str(event.changes)),
    Kicked: ("kick", lambda event: f"{event.target} {event.reason}"),
}

# What programs alone read is kept if whose program sent it says so; 200 octets of
# tags and more are no reaction.
PERSIST = "+draft/persist"
MAX_TAGS = 400


def beside(place: str) -> str:
    """Where it is kept what happened in a room or talk.

    No name has C{!}, so nobody's talks are called like that.
    """
    where = f"#{key(place[1:])}" if place.startswith("#") else place
    return f"!{where}!"


class Chronicle:
    """Keeps what happens in a lobby's rooms.

    Where a bus numbers what is said by several processes, nothing is kept here.

    @ivar isOpen: something is.
    """

    def __init__(self, lobby: Lobby, records: Records) -> None:
        self._lobby = lobby
        self._records = records
        self.isOpen = lobby.roomKind is Room
        if self.isOpen:
            told = {"happened": staticmethod(self.happened)}
            lobby.roomKind = type("KeptRoom", (Room,), told)
            records.tagged = self.tagged  # type: ignore[method-assign]

    def happened(self, event: Event) -> None:
        """Number and keep it, if it is something that is kept."""
        kept = _KEPT.get(type(event))
        if kept is None:
            return
        kind, textOf = kept
        self._lobby.lastId += 1
        object.__setattr__(event, "number", self._lobby.lastId)
        self._append(_posting(event, kind, textOf(event)), event.room)

    def tagged(self, posting: Posting, place: str) -> None:
        """Keep a message that has only tags, if they say so.

        @param place: the room, or where such a talk is kept.
        """
        if posting.kind == "tags" and _isKept(posting.tags):
            self._append(posting, place)

    def page(self, place: str, span: Span) -> Deferred[list[Posting]]:
        """A page of what was said, and happened, in a room or talk.

        @return: as L{Records.page}; the C{kind} of what was not said is C{topic},
            C{modes}, C{kick} (a name, and the reason behind a space), or C{tags}.
        """
        said = self._records.page(place, span)
        happened = self._records.store.page(beside(place), span)
        both = gatherResults([said, happened], consumeErrors=True)
        return both.addErrback(_first).addCallback(_merged, place, span)

    def _append(self, posting: Posting, place: str) -> None:
        fields = {**posting.__dict__, "room": beside(place)}
        fields.pop("line", None)
        self._records.store.append(made(Posting, fields))


def _posting(event: Any, kind: str, text: str) -> Posting:
    source = event.source
    return Posting(
        event.room,
        text,
        source.name,
        id=event.number,
        time=event.time,
        kind=kind,
        account=source.account,
        mask=f"{source.user}@{source.host}" if source.host else "",
    )


def _isKept(tags: str) -> bool:
    words = [word.partition("=")[0] for word in tags.split(";")]
    return PERSIST in words and len(tags.encode()) <= MAX_TAGS


def _first(failure: Any) -> Any:
    """What went wrong first, and not that something did."""
    return failure.value.subFailure


def _merged(pages: list[list[Posting]], place: str, span: Span) -> list[Posting]:
    """Both pages as one, which is no longer than one."""
    said, happened = pages
    each = [*said, *[inRoom(place, posting) for posting in happened]]
    each.sort(key=lambda posting: posting.id)

    def firstAt(time: int) -> int:
        later = (p.id for p in each if milliseconds(p.time) >= time)
        return next(later, MAX_ID)

    ranges = span.ranges(firstAt)
    return [posting for wanted in ranges for posting in cut(each, wanted)]
