"""As much of a server of Redis as the backplane needs, in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock

from protocols.chat.backplane.connection import RedisFactory
from protocols.chat.backplane.resp import Parser, command
from protocols.chat.backplane.scripts import CLAIM, PUBLISH, PUT, RELEASE
from protocols.testing import connectedPair


class FakeRedis(Factory):
    """What it keeps is shared by all connections.

    @ivar refusals: what it answers instead, by command.
    @ivar silent: commands that it does not answer.
    @ivar asked: all commands.
    """

    noisy = False

    def __init__(self) -> None:
        self.kept: dict[bytes, Any] = {}
        self.refusals: dict[bytes, bytes] = {}
        self.silent: set[bytes] = set()
        self.asked: list[list[bytes]] = []
        self.connections: list[FakeConnection] = []

    def buildProtocol(self, address: object) -> FakeConnection:
        connection = FakeConnection(self)
        self.connections.append(connection)
        return connection

    # What commands do

    def GET(self, key: bytes) -> Any:
        return self.kept.get(key)

    def SET(self, key: bytes, value: bytes, *how: bytes) -> Any:
        self.kept[key] = value
        return b"OK"

    def EXISTS(self, key: bytes) -> int:
        return int(key in self.kept)

    def EXPIRE(self, key: bytes, seconds: bytes) -> int:
        return int(key in self.kept)

    def SADD(self, key: bytes, member: bytes) -> int:
        self.kept.setdefault(key, {})[member] = None
        return 1

    def SREM(self, key: bytes, member: bytes) -> int:
        self.kept.get(key, {}).pop(member, None)
        return 1

    def SMEMBERS(self, key: bytes) -> list[bytes]:
        return list(self.kept.get(key, {}))

    def HKEYS(self, key: bytes) -> list[bytes]:
        return list(self.kept.get(key, {}))

    def HGETALL(self, key: bytes) -> list[bytes]:
        return [item for pair in self.kept.get(key, {}).items() for item in pair]

    def HGET(self, key: bytes, name: bytes) -> Any:
        return self.kept.get(key, {}).get(name)

    def XRANGE(self, key: bytes, low: bytes, *more: bytes) -> Any:
        after, limit = int(low[1:]), int(more[-1])
        return self.entries(key, after)[:limit]

    def entries(self, key: bytes, after: int) -> list[Any]:
        found = [each for each in self.kept.get(key, []) if each[0] > after]
        return [[b"%d-0" % number, [b"m", message]] for number, message in found]

    def EVALSHA(self, digest: bytes, number: bytes, *words: bytes) -> Any:
        scripts = {PUBLISH: self.publish, CLAIM: self.claim, RELEASE: self.release}
        scripts[PUT] = self.put
        run = {each.digest.encode(): act for each, act in scripts.items()}[digest]
        return run(*words)

    def publish(self, *words: bytes) -> int:
        last, stream, sent, noted, serial, floor, _, message, _, *pairs = words
        if int(serial) <= int(self.kept.get(sent, 0)):
            return 0
        self.kept[sent] = serial
        number = max(int(self.kept.get(last, 0)), int(floor)) + 1
        self.kept[last] = b"%d" % number
        self.kept.setdefault(stream, []).append((number, message))
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            if value:
                self.kept.setdefault(noted, {})[name] = value
            else:
                self.kept.get(noted, {}).pop(name, None)
        return number

    def put(self, *words: bytes) -> int:
        key, name, expected, value, most = words
        kept = self.kept.setdefault(key, {})
        if kept.get(name, b"") != expected:
            return 0
        if value and not expected and 0 < int(most) <= len(kept):
            return -1
        kept[name] = value
        if not value:
            del kept[name]
        return 1

    def claim(self, name: bytes, owner: bytes, lease: bytes, isHeld: bytes) -> bytes:
        return self.kept.setdefault(name, owner)  # type: ignore[no-any-return]

    def release(self, name: bytes, owner: bytes) -> int:
        if self.kept.get(name) == owner:
            del self.kept[name]
        return 1


class FakeConnection(Protocol):
    """Answers; XREAD with BLOCK only once there is something."""

    def __init__(self, server: FakeRedis) -> None:
        self._server = server
        self._parser = Parser()
        self.blocked: list[bytes] | None = None

    def dataReceived(self, data: bytes) -> None:
        for words in self._parser.feed(data):
            self._server.asked.append(words)
            self._do(words)

    def _do(self, words: list[bytes]) -> None:
        name = words[0]
        if name in self._server.silent:
            return
        if name in self._server.refusals:
            self.write(self._server.refusals[name])
        elif name in (b"SELECT", b"AUTH", b"SCRIPT"):
            self.write(b"+OK\r\n")
        elif name == b"XREAD":
            self._read(words)
        else:
            self.write(answer(getattr(self._server, name.decode())(*words[1:])))

    def _read(self, words: list[bytes]) -> None:
        at = words.index(b"STREAMS") + 1
        names = words[at : at + (len(words) - at) // 2]
        after = [int(each.partition(b"-")[0]) for each in words[at + len(names) :]]
        most = int(words[words.index(b"COUNT") + 1])
        pairs = zip(names, after, strict=True)
        read = [[each, self._server.entries(each, last)[:most]] for each, last in pairs]
        found = [each for each in read if each[1]]
        if found or b"BLOCK" not in words:
            self.write(answer(found or None))
        else:
            self.blocked = words

    def wake(self) -> None:
        """Look again whether there is something."""
        words, self.blocked = self.blocked, None
        if words is not None:
            self._read(words)

    def write(self, octets: bytes) -> None:
        transport: Any = self.transport
        transport.write(octets)


def answer(value: Any) -> bytes:
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, bytes):
        return command(value)[4:]
    return b"*%d\r\n" % len(value) + b"".join(map(answer, value))


class Network:
    """Connects factories to a server, when it is told to.

    @ivar isUp: the server can be reached.
    """

    def __init__(self, server: FakeRedis) -> None:
        self.server = server
        self.clock = Clock()
        self.pairs: list[Any] = []
        self.isUp = True

    def connecting(self, factory: RedisFactory) -> Line:
        return Line(self, factory)

    def settle(self) -> None:
        """Carry everything, until nothing is under way."""
        for _ in range(8):
            self.clock.advance(0)
            for pair in list(self.pairs):
                pair.pump()
            for connection in self.server.connections:
                connection.wake()
        self.clock.advance(0)


class Line:
    """As C{ClientService}, but for waiting."""

    def __init__(self, network: Network, factory: RedisFactory) -> None:
        self._network = network
        self._factory = factory

    def startService(self) -> None:
        pair = connectedPair(self._network.server, self._factory)
        self.pair = pair
        self._network.pairs.append(pair)

    def stopService(self) -> Any:
        self.pair.client.transport.loseConnection()


Act = Callable[[], object]
