"""Processes of one chat that have one file together, whichever of them is killed."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.chat.keeping import fieldsOf
from protocols.chat.lobby import Lobby
from protocols.chat.room import MAX_ROOMS, Topic
from protocols.chat.store import ChatStore
from tests.chat.stores import ThreadClock
from tests.live.redisserver import REDIS, Peer, RedisServer, ircPeer
from tests.live.servers import Process, twistd
from tests.live.workerprocesses import BORN, SERVE

# Lines that are said before and after somebody is killed.
LINES = 40

JOINED = "joined the other servers"
SAID = re.compile(r"word(\d+)$")


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        if REDIS is None:
            raise SkipTest("there is no redis-server")
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)
        self.redis = RedisServer()
        self.stack.callback(self.redis.end)
        self.path = str(self.redis.folder / "chat.db")

    def serve(self, name: str, *words: str, store: str = "") -> Process:
        process = self.stack.enter_context(
            twistd(
                *("chat", "--listen", f"unix:{self.door('lines', name)}"),
                *("--irc", f"unix:{self.door('irc', name)}"),
                *("--line-rate", "10000", "--line-burst", "10000"),
                *("--max-per-peer", "0", "--store", store or self.path),
                *("--backplane", self.redis.url, *words),
            )
        )
        process.waitFor(SERVE if words else JOINED)
        return process

    def waitForAll(self, server: Process, count: int) -> None:
        """Wait until so many workers have ever found the others."""
        while sum(JOINED in line for line in server.said) < count:
            server.waitFor(JOINED)

    def door(self, kind: str, name: str) -> str:
        return str(self.redis.folder / f"{kind}{name}")

    def irc(self, node: str, name: str) -> Peer:
        peer = ircPeer(self.door("irc", node), name)
        self.addCleanup(peer.close)
        peer.say("JOIN #a")
        peer.waitFor(" 366 ")
        peer.say("TOPIC #a :all about a")
        return peer

    def line(self, node: str, name: str) -> Peer:
        peer = Peer(self.door("lines", node))
        self.addCleanup(peer.close)
        peer.say(name, "/join #a")
        peer.waitFor("You are in #a")
        self.shown(peer, "/search nobody-said-this")
        peer.say("/topic")
        peer.waitFor("#a is about: all about a")
        return peer

    def say(self, peer: Peer, numbers: Iterable[int]) -> None:
        """Say words, and wait for the last one's echo: it is acknowledged."""
        for number in numbers:
            peer.say(f"PRIVMSG #a :hello word{number}")
        peer.waitFor(f"msgid=.*word{number}$")

    def shown(self, peer: Peer, command: str) -> list[int]:
        """The words that an answer has, up to its last line."""
        peer.heard.clear()
        peer._read = 0
        peer.say(command)
        peer.waitFor(r"^\* (That is all|There may be more|Nothing was found)")
        return [int(found[1]) for found in map(SAID.search, peer.heard) if found]

    def checkFile(self, words: int) -> None:
        """All is there once, in order; file and index are whole."""
        with closing(sqlite3.connect(self.path)) as file:
            found = file.execute("PRAGMA integrity_check").fetchall()
            self.assertEqual(found, [("ok",)])
            file.execute("INSERT INTO word (word, rank) VALUES ('integrity-check', 1)")
            rows = file.execute("SELECT text FROM posting ORDER BY id").fetchall()
        said = [int(found[1]) for (text,) in rows if (found := SAID.search(text))]
        self.assertEqual(said, list(range(words)), Counter(said).most_common(3))
        self.assertNotIn(("hello oops",), rows)


