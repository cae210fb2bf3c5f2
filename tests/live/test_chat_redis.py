"""Two processes and Redis are one chat, whichever of them is killed."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import ExitStack
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.chat.backplane.reading import entriesIn
from protocols.chat.backplane.resp import Parser, command
from protocols.chat.backplane.scripts import CLAIM, PUBLISH, PUT, RELEASE, Script
from tests.live.redisserver import REDIS, Peer, RedisServer, ircPeer
from tests.live.servers import TIMEOUT, Process, twistd

# Lines that are said while things are killed.
LINES = 60

ECHO = re.compile(r"msgid=(\d+)[; ].* PRIVMSG #a :word (\d+)$")


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        if REDIS is None:
            raise SkipTest("there is no redis-server")
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)
        self.redis = RedisServer()
        self.stack.callback(self.redis.end)
        self.nodes = [self.node("1"), self.node("2")]

    def node(
        self, name: str, *words: str, url: str = "", **environment: str
    ) -> Process:
        """A process of the chat, once it has found the others."""
        node = self.stack.enter_context(
            twistd(
                *("chat", "--listen", f"unix:{self.door('lines', name)}"),
                *("--irc", f"unix:{self.door('irc', name)}"),
                *("--line-rate", "10000", "--line-burst", "10000"),
                *("--backplane", url or self.redis.url),
                *words,
                **environment,
            )
        )
        node.waitFor("joined the other servers")
        return node

    def door(self, kind: str, name: str) -> str:
        return str(self.redis.folder / f"{kind}{name}")

    def irc(self, node: str, name: str) -> Peer:
        peer = ircPeer(self.door("irc", node), name)
        self.addCleanup(peer.close)
        return peer

    def line(self, node: str, name: str) -> Peer:
        peer = Peer(self.door("lines", node))
        self.addCleanup(peer.close)
        peer.say(name)
        peer.waitFor("You are in")
        return peer

    def numbered(self, peer: Peer) -> list[tuple[int, int]]:
        """The numbers of the words that somebody saw, and of their messages."""
        found = map(ECHO.search, peer.heard)
        return [(int(each[1]), int(each[2])) for each in found if each is not None]

    def resumed(self, node: str, after: int) -> list[tuple[int, int]]:
        """What a client sees that comes back and asks for what it has missed."""
        peer = self.irc(node, f"late{node}")
        peer.say("JOIN #a")
        peer.waitFor(" 366 ")
        peer.heard.clear()
        peer._read = 0
        peer.say(f"CHATHISTORY AFTER #a msgid={after} 500", "PING end")
        peer.waitFor("PONG")
        return self.numbered(peer)


class ScriptTests(SynchronousTestCase):
    """What is done inside the server."""

    def setUp(self) -> None:
        if REDIS is None:
            raise SkipTest("there is no redis-server")
        self.redis = RedisServer()
        self.addCleanup(self.redis.end)

    def run_(self, script: Script, *words: bytes | str | int) -> Any:
        return self.ask("EVAL", script.text, script.keys, *words)

    def ask(self, *words: bytes | str | int) -> Any:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT)
            connection.connect(self.redis.socket)
            connection.sendall(command(*words))
            parser, answers = Parser(), list[Any]()
            while not answers:
                answers = parser.feed(connection.recv(65536))
        return answers[0]

    def publish(self, serial: int, floor: int, name: str, value: str) -> Any:
        keys = ("last", "bus", "serial", "noted")
        words = (serial, floor, 100, b"hello", 60, name, value)
        return self.run_(PUBLISH, *keys, *words)

    def test_publish(self) -> None:
        """Ids grow, a serial counts once, and a note comes and goes with it."""
        self.assertEqual(self.publish(1, 0, "ann", "here"), 1)
        self.assertEqual(self.publish(1, 0, "ann", "twice"), 0)
        self.assertEqual(self.ask("HGET", "noted", "ann"), b"here")
        self.assertEqual(self.publish(2, 2**52, "ann", ""), 2**52 + 1)
        words = (3, 0, 100, b"hello", 60)
        keys = ("last", "bus", "serial", "noted")
        self.assertEqual(self.run_(PUBLISH, *keys, *words), 2**52 + 2)
        self.assertIsNone(self.ask("HGET", "noted", "ann"))
        entries = entriesIn(self.ask("XRANGE", "bus", "-", "+"))
        self.assertEqual([each for each, _ in entries], [1, 2**52 + 1, 2**52 + 2])
        self.assertEqual(entries[0][1], b"hello")

    def test_put(self) -> None:
        """A value is kept if it was what it was thought to be, up to a bound."""
        for name, expected, value, most, done in (
            *(("ann", "", "1", 2, 1), ("ann", "", "2", 2, 0), ("ann", "1", "2", 1, 1)),
            *(("bob", "", "1", 1, -1), ("bob", "", "1", 2, 1), ("bob", "2", "", 0, 0)),
            *(("bob", "1", "", 0, 1), ("bob", "", "", 0, 1), ("cid", "", "1", 0, 1)),
        ):
            found = self.run_(PUT, "book", name, expected, value, most)
            self.assertEqual(found, done, (name, expected, value))
        self.assertEqual(self.ask("HGETALL", "book"), [b"ann", b"2", b"cid", b"1"])

    def test_names(self) -> None:
        """The first has it; of two who hold it, the lower."""
        self.assertEqual(self.run_(CLAIM, "n", "5 a", 60_000, 0), b"5 a")
        self.assertEqual(self.run_(CLAIM, "n", "1 b", 60_000, 0), b"5 a")
        self.assertEqual(self.run_(CLAIM, "n", "9 c", 60_000, 1), b"5 a")
        self.assertEqual(self.run_(CLAIM, "n", "1 b", 60_000, 1), b"1 b")
        self.assertEqual(self.run_(CLAIM, "n", "1 b", 60_000, 0), b"1 b")
        self.assertEqual(self.run_(RELEASE, "n", "5 a"), 0)
        self.assertGreater(self.ask("PTTL", "n"), 0)
        self.assertEqual(self.run_(RELEASE, "n", "1 b"), 1)
        self.assertEqual(self.ask("EXISTS", "n"), 0)


class TalkTests(Case):
    def test_everybodySeesEverybody(self) -> None:
        ann, bob = self.line("1", "ann"), self.irc("2", "bob")
        bob.say("JOIN #lobby")
        ann.waitFor("bob joined")
        ann.say("hello")
        bob.waitFor(r"^@.*msgid=\d+.* :ann!line@.* PRIVMSG #lobby :?hello$")
        bob.say("PRIVMSG #lobby :well", "PRIVMSG ann :psst")
        ann.waitFor("^#lobby <bob> well$")
        ann.waitFor(r"^\[bob to you\] psst$")
        cid = Peer(self.door("lines", "1"))
        self.addCleanup(cid.close)
        cid.say("BOB")
        cid.waitFor("The name BOB is taken")
        bob.say("NICK ann")
        bob.waitFor(" 433 ")
        self.nodes[1].send(signal.SIGTERM)
        ann.waitFor("bob quit")

    def test_aNodeIsKilled(self) -> None:
        """Its people are gone when its lease ends, and resume elsewhere."""
        ann, bob = self.irc("1", "ann"), self.irc("2", "bob")
        for each in (ann, bob):
            each.say("JOIN #a")
            each.waitFor(" 366 ")
        ann.waitFor("bob.* JOIN")
        ann.say(*(f"PRIVMSG #a :word {number}" for number in range(LINES)))
        bob.waitFor(f"word {LINES // 2}$")
        seen = self.numbered(bob)
        self.nodes[1].send(signal.SIGKILL)
        ann.waitFor(f"word {LINES - 1}$")
        rest = self.resumed("1", seen[-1][0])
        self.assertEqual([word for _, word in seen + rest], list(range(LINES)))
        self.assertEqual((seen + rest)[1:], self.numbered(ann)[1:])
        ann.waitFor("^[^ ]* ?:bob.* QUIT")
        self.node("3")
        later = self.resumed("3", seen[0][0])
        self.assertEqual(later, (seen + rest)[1:])


class RedisKilledTests(Case):
    def test_redisIsKilled(self) -> None:
        """What was echoed with a number is there once, for who resumes anywhere."""
        ann, bob = self.irc("1", "ann"), self.irc("2", "bob")
        for each in (ann, bob):
            each.say("JOIN #a")
            each.waitFor(" 366 ")
        ann.waitFor("bob.* JOIN")
        for number in range(LINES):
            ann.say(f"PRIVMSG #a :word {number}")
            if number == LINES // 2:
                ann.waitFor(f"word {number // 2}$")
                self.redis.kill()
            if number == LINES * 3 // 4:
                self.redis.start()
        ann.waitFor(f"msgid=.*word {LINES - 1}$")
        bob.waitFor(f"word {LINES - 1}$")
        acknowledged = self.numbered(ann)
        self.assertEqual([word for _, word in acknowledged], list(range(LINES)))
        self.assertEqual(self.numbered(bob), acknowledged)
        for node in ("1", "2"):
            rest = self.resumed(node, acknowledged[0][0])
            self.assertEqual(rest, acknowledged[1:])

    def test_withoutRedis(self) -> None:
        """Rooms go on, and say so; what was said there is told when it is back."""
        ann, cid, bob = (
            self.line("1", "ann"),
            self.line("1", "cid"),
            self.line("2", "bob"),
        )
        ann.waitFor("bob joined")
        self.redis.kill()
        ann.say("one")
        cid.waitFor("The other servers can't be reached")
        cid.waitFor("<ann> one")
        ann.say("two")
        cid.waitFor("<ann> two")
        self.redis.start()
        bob.waitFor("<ann> one")
        bob.waitFor("<ann> two")
        ann.waitFor("can be reached again")
        bob.say("well")
        ann.waitFor("<bob> well")
        for peer in (ann, bob, cid):
            said = [line for line in peer.heard if "<" in line]
            self.assertEqual(len(said), len(set(said)))
