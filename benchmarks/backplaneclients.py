"""Clients of Redis, each of which does what L{backplane} asks for, and says how fast.

C{python benchmarks/backplaneclients.py CLIENT WORK SOCKET COUNT} writes a list of
figures, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from backplanework import (
    KEYS,
    MESSAGE,
    PAGE,
    ROOM,
    WINDOW,
    firstSerial,
    inWindow,
    parsed,
    reacted,
    words,
)
from twisted.internet.defer import Deferred

from protocols.chat.backplane.interface import Listener
from protocols.chat.backplane.merging import Entry
from protocols.chat.backplane.opening import endpointOf
from protocols.chat.backplane.places import Place
from protocols.chat.backplane.redis import KEPT, RedisBackplane
from protocols.chat.backplane.resp import Parser
from protocols.chat.backplane.scripts import PUBLISH


class Ear(Listener):
    """Tells when there is a connection, and how much has come."""

    def __init__(self) -> None:
        self.found: Deferred[None] = Deferred()
        self.wanted = 0
        self.heard: Deferred[None] = Deferred()

    def connected(self) -> None:
        """See L{Listener.connected}."""
        self.found.callback(None)

    def lost(self, reason: str) -> None:
        """See L{Listener.lost}."""

    def received(self, entries: list[Entry]) -> None:
        """See L{Listener.received}."""
        self.wanted -= len(entries)
        if self.wanted <= 0:
            heard, self.heard = self.heard, Deferred()
            heard.callback(None)


async def opened(reactor: Any, socket: str, name: str) -> tuple[RedisBackplane, Ear]:
    """A backplane that is connected."""
    from twisted.application.internet import ClientService

    place, ear = Place(path=socket), Ear()

    def connecting(factory: Any) -> Any:
        return ClientService(endpointOf(place, reactor), factory, clock=reactor)

    made = RedisBackplane(place, name, reactor, connecting)
    made.begin(ear)
    await ear.found
    return made, ear


def oursPublish(socket: str, count: int) -> float:
    """L{RedisBackplane} publishes."""

    async def work(reactor: Any) -> float:
        made, _ = await opened(reactor, socket, f"node{time.monotonic_ns()}")
        rate = await inWindow(lambda n: made.publish(ROOM, n, MESSAGE, 0), count)
        await made.end()
        return rate

    return reacted(work)


def oursReceive(socket: str, count: int) -> float:
    """It reads what is there, some ten thousand, until it has read C{count}."""

    async def work(reactor: Any) -> float:
        read, used = 0, 0.0
        while read < count:
            made, ear = await opened(reactor, socket, "ear")
            page = await made.page(ROOM, 0, 10 * KEPT)
            ear.wanted, begun = len(page), time.process_time()
            made.listen(0)
            await ear.heard
            read, used = read + len(page), used + time.process_time() - begun
            await made.end()
        return read / used

    return reacted(work)


def trips(socket: str, count: int) -> list[float]:
    """Microseconds from one node to another, one after the other."""

    async def work(reactor: Any) -> list[float]:
        one, _ = await opened(reactor, socket, f"node{time.monotonic_ns()}")
        two, ear = await opened(reactor, socket, "two")
        last, found = await one.publish(ROOM, 1, MESSAGE, 0), []
        two.listen(last)
        for serial in range(2, count + 2):
            ear.wanted, begun = 1, time.perf_counter()
            one.publish(ROOM, serial, MESSAGE, 0)
            await ear.heard
            found.append((time.perf_counter() - begun) * 1e6)
        for made in (one, two):
            await made.end()
        return found

    return reacted(work)


def txPublish(socket: str, count: int) -> float:
    """txredisapi publishes."""
    import txredisapi

    async def work(reactor: Any) -> float:
        connection: Any = await txredisapi.UnixConnection(socket)
        await connection.script_load(PUBLISH.text)
        first = firstSerial()

        def publish(n: int) -> Deferred[Any]:
            more = [*KEYS], [*words(first + n)]
            return connection.evalsha(PUBLISH.digest, *more)  # type: ignore[no-any-return]

        rate = await inWindow(publish, count)
        await connection.disconnect()
        return rate

    return reacted(work)


def txReceive(socket: str, count: int) -> float:
    """txredisapi reads; it has no method for streams."""
    import txredisapi

    async def work(reactor: Any) -> float:
        connection: Any = await txredisapi.UnixConnection(socket)
        begun, read, last = time.process_time(), 0, b"0-0"
        while True:
            more = ("COUNT", PAGE, "STREAMS", KEYS[1], last)
            found = await connection.execute_command("XREAD", *more)
            if not found:
                break
            entries = found[0][1]
            read, last = read + len(entries), entries[-1][0]
        rate = read / (time.process_time() - begun)
        await connection.disconnect()
        return rate

    return reacted(work)


def pyPublish(socket: str, count: int) -> float:
    """redis-py publishes, a thousand at a time, and waits for them."""
    import redis

    connection: Any = redis.Redis(unix_socket_path=socket)
    connection.script_load(PUBLISH.text)
    first, begun = firstSerial(), time.process_time()
    for at in range(0, count, WINDOW):
        pipeline = connection.pipeline(transaction=False)
        for n in range(at, min(at + WINDOW, count)):
            pipeline.evalsha(PUBLISH.digest, len(KEYS), *KEYS, *words(first + n))
        pipeline.execute()
    return count / (time.process_time() - begun)


def pyReceive(socket: str, count: int) -> float:
    """redis-py reads, into dictionaries."""
    import redis

    connection: Any = redis.Redis(unix_socket_path=socket)
    begun, read, last = time.process_time(), 0, b"0-0"
    while found := connection.xread({KEYS[1]: last}, count=PAGE):
        pages = found.values() if isinstance(found, dict) else [found[0][1]]
        entries = next(iter(pages))
        entries = entries[0] if isinstance(entries[0], list) else entries
        read, last = read + len(entries), entries[-1][0]
    return read / (time.process_time() - begun)


def hiredisParse(socket: str, count: int) -> float:
    """The parser in C that redis-py uses."""
    import hiredis

    reader = hiredis.Reader()

    def feed(octets: bytes) -> Any:
        reader.feed(octets)
        return reader.gets()

    return parsed(feed, count)


_ALL: dict[str, dict[str, Callable[[str, int], Any]]] = {
    "ours": {
        "publish": oursPublish,
        "receive": oursReceive,
        "trips": trips,
        "parse": lambda socket, count: parsed(Parser().feed, count),
    },
    "txredisapi": {"publish": txPublish, "receive": txReceive},
    "redis": {"publish": pyPublish, "receive": pyReceive, "parse": hiredisParse},
}
CLIENTS = [name for name in _ALL if name == "ours" or find_spec(name)]
READERS = [
    name
    for name in CLIENTS
    if name == "ours" or (name == "redis" and find_spec("hiredis"))
]


if __name__ == "__main__":
    client, work, socket, count = sys.argv[1:]
    found = _ALL[client][work](socket, int(count))
    print(json.dumps(found if isinstance(found, list) else [found]))
