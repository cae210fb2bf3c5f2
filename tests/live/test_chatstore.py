"""A chat's store on a real disk, in real threads, and in a process that is killed."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from threading import Timer
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.spans import Span
from protocols.chat.store import ChatStore
from protocols.chat.storeinterface import StoreError, targetOf
from protocols.testing.reactors import closeDescriptors, makeReactor, run
from tests.chat.stores import ThreadClock, ids, outcome, pathFor, posting
from tests.folders import folderFor
from tests.live.chatappending import ROOMS, textOf
from tests.live.redisserver import ircPeer
from tests.live.servers import ROOT, TIMEOUT, twistd

# How often the program is killed, and flushes that it tells of before that.
KILLS = 3
FLUSHES = 4

# Words that somebody says while the server is stopped, and an echo of one.
SAID = 4000
WORD = re.compile(r"PRIVMSG #a :?(\d+)$")


class KilledTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = pathFor(self)

    def killOne(self) -> int:
        """Have the program append, and kill it; the last id that it told of."""
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.live.chatappending", self.path],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        watchdog = Timer(TIMEOUT, program.kill)
        watchdog.start()
        try:
            assert program.stdout is not None
            told = [int(program.stdout.readline()) for _ in range(FLUSHES)]
            error = self.assertRaises(StoreError, ChatStore, self.path, ThreadClock())
            self.assertIn("another process", str(error))
        finally:
            watchdog.cancel()
            program.kill()
            rest, _ = program.communicate(timeout=TIMEOUT)
        return [*told, *map(int, rest.split())][-1]

    def kept(self) -> list[int]:
        """All ids that are kept, with the words that belong to them."""
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute(
                "SELECT id, name, text FROM posting"
                " JOIN target ON number = target ORDER BY id"
            ).fetchall()
            connection.execute("INSERT INTO word (word) VALUES ('integrity-check')")
        expected = [(n, targetOf(f"#{n % ROOMS}"), textOf(n)) for n, _, _ in rows]
        self.assertEqual(rows, expected)
        return [n for n, _, _ in rows]

    def test_killed(self) -> None:
        """What was flushed is there, in order, once; the rest is a beginning."""
        before: list[int] = []
        for _ in range(KILLS):
            flushed = self.killOne()
            kept = self.kept()
            self.assertEqual(kept[: len(before)], before)
            new = kept[len(before) :]
            self.assertEqual(new, list(range(new[0], new[0] + len(new))))
            self.assertGreaterEqual(new[-1], flushed)
            before = kept
        clock = ThreadClock()
        store = ChatStore(self.path, clock)
        self.addCleanup(store.close)
        self.assertGreater(store.highestId(), before[-1])
        found = outcome(store.search(["#0", "#1", "#2"], f"word{before[-1]}"))
        self.assertEqual(ids(found), [before[-1]])


class ThreadTests(SynchronousTestCase):
    """The same with a reactor, and its threads."""

    def run_(self, talk: Any) -> Any:
        """Run a coroutine in a reactor of its own, in this thread."""
        reactor = makeReactor()
        self.addCleanup(closeDescriptors, reactor)
        found: list[Any] = []

        def begin() -> None:
            done: Deferred[Any] = Deferred.fromCoroutine(talk(reactor))
            done.addTimeout(TIMEOUT, reactor).addBoth(found.append)
            done.addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        run(reactor)
        return outcome(_fired(found[0]))

    def test_everybodyAtOnce(self) -> None:
        """Who reads sees all that has been appended, whoever writes meanwhile."""
        path = pathFor(self)

        async def talk(reactor: Any) -> list[int]:
            store = ChatStore(path, reactor)
            try:
                for number in range(1, 2001):
                    store.append(posting(number))
                    if number % 50 == 0:
                        await deferLater(reactor, 0.001)
                        page = await store.page("#a", Span.latest(60))
                        last = list(range(max(number - 59, 1), number + 1))
                        self.assertEqual(ids(page), last)
                found = await store.search(["#a"], "hello", limit=3)
                return ids(found)
            finally:
                await store.close()

        self.assertEqual(self.run_(talk), [1998, 1999, 2000])


class TermTests(SynchronousTestCase):
    def test_busy(self) -> None:
        """SIGTERM amid talk: what was told to anybody is in the file, once."""
        folder = folderFor(self)
        door, path = os.path.join(folder, "irc"), os.path.join(folder, "chat.db")
        rates = ("--line-rate", "100000", "--line-burst", "100000")
        free = "tcp:0:interface=127.0.0.1"
        words = ("chat", f"--listen={free}", f"--irc=unix:{door}", f"--irc={free}")
        with twistd(*words, f"--store={path}", *rates) as server:
            # A socket with a name says so before it is there; the next one, after.
            server.waitFor(r"IRCFactory.* starting on \d")
            with closing(ircPeer(door, "ann")) as ann:
                ann.say("JOIN #a", *(f"PRIVMSG #a :{n}" for n in range(SAID)))
                ann.waitFor(f"PRIVMSG #a :?{SAID // 4}$")
                server.send(signal.SIGTERM)
                self.assertRaises(AssertionError, ann.waitFor, "never said")
                told = [each for each in map(WORD.search, ann.heard) if each]
            self.assertEqual(server.ended(), 0)
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT text FROM posting ORDER BY id").fetchall()
        kept = [text for (text,) in rows]
        self.assertEqual(kept, list(map(str, range(len(kept)))))
        self.assertGreaterEqual(len(told), SAID // 4)
        self.assertEqual([each[1] for each in told], kept[: len(told)])


def _fired(result: Any) -> Deferred[Any]:
    done: Deferred[Any] = Deferred()
    done.callback(result)
    return done
