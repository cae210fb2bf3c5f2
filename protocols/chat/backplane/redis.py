"""A backplane in Redis, or Valkey: its streams carry what is said. Wire.

What nodes publish goes into a fixed number of streams, by room; each node reads all
of them with one XREAD that blocks, on a connection of its own, so that nothing else
waits for it. A script gives ids that grow over the whole chat, and are those of the
entries, so that who has seen one can go on behind it, at any node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from zlib import crc32

from twisted.internet.defer import Deferred, fail, gatherResults, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.backplane.connection import RedisConnection, RedisFactory
from protocols.chat.backplane.interface import BackplaneError, Listener, Note, Snapshot
from protocols.chat.backplane.merging import Entry
from protocols.chat.backplane.places import Place
from protocols.chat.backplane.reading import BusReader, entriesIn, pairsIn
from protocols.chat.backplane.redisledger import RedisLedger
from protocols.chat.backplane.resp import RefusedByServerError
from protocols.chat.backplane.scripts import ALL, CLAIM, PUBLISH, RELEASE, Script

# Streams of the bus: the same for all nodes.
STREAMS = 4

# Entries that a stream keeps, about: some hours of a lively chat, 10 MiB in all.
KEPT = 10_000

# Milliseconds that a name, or a node, is held without being said again: three
# beats, and some more.
LEASE = 10_000

# Seconds that the people of a node are noted that says nothing any more.
FORGOTTEN = 3600

# Seconds that it is remembered what a node has published last.
REMEMBERED = 86_400


class Connecting(Protocol):
    """Connects a factory again and again, such as C{ClientService} does."""

    def startService(self) -> None:
        """Begin."""

    def stopService(self) -> Any:
        """End; perhaps a Deferred."""


class RedisBackplane:
    """See L{protocols.chat.backplane.interface.Backplane}.

    @param place: of the server.
    @param node: this node's name, which no other has had.
    @param connecting: makes what connects a factory.
    @param prefix: of all keys.
    """

    log = Logger()

    def __init__(
        self,
        place: Place,
        node: str,
        clock: Any,
        connecting: Callable[[RedisFactory], Connecting],
        prefix: str = "chat:",
    ) -> None:
        self._prefix = prefix
        self._node = node
        self._shown = place.shown
        self._streams = [f"{prefix}bus:{number}" for number in range(STREAMS)]
        self._commands: RedisConnection | None = None
        self._reader = BusReader(self._streams, self._received)
        self._listener: Listener | None = None
        self._isUp = False
        # What the server has said last to who we are: logged once.
        self._refusal = ""
        self.ledger = RedisLedger(self._send, f"{prefix}book:")
        self._services = [
            connecting(RedisFactory(place, clock, ready, self._gone, self._refused))
            for ready in (self._commandsReady, self._readerReady)
        ]

    def begin(self, listener: Listener) -> None:
        """See L{Backplane.begin}."""
        self._listener = listener
        for service in self._services:
            service.startService()

    def end(self) -> Deferred[None]:
        """See L{Backplane.end}."""
        self._listener = None
        stopped = [service.stopService() or succeed(None) for service in self._services]
        return gatherResults(stopped).addCallback(lambda _: None)

    def publish(
        self,
        room: str,
        serial: int,
        message: bytes,
        floor: int,
        notes: Sequence[Note] = (),
    ) -> Deferred[int]:
        """See L{Backplane.publish}."""
        keys = (
            f"{self._prefix}last",
            self._streams[self._streamOf(room)],
            f"{self._prefix}serial:{self._node}",
            self._hash(notes[0].place if notes else "people"),
        )
        noted = [word for note in notes for word in (note.name, note.value or b"")]
        words = (serial, floor, KEPT, message, REMEMBERED)
        return self._run(PUBLISH, *keys, *words, *noted)

    def listen(self, after: int) -> None:
        """See L{Backplane.listen}."""
        self._reader.begin(after)

    def page(self, room: str, after: int, limit: int) -> Deferred[list[Entry]]:
        """See L{Backplane.page}."""
        stream = self._streams[self._streamOf(room)]
        found = self._send("XRANGE", stream, f"({after}", "+", "COUNT", limit)
        return found.addCallback(entriesIn)

    def claim(self, name: str, owner: str, isHeld: bool) -> Deferred[str]:
        """See L{Backplane.claim}."""
        key = f"{self._prefix}name:{name}"
        claimed = self._run(CLAIM, key, owner, LEASE, int(isHeld))
        return claimed.addCallback(lambda owner: owner.decode())

    def release(self, name: str, owner: str) -> Deferred[None]:
        """See L{Backplane.release}."""
        released = self._run(RELEASE, f"{self._prefix}name:{name}", owner)
        return released.addCallback(lambda _: None)

    def beat(self, nodes: list[str]) -> Deferred[list[str]]:
        """See L{Backplane.beat}."""
        said = self._send("SET", self._alive(self._node), 1, "PX", LEASE)
        self._send("SADD", f"{self._prefix}nodes", self._node).addErrback(_nothing)
        noted = self._send("EXPIRE", self._hash("people"), FORGOTTEN)
        noted.addErrback(_nothing)
        asked = [self._send("EXISTS", self._alive(node)) for node in nodes]

        def missing(answers: list[Any]) -> list[str]:
            return [
                node for node, is_ in zip(nodes, answers[1:], strict=True) if not is_
            ]

        return _all([said, *asked]).addCallback(missing)

    def snapshot(self) -> Deferred[Snapshot]:
        """See L{Backplane.snapshot}."""
        return Deferred.fromCoroutine(self._snapshot())

    async def _snapshot(self) -> Snapshot:
        """The last id first: what comes behind it is received anyway."""
        last = int(await self._send("GET", f"{self._prefix}last") or 0)
        rooms = pairsIn(await self._send("HGETALL", self._hash("rooms")))
        bans = pairsIn(await self._send("HGETALL", self._hash("bans")))
        ours = await self._send("HKEYS", self._hash("people"))
        people: dict[str, bytes] = {}
        nodes = []
        for each in await self._send("SMEMBERS", f"{self._prefix}nodes"):
            node = each.decode()
            if node != self._node and await self._isThere(node):
                nodes.append(node)
                people.update(pairsIn(await self._send("HGETALL", self._people(node))))
        ours = tuple(each.decode() for each in ours)
        return Snapshot(last, frozenset(nodes), ours, people, rooms, bans)

    async def _isThere(self, node: str) -> bool:
        """Whether a node is; one of which nothing is left is forgotten."""
        if await self._send("EXISTS", self._alive(node)):
            return True
        if not await self._send("EXISTS", self._people(node)):
            await self._send("SREM", f"{self._prefix}nodes", node)
        return False

    def _alive(self, node: str) -> str:
        return f"{self._prefix}alive:{node}"

    def _people(self, node: str) -> str:
        return f"{self._prefix}people:{node}"

    def _hash(self, place: str) -> str:
        """People are noted by node, so that a node's can go at once."""
        isPerson = place == "people"
        return self._people(self._node) if isPerson else f"{self._prefix}{place}"

    def _streamOf(self, room: str) -> int:
        return crc32(room.encode()) % STREAMS

    def _send(self, *words: bytes | str | int) -> Deferred[Any]:
        if self._commands is None or not self._isUp:
            return fail(BackplaneError("it can't be reached"))
        return self._commands.send(*words).addErrback(self._faulty)

    def _run(self, script: Script, *words: bytes | str | int) -> Deferred[Any]:
        return self._send("EVALSHA", script.digest, script.keys, *words)

    # Connections

    def _commandsReady(self, connection: RedisConnection) -> None:
        self._commands = connection
        loaded = [connection.send("SCRIPT", "LOAD", script.text) for script in ALL]
        _all(loaded).addCallbacks(self._maybeUp, self._faulty).addErrback(_nothing)

    def _readerReady(self, connection: RedisConnection) -> None:
        self._reader.connection = connection
        self._maybeUp()

    def _maybeUp(self, _: object = None) -> None:
        if self._listener is None or self._isUp:
            return
        if self._reader.connection is not None and self._commands is not None:
            self._isUp, self._refusal = True, ""
            self._listener.connected()

    def _gone(self, connection: RedisConnection) -> None:
        """Without one of them, the other is of no use."""
        for each in (self._commands, self._reader.connection):
            if each is not None:
                each.abandon("the other connection is lost")
        self._commands = self._reader.connection = None
        if self._isUp:
            self._isUp = False
            if self._listener is not None:
                self._listener.lost(f"{self._shown} can't be reached")

    def _refused(self, reason: str) -> None:
        if reason != self._refusal:
            self._refusal, where = reason, self._shown
            self.log.error("{place} does not let us in: {why}", place=where, why=reason)

    def _faulty(self, failure: Failure) -> None:
        """It does not do what it should: another attempt begins from the start.

        @raise BackplaneError: always.
        """
        failure.trap(BackplaneError, RefusedByServerError)
        if failure.check(RefusedByServerError) and self._commands is not None:
            self.log.warn("{place}: {why}", place=self._shown, why=str(failure.value))
            self._commands.abandon(str(failure.value))
        raise BackplaneError(str(failure.value))

    def _received(self, entries: list[Entry]) -> None:
        if self._listener is not None:
            self._listener.received(entries)


def _all(deferreds: list[Deferred[Any]]) -> Deferred[list[Any]]:
    """All results, or the first error; no error is left alone."""
    together = gatherResults(deferreds, consumeErrors=True)
    return together.addErrback(_first)


def _first(failure: Failure) -> Any:
    """What went wrong, and not that it was one of several."""
    error: Any = failure.value
    return error.subFailure


def _nothing(failure: Failure) -> None:
    """When it can't be reached, all is said again as soon as it can."""
    failure.trap(BackplaneError)
