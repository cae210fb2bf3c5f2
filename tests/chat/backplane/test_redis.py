"""L{protocols.chat.backplane.redis}, with a server in memory."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane import connection as connections
from protocols.chat.backplane.interface import (
    BackplaneError,
    LedgerFullError,
    Note,
)
from protocols.chat.backplane.merging import Entry
from protocols.chat.backplane.places import Place
from protocols.chat.backplane.reading import PAGE
from protocols.chat.backplane.redis import STREAMS, RedisBackplane
from tests.chat.backplane.fakeredis import FakeRedis, Network


class Ear:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.entries: list[Entry] = []

    def connected(self) -> None:
        self.told.append("connected")

    def lost(self, reason: str) -> None:
        self.told.append("lost")

    def received(self, entries: list[Entry]) -> None:
        self.entries += entries


class Case(SynchronousTestCase):
    place = Place("localhost")

    def setUp(self) -> None:
        self.logged: list[Any] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)
        self.server = FakeRedis()
        self.network = Network(self.server)
        self.one, self.ear = self.backplane("one")

    def backplane(self, name: str) -> tuple[RedisBackplane, Ear]:
        made = RedisBackplane(
            self.place, name, self.network.clock, self.network.connecting
        )
        ear = Ear()
        made.begin(ear)
        self.network.settle()
        return made, ear

    def result(self, deferred: Deferred[Any]) -> Any:
        self.network.settle()
        return self.successResultOf(deferred)

    def refused(self, deferred: Deferred[Any]) -> str:
        self.network.settle()
        return str(self.failureResultOf(deferred, BackplaneError).value)

    def publish(self, made: RedisBackplane, serial: int, **more: Any) -> Any:
        room, note = more.get("room", "#a"), more.get("note")
        message, floor = b"message %d" % serial, more.get("floor", 0)
        notes = () if note is None else (note,)
        return self.result(made.publish(room, serial, message, floor, notes))


class PublishTests(Case):
    def test_published(self) -> None:
        """All nodes receive it, this one too, in one order over all streams."""
        other, ear = self.backplane("two")
        self.one.listen(0)
        other.listen(0)
        self.network.settle()
        ids = [self.publish(self.one, n, room=f"#{n}") for n in range(1, 20)]
        self.network.settle()
        self.assertEqual(ids, list(range(1, 20)))
        self.assertEqual([number for number, _ in self.ear.entries], ids)
        self.assertEqual(self.ear.entries, ear.entries)
        streams = [key for key in self.server.kept if b"bus" in key]
        self.assertEqual(len(streams), STREAMS)

    def test_twice(self) -> None:
        """What may have arrived before is not published again."""
        self.assertEqual(self.publish(self.one, 5), 1)
        self.assertEqual(self.publish(self.one, 5), 0)
        self.assertEqual(self.publish(self.one, 6, floor=100), 101)

    def test_page(self) -> None:
        for serial in range(1, 5):
            self.publish(self.one, serial)
        page = self.result(self.one.page("#a", 1, 2))
        self.assertEqual(page, [(2, b"message 2"), (3, b"message 3")])

    def test_behindAnId(self) -> None:
        for serial in range(1, PAGE + 3):
            self.publish(self.one, serial)
        other, ear = self.backplane("two")
        other.listen(1)
        self.network.settle()
        self.assertEqual([n for n, _ in ear.entries], list(range(2, PAGE + 3)))


class KnownTests(Case):
    def test_names(self) -> None:
        other, _ = self.backplane("two")
        self.assertEqual(self.result(self.one.claim("ann", "1", False)), "1")
        self.assertEqual(self.result(other.claim("ann", "2", False)), "1")
        other.release("ann", "2")
        self.assertEqual(self.result(other.claim("ann", "2", False)), "1")
        self.one.release("ann", "1")
        self.assertEqual(self.result(other.claim("ann", "2", False)), "2")

    def test_snapshot(self) -> None:
        other, _ = self.backplane("two")
        self.publish(self.one, 1, note=Note("people", "one.1", b"ann"))
        self.publish(self.one, 2, note=Note("people", "one.2", b"bob"))
        self.publish(self.one, 3, note=Note("people", "one.2", None))
        self.publish(self.one, 4, note=Note("rooms", "#a", b"birds"))
        self.assertEqual(self.result(self.one.beat(["two"])), ["two"])
        self.result(other.beat([]))
        self.assertEqual(self.result(self.one.beat(["two"])), [])
        found = self.result(other.snapshot())
        self.assertEqual(found.people, {"one.1": b"ann"})
        self.assertEqual((found.rooms, found.ours), ({"#a": b"birds"}, ()))
        self.assertEqual((found.last, found.nodes), (4, frozenset(["one"])))
        self.assertEqual(self.result(self.one.snapshot()).ours, ("one.1",))

    def test_aNodeThatIsGone(self) -> None:
        other, _ = self.backplane("two")
        self.publish(self.one, 1, note=Note("people", "one.1", b"ann"))
        self.result(self.one.beat([]))
        del self.server.kept[b"chat:alive:one"]
        self.assertEqual(self.result(other.snapshot()).people, {})
        self.assertIn(b"one", self.server.SMEMBERS(b"chat:nodes"))
        del self.server.kept[b"chat:people:one"]
        self.result(other.snapshot())
        self.assertNotIn(b"one", self.server.SMEMBERS(b"chat:nodes"))


class LedgerTests(Case):
    def put(self, *words: Any) -> Any:
        return self.result(self.one.ledger.put("book", *words))

    def test_putAndGet(self) -> None:
        """A value is kept if it was what it was thought to be."""
        other, _ = self.backplane("two")
        self.assertTrue(self.put("ann", b"1", None))
        self.assertFalse(self.put("ann", b"2", None))
        self.assertTrue(self.put("ann", b"2", b"1"))
        self.assertEqual(self.result(other.ledger.get("book", "ann")), b"2")
        self.assertIsNone(self.result(other.ledger.get("book", "bob")))
        self.assertEqual(self.result(other.ledger.scan("book")), {"ann": b"2"})
        self.assertEqual(self.result(other.ledger.names("book")), {"ann"})
        self.assertTrue(self.put("ann", None, b"2"))
        self.assertEqual(self.result(other.ledger.scan("book")), {})

    def test_full(self) -> None:
        self.put("ann", b"1", None, 1)
        full = self.one.ledger.put("book", "bob", b"1", None, 1)
        self.network.settle()
        self.failureResultOf(full, LedgerFullError)
        self.assertEqual(self.ear.told, ["connected"])


class FaultTests(Case):
    def test_lost(self) -> None:
        """With one connection goes the other, and all that waits fails."""
        self.server.silent.add(b"GET")
        waiting = self.one.snapshot()
        self.one.listen(0)
        self.network.settle()
        self.server.connections[1].transport.abortConnection()  # type: ignore[union-attr]
        self.network.settle()
        self.refused(waiting)
        self.assertEqual(self.ear.told, ["connected", "lost"])
        self.assertEqual(
            self.refused(self.one.claim("a", "1", True)), "it can't be reached"
        )
        self.refused(self.one.release("a", "1"))
        self.one.listen(0)
        for service in self.one._services:
            service.startService()
        self.network.settle()
        self.assertEqual(self.ear.told, ["connected", "lost", "connected"])

    def test_noAnswerInTime(self) -> None:
        self.server.silent.add(b"EXISTS")
        waiting = self.one.beat(["two"])
        self.network.settle()
        self.network.clock.advance(connections.REPLY_TIMEOUT + 0.1)
        self.assertIn("no answer in time", self.refused(waiting))
        self.assertEqual(self.ear.told, ["connected", "lost"])

    def test_waitingIsNoFault(self) -> None:
        """XREAD may take its time, and a little more."""
        self.one.listen(0)
        self.network.settle()
        self.network.clock.advance(connections.REPLY_TIMEOUT + 0.1)
        self.network.settle()
        self.assertEqual(self.ear.told, ["connected"])
        self.network.clock.advance(connections.REPLY_TIMEOUT)
        self.network.settle()
        self.assertEqual(self.ear.told, ["connected", "lost"])

    def test_refusals(self) -> None:
        """An error of the server's begins it all anew."""
        self.server.refusals[b"EVALSHA"] = b"-OOM too much\r\n"
        self.assertIn("OOM", self.refused(self.one.publish("#a", 1, b"x", 0)))
        self.assertEqual(self.ear.told, ["connected", "lost"])
        self.assertIn("OOM too much", str(self.logged))

    def test_scriptsAreRefused(self) -> None:
        self.server.refusals[b"SCRIPT"] = b"-LOADING wait\r\n"
        _, ear = self.backplane("two")
        self.assertEqual(ear.told, ["connected", "lost"])

    def test_readingIsRefused(self) -> None:
        self.server.refusals[b"XREAD"] = b"-ERR no\r\n"
        self.one.listen(0)
        self.network.settle()
        self.assertEqual(self.ear.told, ["connected", "lost"])

    def test_strangeEntries(self) -> None:
        self.server.refusals[b"XREAD"] = b"*1\r\n*2\r\n$1\r\na\r\n*0\r\n"
        self.one.listen(0)
        self.network.settle()
        self.assertEqual(self.ear.told, ["connected", "lost"])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_garbage(self) -> None:
        for octets in (b"hello\r\n", b"+OK\r\n"):
            _, ear = self.backplane("two")
            self.server.connections[-2].write(octets)
            self.network.settle()
            self.assertEqual(ear.told, ["connected", "lost"])

    def test_tooManyUnderWay(self) -> None:
        self.patch(connections, "MAX_PIPELINE", 3)
        claims = [self.one.claim("a", "1", True) for _ in range(4)]
        self.assertIn("too many", str(self.failureResultOf(claims[3]).value))
        self.assertEqual(self.result(claims[0]), "1")

    def test_end(self) -> None:
        self.one.listen(0)
        self.network.settle()
        self.successResultOf(self.one.end())
        self.network.settle()
        self.assertEqual(self.ear.told, ["connected"])


class PasswordTests(Case):
    place = Place("localhost", database=3, user="me", password="geheim")

    def test_said(self) -> None:
        asked = [words for words in self.server.asked if words[0] != b"SCRIPT"]
        said = [[b"AUTH", b"me", b"geheim"], [b"SELECT", b"3"]]
        self.assertEqual(sorted(asked), sorted(said * 2))
        self.assertEqual(self.ear.told, ["connected"])

    def test_noSecret(self) -> None:
        """A password that can't be read is a fault, and said."""
        self.place = Place("localhost", passwordFile="/nowhere/secret")
        _, ear = self.backplane("two")
        self.assertEqual(ear.told, [])
        self.assertIn("/nowhere/secret: No such file", str(self.logged))

    def test_refused(self) -> None:
        self.server.refusals[b"AUTH"] = b"-WRONGPASS no\r\n"
        _, ear = self.backplane("two")
        self.assertEqual(ear.told, [])
        self.assertIn("WRONGPASS", str(self.logged))
        self.backplane("two")
        said = [each for each in self.logged if "let us in" in str(each)]
        self.assertEqual(len(said), 2, "once each, not once a connection")
        self.assertNotIn("geheim", str(self.logged))
