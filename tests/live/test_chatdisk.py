"""A chat's store on a disk that is full, or can't be written, with real threads."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable
from threading import get_native_id
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.chat import storeflushing
from protocols.chat.keeping import FAULTY, WELL, Keeper
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person
from protocols.chat.spans import Span
from protocols.chat.store import ChatStore
from protocols.chat.storeinterface import StoreError
from protocols.chat.storespool import GAP, Spool
from protocols.testing.reactors import closeDescriptors, makeReactor, run
from tests.chat.stores import ids, posting
from tests.folders import folderFor
from tests.live.servers import TIMEOUT, twistd

# Of the disk, and of what somebody says, in octets.
DISK = 1024 * 1024
LONG = 2000

# What waits at the most while it can't be written.
MOST = 50

# Seconds that the reactor may stand still, and between two looks; and how often it may
# be longer, for others use this machine: a store that blocks does so each time.
LONGEST_STALL = 0.05
TICK = 0.001
FEW = 5

Work = Callable[[Any, ChatStore], Awaitable[None]]


class Heard(Person):
    """Somebody in a room.

    @ivar lines: what they were told.
    """

    def __init__(self) -> None:
        self.begin()
        self.name = "ann"
        self.lines: list[str] = []

    def deliver(self, octets: bytes) -> None:
        self.lines += octets.decode().splitlines()


class Pulse:
    """Counts how often the reactor stands still for too long.

    What it waits for a processor, which others have, is not the store's.
    """

    def __init__(self, reactor: Any) -> None:
        self.stalls = 0
        self._reactor = reactor
        self._queue = f"/proc/self/task/{get_native_id()}/schedstat"
        self._due, self._waited = time.monotonic(), self._inQueue()
        self._beat()

    def _beat(self) -> None:
        now, waited = time.monotonic(), self._inQueue()
        late = now - self._due - (waited - self._waited)
        self.stalls += late > LONGEST_STALL
        self._due, self._waited = now + TICK, waited
        self.timer = self._reactor.callLater(TICK, self._beat)

    def _inQueue(self) -> float:
        """Seconds that this thread has ever waited so, where that is known."""
        try:
            with open(self._queue, encoding="ascii") as file:
                return int(file.read().split()[1]) / 1e9
        except OSError:
            return 0.0


class Case(SynchronousTestCase):
    """A small disk with a chat on it.

    @ivar stalls: how often the reactor stood still.
    """

    def setUp(self) -> None:
        self.folder = os.path.join(folderFor(self), "disk")
        os.makedirs(self.folder)
        self.patch(storeflushing, "LONGEST_PAUSE", 1.0)
        self.mount("-t", "tmpfs", "-o", f"size={DISK}", "chat", self.folder)
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=True)
        self.path = os.path.join(self.folder, "chat.db")
        self.ann = Heard()
        self.number = 0

    def mount(self, *words: str) -> None:
        program = shutil.which("mount")
        if os.geteuid() or program is None:
            raise SkipTest("nobody but root may mount a disk")
        done = subprocess.run([program, *words], capture_output=True, check=False)
        if done.returncode:
            raise SkipTest(f"no disk can be mounted here: {done.stderr.decode()}")

    def inReactor(self, work: Work) -> None:
        """Do something with a store in a reactor of its own, in this thread."""
        reactor = makeReactor()
        self.addCleanup(closeDescriptors, reactor)
        found: list[Any] = []

        def begin() -> None:
            done = Deferred.fromCoroutine(self.withStore(reactor, work))
            done.addTimeout(TIMEOUT, reactor).addBoth(found.append)
            done.addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        run(reactor)
        if found[0] is not None:
            found[0].raiseException()
        self.assertLess(self.stalls, FEW)

    async def withStore(self, reactor: Any, work: Work) -> None:
        """Do it, and look how the reactor fares."""
        store = ChatStore(self.path, reactor, spool=Spool(MOST))
        lobby = Lobby(lambda function: reactor.callLater(0, function))
        Keeper(lobby, store)
        lobby.join(self.ann, "#a").isKept = True
        pulse = Pulse(reactor)
        try:
            await work(reactor, store)
        finally:
            pulse.timer.cancel()
            self.stalls = pulse.stalls
            await store.close()

    async def say(self, store: ChatStore, count: int) -> None:
        """Have some be said, each written by itself, if it can be."""
        for _ in range(count):
            self.number += 1
            store.append(posting(self.number, "x" * LONG))
            try:
                await store.flush()
            except StoreError:
                continue

    async def until(self, reactor: Any, text: str) -> None:
        """Wait until somebody is told that."""
        while not any(text in line for line in self.ann.lines):
            await deferLater(reactor, TICK)


class FullTests(Case):
    def test_full(self) -> None:
        """People are told once, and go on; what was too much is marked, and when
        there is room again all goes on."""

        async def talk(reactor: Any, store: ChatStore) -> None:
            with open(os.path.join(self.folder, "other"), "wb") as other:
                other.write(b"x" * (DISK // 2))
            while not any(FAULTY in line for line in self.ann.lines):
                await self.say(store, 10)
            await self.say(store, 2 * MOST)
            page = await store.page("#a", Span.latest(5))
            self.assertEqual(ids(page)[-1], self.number)
            os.remove(other.name)
            await self.until(reactor, WELL)
            await self.say(store, 1)
            page = await store.page("#a", Span.before(self.number + 1, 100))
            self.assertEqual(ids(page)[-MOST - 1 :], list(self.lastOf(MOST + 1)))
            (gap,) = (each for each in page if each.kind == GAP)
            self.assertEqual(gap.id, self.number - MOST - 1)
            lost = gap.id - max(each.id for each in page if each.id < gap.id)
            self.assertEqual(gap.text, f"{lost} messages are missing here")
            self.assertGreater(lost, MOST)

        self.inReactor(talk)
        told = [line for line in self.ann.lines if FAULTY in line or WELL in line]
        self.assertEqual(len(told), 2, told)

    def lastOf(self, count: int) -> range:
        return range(self.number - count + 1, self.number + 1)


class ReadOnlyTests(Case):
    def test_readOnly(self) -> None:
        """A disk that the system has made read-only after a fault: said at once."""

        async def talk(reactor: Any, store: ChatStore) -> None:
            await self.say(store, 3)

        self.inReactor(talk)
        self.mount("-o", "remount,ro", self.folder)
        with twistd("chat", f"--store={self.path}", "--listen=tcp:0") as server:
            self.assertEqual(server.ended(), 1)
        said = server.said[-1]
        self.assertTrue(said.startswith(f"chat: --store {self.path}: "), server.said)
        self.assertIn("Read-only file system", said)