class TwoTests(Case):
    def test_oneIsKilled(self) -> None:
        """Nothing that it was the first to hear is lost, and what it missed comes."""
        one, other = self.serve("1"), self.serve("2")
        ann, bob = self.irc("1", "ann"), self.irc("2", "bob")
        self.say(ann, range(LINES))
        bob.waitFor(f"word{LINES - 1}$")
        one.send(signal.SIGKILL)
        self.say(bob, range(LINES, 2 * LINES))
        third = self.serve("3")
        for node in ("2", "3"):
            peer = self.line(node, f"late{node}")
            self.assertEqual(self.shown(peer, "/history 200"), list(range(2 * LINES)))
            for number in (0, LINES - 1, 2 * LINES - 1):
                self.assertEqual(self.shown(peer, f"/search word{number}"), [number])
        for process in (other, third):
            process.send(signal.SIGTERM)
            process.ended()
        self.checkFile(2 * LINES)

    def test_allAreKilled(self) -> None:
        """What was acknowledged is in Redis, and so in the file, after a start."""
        processes = [self.serve("1"), self.serve("2")]
        ann = self.irc("1", "ann")
        self.say(ann, range(LINES))
        ann.say(f"PRIVMSG #a :hello word{LINES}")
        ann.waitFor(f"msgid=.*word{LINES}$")
        for process in processes:
            process.send(signal.SIGKILL)
        third = self.serve("3")
        peer = self.line("3", "late")
        expected = list(range(LINES + 1))
        self.assertEqual(self.shown(peer, "/history 200"), expected)
        self.assertEqual(self.shown(peer, f"/search word{LINES}"), [LINES])
        third.send(signal.SIGTERM)
        third.ended()
        self.checkFile(LINES + 1)

    def test_redactedMeanwhile(self) -> None:
        """What was said and taken back while nobody had the file does not come in."""
        first = self.serve("1")
        self.say(self.irc("1", "ann"), range(LINES))
        first.send(signal.SIGKILL)
        self.serve("2", store="memory")
        bob = self.irc("2", "bob")
        self.say(bob, [LINES])
        bob.say("PRIVMSG #a :hello oops")
        number = bob.waitFor(r"msgid=(\d+).*oops$")[1]
        bob.say(f"REDACT #a {number}", "PING redacted")
        bob.waitFor("PONG.*redacted")
        self.say(bob, [LINES + 1])
        third = self.serve("3")
        peer = self.line("3", "late")
        self.assertEqual(self.shown(peer, "/history 200"), list(range(LINES + 2)))
        self.assertEqual([line for line in peer.heard if "oops" in line], [])
        self.assertEqual(self.shown(peer, "/search oops"), [])
        third.send(signal.SIGTERM)
        third.ended()
        self.checkFile(LINES + 2)

    def test_moreRoomsThanFit(self) -> None:
        """One that is in nobody's memory comes back, and changes are everybody's."""
        clock = ThreadClock()
        store = ChatStore(self.path, clock)
        for number in range(MAX_ROOMS + 100):
            room = Lobby(lambda function: None).makeRoom(f"#tea{number}")
            room.topic = Topic(f"all about {number}", "ann", 1.0)
            store.saveRoom(room.name, fieldsOf(room))
        store.close()
        self.serve("1")
        self.serve("2")
        ann, bob = self.irc("1", "ann"), self.irc("2", "bob")
        for each in (ann, bob):
            each.say("JOIN #tea7")
            each.waitFor("332 .*#tea7 :all about 7")
        ann.say("TOPIC #tea7 :no more of it")
        bob.waitFor("TOPIC #tea7 :no more of it")
        ann.say("LIST #tea8")
        ann.waitFor("322 .*#tea8 0 :all about 8")

    def test_anotherChat(self) -> None:
        """A file is one chat's; the second one says so, and ends."""
        self.serve("1")
        words = ("chat", "--listen", f"unix:{self.door('lines', '2')}")
        url = f"{self.redis.url}?db=1"
        for more in ((), ("--backplane", url)):
            with twistd(*words, "--store", self.path, *more) as second:
                self.assertEqual(second.ended(), 1)
                said = "have it open" if more else "has it open"
                self.assertIn(said, second.said[-1])


class WorkersTests(Case):
    def test_workers(self) -> None:
        """History and search are the same at all, before and after a kill -9."""
        server = self.serve("1", "--workers", "2")
        self.waitForAll(server, 2)
        workers = dict(BORN.findall("".join(server.said)))
        ann = self.irc("1", "ann")
        self.say(ann, range(LINES))
        os.kill(int(workers["2"]), signal.SIGKILL)
        server.waitFor("Worker 2 ended")
        self.waitForAll(server, 3)
        bob = self.irc("1", "bob")
        self.say(bob, range(LINES, 2 * LINES))
        for number in range(6):
            peer = self.line("1", f"late{number}")
            self.assertEqual(self.shown(peer, "/history 200"), list(range(2 * LINES)))
            self.assertEqual(self.shown(peer, f"/search word{LINES}"), [LINES])
        server.send(signal.SIGTERM)
        server.ended()
        self.checkFile(2 * LINES)
