"""Somebody in the chat, whatever door they came in by. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from protocols.chat.events import LINES, Dialect, Event, Source

if TYPE_CHECKING:
    from protocols.chat.gates import Gate
    from protocols.chat.room import Room


def addressOf(transport: Any) -> str:
    """Where a connection comes from; empty if that is no address (UNIX)."""
    host: str = getattr(transport.getPeer(), "host", None) or ""
    return host


class RefusedError(Exception):
    """What somebody wanted can't be; the message says why, to them.

    @ivar why: the same in one word, for doors with reply codes.
    @ivar about: what it is about, such as a room's name.
    """

    def __init__(self, text: str, why: str = "", about: str = "") -> None:
        super().__init__(text)
        self.why = why
        self.about = about


class Person:
    """Somebody, as the rooms see them. A door's protocol is one.

    @ivar name: unique by its key while its owner is here.
    @ivar user: what they are called where they come from.
    @ivar host: their address or account, as others may see it.
    @ivar origin: see L{Source.origin}.
    @ivar address: the same as it is, for bans of networks.
    @ivar account: that they have logged in to; empty for none.
    @ivar session: nobody else's, now or later; empty as long as nobody has asked.
    @ivar away: why they do not answer; empty if they do.
    @ivar dialect: how events are written for them.
    @ivar rooms: the rooms that they are in, by key, in the order of joining; never
        changed, but another when they join or leave.
    @ivar watched: names of those whose coming and going they are told, by key.
    @ivar marks: how far they have read, by the key of what; C{None} as long as
        nobody has asked.
    @ivar gate: whose private words they hear; all are heard if C{None}.
    @ivar metadata: what they say about themselves, for programs.
    @ivar isOperator: they keep order in the whole chat.
    @ivar isHidden: they are not shown to who shares no room with them.
    @ivar isBot: they say that they are a program.
    @ivar isSecure: they came in under TLS.
    @ivar isRelayed: a gateway has said who they are; the connection is its own.
    @ivar followsChanges: whom they watch for, they are also told about.
    @ivar outlet: where octets for them go that many others get as well, in one call
        of its C{writeToAll} (L{protocols.lean.sending.writeToAll}); C{None} if
        L{deliver} is to have them.
    @ivar signedOn: since when they are here, in seconds since 1970.
    @cvar later: attributes that all get sooner or later.
    @ivar spokeAt: when they last said something, likewise.
    """

    name = ""
    user = ""
    host = ""
    origin = ""
    address = ""
    account = ""
    session = ""
    realname = ""
    away = ""
    dialect: Dialect = LINES
    rooms: Mapping[str, Room] = MappingProxyType({})
    watched: Mapping[str, str] = MappingProxyType({})
    marks: dict[str, float] | None = None
    gate: Gate | None = None
    metadata: Mapping[str, str] = MappingProxyType({})
    isOperator = False
    isHidden = False
    isBot = False
    isSecure = False
    isRelayed = False
    followsChanges = False
    outlet: Any = None
    signedOn = 0.0
    spokeAt = 0.0
    later: ClassVar[tuple[str, ...]] = (
        *("rooms", "name", "_source", "signedOn", "spokeAt"),
    )
    _source: Source | None = None

    def begin(self) -> None:
        """Be in no room, and have what is set C{later}.

        Python (3.11 and 3.12) has the objects of a class share their layout; an
        attribute that most get when many are there already costs each of them a
        dictionary of its own, which is 800 octets.
        """
        for name in self.later:
            setattr(self, name, getattr(self, name))

    @property
    def source(self) -> Source:
        """Who they are just now; the same object until that changes."""
        if self._source is None:
            self._source = Source(
                *(self.name, self.user, self.host, self.account, self.realname),
                self.origin,
            )
        return self._source

    def rest(self) -> None:
        """They have come, and may never say a word: L{source} is found when it is
        asked for again (80 octets less until then).
        """
        self._source = None

    def changed(self) -> None:
        """Something of what L{source} says has changed."""
        self._source = None
        for room in self.rooms.values():
            room.moves += 1

    def enteredRoom(self, room: Room, place: str, other: Person | None) -> None:
        """They are in C{room} too, from now on.

        @param place: its key.
        @param other: somebody else in it. Most are in the same rooms as those before
            them, and one C{dict} is enough for all these.
        """
        rooms: Mapping[str, Room] = {**self.rooms, place: room}
        theirs = other.rooms if other is not None else {}
        isSame = theirs == rooms and list(theirs) == list(rooms)
        self.rooms = theirs if isSame else rooms

    def leftRoom(self, room: Room) -> None:
        """They are in C{room} no more, for whatever reason."""

    def deliver(self, octets: bytes) -> None:
        """Send octets to them, or keep them for a while; never wait."""
        raise NotImplementedError

    def sendAway(self, reason: str) -> None:
        """Have them leave the chat, and tell them why."""
        raise NotImplementedError

    def hear(self, event: Event) -> None:
        """Tell them of something, in their dialect."""
        if octets := self.dialect.write(event):
            self.deliver(octets)
