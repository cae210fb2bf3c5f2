"""A backplane in memory: several nodes in one process, as tests have them. Wire.

A chat that is in one process needs none, and has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import deferLater

from protocols.chat.backplane.interface import (
    BackplaneError,
    LedgerFullError,
    Listener,
    Note,
    Snapshot,
)
from protocols.chat.backplane.merging import Entry

_T = TypeVar("_T")

# Entries that are kept.
KEPT = 10_000


class LocalBus:
    """What the nodes of a process have in common.

    @param clock: an C{IReactorTime}; what is published is received in a later turn.
    @param lease: seconds that names and nodes are held.
    @ivar isUp: it can be reached; see L{stop} and L{start}.
    """

    def __init__(self, clock: Any, lease: float = 10.0) -> None:
        self.clock = clock
        self.lease = lease
        self.isUp = True
        self.last = 0
        self.entries: list[tuple[str, Entry]] = []
        self.serials: dict[str, int] = {}
        self.people: dict[str, dict[str, bytes]] = {}
        self.rooms: dict[str, bytes] = {}
        self.bans: dict[str, bytes] = {}
        self.books: dict[str, dict[str, bytes]] = {}
        self.owners: dict[str, tuple[str, float]] = {}
        self.alive: dict[str, float] = {}
        self.members: list[LocalBackplane] = []

    def stop(self) -> None:
        """Nobody can reach it any more."""
        self.isUp = False
        for member in list(self.members):
            member.lost()

    def start(self) -> None:
        """All can."""
        self.isUp = True
        for member in list(self.members):
            member.found()

    def soon(self) -> None:
        """Hand out what has been published, in a turn of its own."""
        for member in list(self.members):
            self.clock.callLater(0, member.handOut)


class LocalBackplane:
    """See L{protocols.chat.backplane.interface.Backplane}.

    @param node: this node's name.
    """

    def __init__(self, bus: LocalBus, node: str) -> None:
        self._bus = bus
        self._node = node
        self._listener: Listener | None = None
        self._position: int | None = None
        bus.people[node] = {}
        self.ledger = LocalLedger(bus)

    def begin(self, listener: Listener) -> None:
        """See L{Backplane.begin}."""
        self._listener = listener
        self._bus.members.append(self)
        self.found()

    def end(self) -> Deferred[None]:
        """See L{Backplane.end}."""
        self._listener = None
        self._bus.members.remove(self)
        return succeed(None)

    def found(self) -> None:
        """The bus can be reached."""
        if self._listener is not None and self._bus.isUp:
            self._listener.connected()

    def lost(self) -> None:
        """It can't any more."""
        self._position = None
        if self._listener is not None:
            self._listener.lost("stopped")

    def publish(
        self,
        room: str,
        serial: int,
        message: bytes,
        floor: int,
        notes: Sequence[Note] = (),
    ) -> Deferred[int]:
        """See L{Backplane.publish}."""
        bus = self._bus
        if not bus.isUp:
            return _away()
        if serial <= bus.serials.get(self._node, 0):
            return succeed(0)
        bus.serials[self._node] = serial
        bus.last = max(bus.last, floor) + 1
        bus.entries.append((room, (bus.last, message)))
        del bus.entries[:-KEPT]
        for note in notes:
            self._note(note)
        bus.soon()
        return succeed(bus.last)

    def listen(self, after: int) -> None:
        """See L{Backplane.listen}."""
        self._position = after
        self._bus.clock.callLater(0, self.handOut)

    def page(self, room: str, after: int, limit: int) -> Deferred[list[Entry]]:
        """See L{Backplane.page}."""
        found = [each for at, each in self._bus.entries if at == room]
        return succeed([each for each in found if each[0] > after][:limit])

    def claim(self, name: str, owner: str, isHeld: bool) -> Deferred[str]:
        """See L{Backplane.claim}."""
        if not self._bus.isUp:
            return _away()
        now = self._bus.clock.seconds()
        other, until = self._bus.owners.get(name, (owner, now))
        isFree = until <= now or other == owner
        if isFree or (isHeld and owner < other):
            other = owner
            self._bus.owners[name] = owner, now + self._bus.lease
        return deferLater(self._bus.clock, 0, lambda: other)

    def release(self, name: str, owner: str) -> Deferred[None]:
        """See L{Backplane.release}."""
        if not self._bus.isUp:
            return _away()
        if self._bus.owners.get(name, ("", 0))[0] == owner:
            del self._bus.owners[name]
        return succeed(None)

    def beat(self, nodes: list[str]) -> Deferred[list[str]]:
        """See L{Backplane.beat}."""
        if not self._bus.isUp:
            return _away()
        now, alive = self._bus.clock.seconds(), self._bus.alive
        alive[self._node] = now + self._bus.lease
        return succeed([node for node in nodes if alive.get(node, 0) <= now])

    def snapshot(self) -> Deferred[Snapshot]:
        """See L{Backplane.snapshot}."""
        bus, now = self._bus, self._bus.clock.seconds()
        people: dict[str, bytes] = {}
        others = {node for node in bus.people if bus.alive.get(node, 0) > now}
        others.discard(self._node)
        for node in others:
            people.update(bus.people[node])
        ours = tuple(bus.people[self._node])
        noted = people, dict(bus.rooms), dict(bus.bans)
        return succeed(Snapshot(bus.last, frozenset(others), ours, *noted))

    def handOut(self) -> None:
        """Tell the listener what it has not been told."""
        if self._position is None or self._listener is None:
            return
        after = self._position
        entries = [each for _, each in self._bus.entries if each[0] > after]
        if entries:
            self._position = entries[-1][0]
            self._listener.received(entries)

    def _note(self, note: Note) -> None:
        isPerson = note.place == "people"
        others = self._bus.bans if note.place == "bans" else self._bus.rooms
        noted = self._bus.people[self._node] if isPerson else others
        if note.value is None:
            noted.pop(note.name, None)
        else:
            noted[note.name] = note.value


class LocalLedger:
    """See L{protocols.chat.backplane.interface.Ledger}."""

    def __init__(self, bus: LocalBus) -> None:
        self._bus = bus

    def get(self, book: str, name: str) -> Deferred[bytes | None]:
        """See L{Ledger.get}."""
        return self._soon(lambda: self._book(book).get(name))

    def put(
        self,
        book: str,
        name: str,
        value: bytes | None,
        expected: bytes | None,
        most: int = 0,
    ) -> Deferred[bool]:
        """See L{Ledger.put}."""

        def put() -> bool:
            kept = self._book(book)
            if kept.get(name) != expected:
                return False
            if value is None:
                kept.pop(name, None)
            elif most and expected is None and len(kept) >= most:
                raise LedgerFullError(f"there are {most} already")
            else:
                kept[name] = value
            return True

        return self._soon(put)

    def names(self, book: str) -> Deferred[set[str]]:
        """See L{Ledger.names}."""
        return self._soon(lambda: set(self._book(book)))

    def scan(self, book: str) -> Deferred[dict[str, bytes]]:
        """See L{Ledger.scan}."""
        return self._soon(lambda: dict(self._book(book)))

    def _book(self, name: str) -> dict[str, bytes]:
        return self._bus.books.setdefault(name, {})

    def _soon(self, do: Callable[[], _T]) -> Deferred[_T]:
        """Done at once, and known in a later turn, as over a network."""
        if not self._bus.isUp:
            return _away()
        try:
            done = do()
        except BackplaneError as error:
            return fail(error)
        return deferLater(self._bus.clock, 0, lambda: done)


def _away() -> Deferred[Any]:
    return fail(BackplaneError("it is stopped"))
