"""What clients of Redis do, for L{backplaneclients}, and the server that they ask."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from protocols.chat.backplane.redis import KEPT, REMEMBERED, STREAMS
from protocols.chat.backplane.resp import command

# Octets of a message, as a short line takes with all that is said of its sender.
MESSAGE = b"x" * 250
WINDOW = 1000
ROOM = "#a"
PAGE = 500


@contextmanager
def freshServer() -> Iterator[str]:
    """A server that keeps nothing; the path of its socket."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise SystemExit("there is no redis-server")
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/socket"
        words = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        out = subprocess.DEVNULL
        server = subprocess.Popen([program, *words], stdout=out, stderr=out)
        try:
            while not Path(socket).exists():
                time.sleep(0.01)
            yield socket
        finally:
            server.kill()
            server.wait()


async def inWindow(publish: Callable[[int], Deferred[Any]], count: int) -> float:
    """Messages a CPU second, so many under way at a time."""
    begun = time.process_time()
    for at in range(0, count, WINDOW):
        under = [publish(at + n) for n in range(1, min(WINDOW, count - at) + 1)]
        # They are answered in order.
        await under[-1]
    return count / (time.process_time() - begun)


def reacted(work: Callable[[Any], Any]) -> Any:
    """What a coroutine returns that the reactor runs."""
    results: list[Any] = []

    def begin(reactor: Any) -> Deferred[None]:
        return Deferred.fromCoroutine(work(reactor)).addCallback(results.append)

    try:
        react(begin, [])
    except SystemExit:
        if not results:
            raise
    return results[0]


# The same words for all: a script's keys, and what it is told.
_STREAM = f"chat:bus:{crc32(ROOM.encode()) % STREAMS}"
KEYS = ("chat:last", _STREAM, "chat:serial:other", "chat:people:other")


def words(serial: int) -> tuple[Any, ...]:
    """What the script is told; it refuses what it was told before."""
    return (serial, 0, KEPT, MESSAGE, REMEMBERED)


def firstSerial() -> int:
    """Higher than those of runs before."""
    return time.time_ns() // 1000


def answerOf(count: int) -> bytes:
    """What the server answers to XREAD."""
    each = [b"*2\r\n", command("1700000000000-0")[4:], command("m", MESSAGE)]
    entry = b"".join(each)
    return b"*1\r\n*2\r\n$1\r\na\r\n*%d\r\n" % count + entry * count


def parsed(feed: Callable[[bytes], Any], count: int) -> float:
    """Entries a CPU second, in pages, in the portions that a socket gives."""
    answer = answerOf(PAGE)
    pieces = [answer[at : at + 65536] for at in range(0, len(answer), 65536)]
    begun = time.process_time()
    for _ in range(count // PAGE):
        found = [feed(piece) for piece in pieces][-1]
        assert found
    return count / (time.process_time() - begun)
