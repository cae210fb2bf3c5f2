"""The chat's store in an SQLite file: writing, pages, search, and the reactor's stalls.

C{python benchmarks/chatstore.py [--postings 100000] [--seconds 5] [--write]}: fills a
file in a folder of its own (C{--folder}, for a disk that is to be measured), and asks
it what people ask. The longest stall is that of a timer that should fire each
millisecond, while postings come, pages and searches are asked for, and what is too
old is deleted.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from measure import keep
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import deferLater

from protocols.chat import storepruning
from protocols.chat.events import Posting
from protocols.chat.keeping import Keeper
from protocols.chat.lobby import Lobby
from protocols.chat.spans import Span
from protocols.chat.store import ChatStore
from protocols.chat.storeretention import Retention

# Words of a language, the first ones more often than the last; and of a line.
VOCABULARY = 5000
WORDS = 8

# Rooms that people talk in, and those that are kept.
ROOMS = 20
KEPT_ROOMS = 3000

# What waits in the store before no more is appended for a while.
MOST_WAITING = 4000

# How often each question is asked; and, under load, postings, pages and searches
# a second.
ASKED = 100
LOAD = 2000
PAGES = 20
SEARCHES = 5

# Seconds between two looks for a stall.
TICK = 0.001

HEADING = "| what | goal | figure |\n|---|---|---|"


class Talk:
    """Makes postings, the same ones each time."""

    def __init__(self) -> None:
        self._random = random.Random(4)
        self._words = [f"word{number}" for number in range(VOCABULARY)]
        self._weights = [1 / (number + 1) for number in range(VOCABULARY)]
        self.last = 0

    def next(self) -> Posting:
        """What somebody says; one line in a thousand has a word of its own."""
        self.last += 1
        words = self._random.choices(self._words, self._weights, k=WORDS)
        text = " ".join([f"rare{self.last}"] * (self.last % 1000 == 0) + words)
        room = f"#room{self.last % ROOMS}"
        return Posting(room, text, "ann", id=self.last, time=self.last / 100)


async def fill(reactor: Any, store: ChatStore, talk: Talk, count: int) -> str:
    """Append as fast as the store takes it."""
    postings: Iterator[Posting] = iter([talk.next() for _ in range(count)])
    begin, cpu = time.perf_counter(), time.process_time()
    while some := [each for _, each in zip(range(500), postings, strict=False)]:
        for posting in some:
            store.append(posting)
        while len(store._spool) > MOST_WAITING:
            await deferLater(reactor, TICK)
        await deferLater(reactor, 0)
    await store.flush()
    wall = count / (time.perf_counter() - begin)
    return f"{wall:,.0f} a second ({count / (time.process_time() - cpu):,.0f} of CPU)"


async def asked(ask: Callable[[int], Deferred[Any]], last: int) -> str:
    """Milliseconds until an answer: the median, and the worst."""
    found, numbers = [], random.Random(5)
    for _ in range(ASKED):
        begin = time.perf_counter()
        await ask(numbers.randrange(1, last))
        found.append((time.perf_counter() - begin) * 1e3)
    return f"{median(found):.2f} ms (at most {max(found):.1f})"


def questions(store: ChatStore) -> dict[str, Callable[[int], Deferred[Any]]]:
    """What people ask, about a moment."""
    rooms = [f"#room{number}" for number in range(ROOMS)]

    def search(words: str) -> Callable[[int], Deferred[Any]]:
        return lambda number: store.search(rooms, words)

    return {
        "the last 100 of a room": lambda n: store.page("#room1", Span.latest(100)),
        "100 before some number": lambda n: store.page("#room2", Span.before(n, 100)),
        "search for a rare word": lambda n: store.search(rooms, f"rare{n // 1000}000"),
        "search for a common word": search("word1"),
        "search for six common words": search(" ".join(f"word{n}" for n in range(6))),
    }


class Stalls:
    """Notes how late a timer is, at the worst, in milliseconds."""

    def __init__(self, reactor: Any) -> None:
        self.worst = 0.0
        self._reactor = reactor
        self._due = time.perf_counter()
        self._tick()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, (now - self._due) * 1e3)
        self._due = now + TICK
        self._timer = self._reactor.callLater(TICK, self._tick)

    def stop(self) -> None:
        self._timer.cancel()


async def idle(reactor: Any, seconds: float) -> str:
    """The longest stall that is the machine's own: other processes run there too."""
    stalls = Stalls(reactor)
    await deferLater(reactor, seconds)
    stalls.stop()
    return f"{stalls.worst:.0f} ms"


