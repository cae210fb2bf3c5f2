"""How a node and the backplane find and lose each other. Wire."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.backplane.interface import Backplane, BackplaneError, Snapshot
from protocols.chat.backplane.merging import Entry
from protocols.chat.backplane.notation import NotationError, read
from protocols.chat.events import Posting

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# Seconds between beats: this node is there, its names are its own, and who else is
# there? Three are missed before a lease ends.
BEAT = 3.0

# Seconds without the backplane until rooms go on without it: a server that restarts
# is back before that, and nobody notices.
GRACE = 2.0

# Seconds until the people of other nodes are taken for gone: as long as a lease.
LOST_SIGHT = 10.0

AWAY = "The other servers can't be reached; what you say is told there later."
BACK = "The other servers can be reached again."


class Link:
    """A L{protocols.chat.backplane.interface.Listener}: a node's ear at the bus.

    @ivar isAlone: rooms go on without the others.
    @ivar position: the last id that was received.
    """

    log = Logger()

    def __init__(self, node: Node, backplane: Backplane) -> None:
        self.isAlone = False
        self.position = 0
        self._node = node
        self._backplane = backplane
        self._isFirst = True
        self._isThere = False
        self._isSettled = False
        self._waiting: list[Deferred[None]] = []
        self._seen = 0
        self._known = 0
        self._timers: list[Any] = []
        # Nodes that the last beat did not find; the next one decides.
        self._missing: set[str] = set()

    def begin(self) -> None:
        """Reach for the backplane; until it is there, this node is alone."""
        self._loseSoon()
        self._backplane.begin(self)

    def end(self) -> Deferred[None]:
        """Nothing is published any more, when all has been that was."""
        self._stopTimers()
        self._isThere = False
        self._node.flush()
        self._node.out.isOpen = False
        last = self._backplane.beat([])
        return last.addBoth(lambda _: self._backplane.end())

    # What the backplane tells

    def connected(self) -> None:
        """See L{Listener.connected}."""
        self._isThere = True
        self._meetSoon()

    def lost(self, reason: str) -> None:
        """See L{Listener.lost}."""
        self._isThere = False
        self.log.warn("The backplane is lost: {why}", why=reason)
        self._node.lost()
        self._loseSoon()

    def received(self, entries: list[Entry]) -> None:
        """See L{Listener.received}."""
        lobby = self._node.lobby
        for number, message in entries:
            self.position = number
            lobby.lastId = max(lobby.lastId, number)
            try:
                self._take(number, read(message))
            except (NotationError, TypeError, ValueError) as error:
                why = str(error)
                self.log.error(
                    "{number} can't be understood: {why}", number=number, why=why
                )
        self._node.out.send()

    def whenSettled(self) -> Deferred[None]:
        """Fires when the backplane was found for the first time, or is waited for
        no longer: until then nobody knows which names are somebody's."""
        if self._isSettled:
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def _settle(self) -> None:
        self._isSettled = True
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.callback(None)

    def _take(self, number: int, items: list[Any]) -> None:
        node, serial, what, *rest = items
        isOurs = node == self._node.name
        waiting = self._node.out.spool.came(serial) if isOurs else None
        if what == "say":
            isTold = number <= self._seen or (waiting is not None and waiting.isTold)
            own = serial if isOurs else 0
            self._node.into.said(number, isOurs, isTold, rest, own)
        elif number > self._known:
            self._node.into.take(what, isOurs, rest)
        else:
            self._node.into.passed(what, rest)

    # Finding it

    def _meetSoon(self) -> None:
        Deferred.fromCoroutine(self._meet()).addErrback(self._failed)

    async def _meet(self) -> None:
        """See who is there, have our names, tell who we are, and then listen."""
        snapshot = await self._backplane.snapshot()
        await self._node.names.hold()
        await self._node.sharing.meet()
        self._stopTimers()
        self._apply(snapshot)
        self._node.out.tellGaps()
        self._node.out.isOpen = True
        self._node.tellAll(snapshot.ours)
        self._backplane.listen(self.position)
        self._tell(BACK)
        self.isAlone = False
        self._settle()
        await self._beatOnce()
        self.log.info("This server has joined the other servers of the chat")

    def _apply(self, snapshot: Snapshot) -> None:
        """What was published up to it is in it, but for what was said."""
        self._known = snapshot.last
        if self._isFirst:
            self._seen, self._isFirst = snapshot.last, False
            # What a store has needs not be read; but if it knows of more than there
            # is, the backplane has begun anew.
            self.position = min(self.position, snapshot.last)
        lobby, into = self._node.lobby, self._node.into
        lobby.lastId = max(lobby.lastId, snapshot.last)
        isAnew = snapshot.last < self.position
        self._try(self._node.rooms.found, _roomsIn(snapshot))
        self._try(self._node.sharing.found, snapshot.bans, isAnew)
        self._node.people.keepOnly(set(snapshot.people), snapshot.nodes)
        for profile in snapshot.people.values():
            self._try(lambda noted: into.apply(read(noted)[0]), profile)

    def _try(self, act: Any, *items: Any) -> None:
        """Do something with what was noted."""
        try:
            act(*items)
        except (NotationError, TypeError, ValueError) as error:
            self.log.error("A note can't be understood: {why}", why=str(error))

    # Losing it

    def _loseSoon(self) -> None:
        self._stopTimers()
        self._later(GRACE, self._goAlone)
        self._later(LOST_SIGHT, self._loseSight)

    def _goAlone(self) -> None:
        """What was said and did not come back is told here now."""
        if self.isAlone:
            return
        self.isAlone = True
        self._settle()
        self._tell(AWAY)
        for waiting in self._node.out.spool:
            if waiting.draft is not None and not waiting.isTold:
                waiting.isTold = True
                draft = waiting.draft.finished(0)
                words = draft, waiting.sender, waiting.target, waiting.serial
                self._node.into.handOut(*words)

    def _tell(self, text: str) -> None:
        """Tell each room once that has somebody in it."""
        if not self.isAlone:
            return
        for room in list(self._node.lobby.rooms.values()):
            if room.members:
                room.outbox.post(Posting(room.name, text, time=self._node.lobby.now()))

    def _loseSight(self) -> None:
        self._node.people.goneWith(None, "quit")

    # The beat

    def _beat(self) -> None:
        beaten = Deferred.fromCoroutine(self._beatOnce())
        beaten.addErrback(self._failed)

    async def _beatOnce(self) -> None:
        known = self._node.people.nodes
        missing = await self._backplane.beat(known)
        await self._node.names.hold()
        for node in self._missing & set(missing):
            self._node.people.goneWith(node, "quit")
        self._missing = set(missing)
        self._later(BEAT, self._beat)

    def _later(self, seconds: float, function: Any) -> None:
        self._timers = [timer for timer in self._timers if timer.active()]
        self._timers.append(self._node.clock.callLater(seconds, function))

    def _stopTimers(self) -> None:
        timers, self._timers = self._timers, []
        for timer in timers:
            if timer.active():
                timer.cancel()

    def _failed(self, failure: Failure) -> None:
        """It may be lost, and we are told so, too; if not, try again."""
        if not failure.check(BackplaneError):
            self.log.failure("A node does not find its way to the others", failure)
        if self._isThere:
            self._later(BEAT, self._beat if self._node.out.isOpen else self._meetSoon)


def _roomsIn(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """What was noted of rooms: parts by room; what can't be read is left out."""
    rooms: dict[str, dict[str, Any]] = {}
    for name, value in snapshot.rooms.items():
        place, _, part = name.partition(" ")
        with suppress(NotationError, IndexError):
            rooms.setdefault(place, {})[part] = read(value)[0]
    return rooms
