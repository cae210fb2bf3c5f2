"""What several processes of a chat need to be one chat. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from protocols.chat.backplane.merging import Entry

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred


class BackplaneError(Exception):
    """It can't be reached, or does not do what it should; one line for a log."""


@dataclass(frozen=True)
class Note:
    """What is to be known of something, for nodes that start later.

    @ivar place: C{people}, C{rooms} or C{bans}.
    @ivar name: whose it is; unique in its place.
    @ivar value: C{None} if there is nothing to be known any more; not empty.
    """

    place: str
    name: str
    value: bytes | None


@dataclass(frozen=True)
class Snapshot:
    """What there is to be known, at one moment.

    @ivar last: the id of what was published last before that.
    @ivar nodes: the other nodes that are there.
    @ivar ours: names of people noted by this node, from before it was lost.
    @ivar people: what was noted of people by the others, by name.
    @ivar rooms: what was noted of rooms, by name.
    @ivar bans: what was noted of bans of the whole chat, by name.
    """

    last: int = 0
    nodes: frozenset[str] = frozenset()
    ours: tuple[str, ...] = ()
    people: dict[str, bytes] = field(default_factory=dict)
    rooms: dict[str, bytes] = field(default_factory=dict)
    bans: dict[str, bytes] = field(default_factory=dict)


class LedgerFullError(BackplaneError):
    """There are as many names in a book as there may be."""


class Ledger(Protocol):
    """What all nodes keep together, for good: books of names, each with a value.

    Values are not empty. Everything may fail with L{BackplaneError}.
    """

    def get(self, book: str, name: str) -> Deferred[bytes | None]:
        """What is kept of a name; C{None} for nothing."""

    def put(
        self,
        book: str,
        name: str,
        value: bytes | None,
        expected: bytes | None,
        most: int = 0,
    ) -> Deferred[bool]:
        """Keep something of a name, if what was kept so far is C{expected}.

        @param value: C{None} for nothing any more.
        @param expected: C{None} for nothing.
        @param most: names of the book, if there may not be more.
        @return: whether it is kept. Fails with L{LedgerFullError}.
        """

    def names(self, book: str) -> Deferred[set[str]]:
        """All names of a book."""

    def scan(self, book: str) -> Deferred[dict[str, bytes]]:
        """All that is kept in a book; for one that is small."""


class Listener(Protocol):
    """Who is at a backplane: a node."""

    def connected(self) -> None:
        """The backplane can be reached from now on."""

    def lost(self, reason: str) -> None:
        """It can't any more; what is under way may have arrived or not."""

    def received(self, entries: list[Entry]) -> None:
        """Something was published, by whomever, this node too; in order."""


class Backplane(Protocol):
    """Carries what nodes publish to all of them, in one order, and names.

    Nothing waits, and everything that returns a Deferred may fail with
    L{BackplaneError}.

    @ivar ledger: what the nodes keep there.
    """

    @property
    def ledger(self) -> Ledger:
        """See above."""

    def begin(self, listener: Listener) -> None:
        """Try to reach it, again and again, and tell C{listener}."""

    def end(self) -> Deferred[None]:
        """Let go."""

    def publish(
        self,
        room: str,
        serial: int,
        message: bytes,
        floor: int,
        notes: Sequence[Note] = (),
    ) -> Deferred[int]:
        """Have all nodes receive C{message}.

        What has the C{serial} of something that this node has published already,
        or a lower one, is not published again: it may be tried twice.

        @param room: what it is about; any word.
        @param floor: the id is to be higher.
        @param notes: what is to be known from then on; all of one place.
        @return: its id; 0 if it had been published before.
        """

    def listen(self, after: int) -> None:
        """Have the listener receive all that comes behind an id."""

    def page(self, room: str, after: int, limit: int) -> Deferred[list[Entry]]:
        """The first of what was published behind an id, about what C{room} is
        kept together with, as far as it is still there."""

    def claim(self, name: str, owner: str, isHeld: bool) -> Deferred[str]:
        """Have C{name} be C{owner}'s for a while; to be said again and again.

        @param isHeld: they have it as far as this node knows. If it is somebody
            else's nevertheless, the owner whose text is lower has it.
        @return: whose it is now.
        """

    def release(self, name: str, owner: str) -> Deferred[None]:
        """C{name} is nobody's any more, if it is C{owner}'s."""

    def beat(self, nodes: list[str]) -> Deferred[list[str]]:
        """This node is there; which of these are not?"""

    def snapshot(self) -> Deferred[Snapshot]:
        """What was noted by the nodes that are there."""