async def underLoad(reactor: Any, store: ChatStore, talk: Talk, seconds: float) -> str:
    """The longest stall while everything is done at once."""
    stalls = Stalls(reactor)
    asks = list(questions(store).values())
    begin, said, looked = time.perf_counter(), 0, 0
    while (passed := time.perf_counter() - begin) < seconds:
        for _ in range(int(passed * LOAD) - said):
            store.append(talk.next())
            said += 1
        for _ in range(int(passed * (PAGES + SEARCHES)) - looked):
            asks[looked % len(asks)](talk.last).addErrback(lambda _: None)
            looked += 1
        await deferLater(reactor, TICK)
    stalls.stop()
    await store.flush()
    return f"{stalls.worst:.0f} ms"


def rooms(store: ChatStore) -> Iterator[str]:
    """Rooms that are kept, and not in memory, one after the other."""
    lobby = Lobby(lambda function: None)
    keeper = Keeper(lobby, store)
    for number in range(KEPT_ROOMS):
        keeper.roomChanged(Lobby(lambda function: None).makeRoom(f"#kept{number}"))
    yield ""
    found = []
    for number in range(KEPT_ROOMS):
        begin = time.perf_counter()
        lobby.room(f"#kept{number}")
        found.append((time.perf_counter() - begin) * 1e6)
    yield f"{median(found):.0f} us (at most {max(found):,.0f})"


async def measure(reactor: Any, folder: str, options: argparse.Namespace) -> list[str]:
    """All rows."""
    path = os.path.join(folder, "chat.db")
    count = options.postings
    store = ChatStore(path, reactor, retention=Retention(count, 0, 0))
    talk, rows = Talk(), []

    def row(what: str, goal: str, figure: str) -> None:
        rows.append(f"| {what} | {goal} | {figure} |")
        print(rows[-1], file=sys.stderr)

    row(f"{count:,} postings written", "", await fill(reactor, store, talk, count))
    # What this program has left is not looked through each time: 20 ms for a million.
    gc.collect()
    gc.freeze()
    size = os.path.getsize(path) / count
    row("octets of the file for each", "", f"{size:.0f}")
    for what, ask in questions(store).items():
        row(what, "", await asked(ask, talk.last))
    kept = rooms(store)
    next(kept)
    await store.flush()
    row("a room that is not in memory", "under 1,000 us", next(kept))
    row("longest stall: nothing to do", "", await idle(reactor, options.seconds))
    worst = await underLoad(reactor, store, talk, options.seconds)
    load = f"{LOAD:,} postings, {PAGES} pages, {SEARCHES} searches a second"
    row(f"longest stall: {load}", "under 50 ms", worst)
    await store.close()
    return rows


def run(work: Callable[[Any], Awaitable[list[str]]]) -> list[str]:
    """Do it in the reactor."""
    from twisted.internet import reactor as installed

    reactor: Any = installed
    found: list[Any] = []

    def begin() -> None:
        done: Deferred[Any] = succeed(None)
        done.addCallback(lambda _: Deferred.fromCoroutine(work(reactor)))  # type: ignore[arg-type]
        done.addBoth(found.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    if not isinstance(found[0], list):
        found[0].raiseException()
    return found[0]  # type: ignore[no-any-return]


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="under load")
    parser.add_argument("--folder", help="on the disk that is to be measured")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    options = parser.parse_args()
    # It is looked each minute for what is too much; here that is part of the load.
    storepruning.PRUNE_EVERY = 1.0
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        rows = run(lambda reactor: measure(reactor, folder, options))
    table = "\n".join([HEADING, *rows])
    print(table)
    if options.write:
        keep("Chat, store", table)


if __name__ == "__main__":
    main()
