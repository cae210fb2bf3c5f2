"""Accounts, bans, marks and hosts are those of all nodes."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.audit import AuditLog
from protocols.chat.backplane.local import LocalBus
from protocols.chat.bans import Ban, BanError
from protocols.chat.storememory import MemoryStore
from tests.chat.backplane.nodes import Client, Place, Talker, settle
from tests.chat.stores import ThreadClock
from tests.folders import folderFor


class Case(SynchronousTestCase):
    """Two nodes with accounts, and doors that ask for names."""

    def setUp(self) -> None:
        self.bus = LocalBus(ThreadClock())
        self.one, self.two = self.place("one"), self.place("two")

    def place(self, name: str, store: Any = None) -> Place:
        return Place(self.bus, name, isReserving=True, store=store).begin()

    def later(self, seconds: int) -> None:
        for _ in range(seconds):
            self.bus.clock.advance(1)
        settle(self.bus.clock)

    def operator(self, place: Place, name: str) -> Client:
        client = Client(place.irc, name)
        client.protocol.isOperator = True
        return client


class AccountTests(Case):
    def test_loginElsewhere(self) -> None:
        """Who registers at one node logs in at another; the name is theirs at all."""
        ann = Talker(self.one.lines, "ann")
        self.assertEqual(ann.types("/register pencil"), ["* You are logged in as ann."])
        ann.types("/quit")
        self.assertIn(
            "belongs to an account", Talker(self.two.lines, "").types("ann")[0]
        )
        again = Talker(self.two.lines, "")
        self.assertIn("password is wrong", " ".join(again.types("ann pen")))
        self.assertIn("* Hello, ann.", " ".join(again.types("ann pencil")))
        self.assertEqual(self.one.lobby.people["ann"].account, "ann")

    def test_dropped(self) -> None:
        accounts = self.one.house.accounts
        assert accounts is not None and self.two.house.accounts is not None
        accounts.register("ann", "pencil")
        settle(self.bus.clock)
        self.assertTrue(self.two.house.accounts.owns("ann"))
        self.two.house.accounts.changePassword("ann", "pen")
        settle(self.bus.clock)
        accounts.drop("ann")
        settle(self.bus.clock)
        self.assertFalse(self.two.house.accounts.owns("ann"))
        self.assertEqual(self.bus.books["accounts"], {})

    def test_lostBeforeItWasTold(self) -> None:
        """An account that was made is told of when the backplane is back."""
        accounts = self.one.house.accounts
        assert accounts is not None and self.two.house.accounts is not None
        made = accounts.register("ann", "pencil")
        self.one.node.lost()
        settle(self.bus.clock)
        self.assertEqual(self.successResultOf(made), "ann")
        self.assertFalse(self.two.house.accounts.owns("ann"))
        before = len(self.bus.entries)
        self.bus.stop()
        self.bus.start()
        settle(self.bus.clock)
        self.assertTrue(self.two.house.accounts.owns("ann"))
        told = [m for _, (_, m) in self.bus.entries[before:] if b'"account"' in m]
        self.bus.stop()
        self.bus.start()
        settle(self.bus.clock)
        again = [m for _, (_, m) in self.bus.entries[before:] if b'"account"' in m]
        self.assertEqual((len(told), again), (1, told))

    def test_whoStartsLater(self) -> None:
        """A name is not given away before it is known whose it is."""
        ann = Talker(self.one.lines, "ann")
        ann.types("/register pencil", "/quit")
        late = Place(self.bus, "late", isReserving=True)
        thief = Talker(late.lines, "ann")
        self.assertEqual(thief.hears(), [])
        late.begin()
        self.assertIn("belongs to an account", thief.hears()[0])

    def test_withoutTheBackplane(self) -> None:
        """Nobody can log in then, and is told so; who comes in does come in."""
        Talker(self.one.lines, "ann").types("/register pencil", "/quit")
        self.bus.stop()
        bob = Talker(self.two.lines, "bob")
        self.assertIn("can't be kept just now", bob.types("/login ann pencil")[-1])
        late = Place(self.bus, "late", isReserving=True).begin()
        cid = Talker(late.lines, "cid")
        self.assertEqual(cid.hears(), [])
        self.later(3)
        self.assertIn("* Hello, cid.", cid.hears()[0])

    def test_saslWithoutTheBackplane(self) -> None:
        """It is refused, and no traceback is logged for each who tries."""
        self.bus.stop()
        client = Client(self.one.irc, "")
        client.types("CAP REQ :sasl", "AUTHENTICATE PLAIN")
        said = b64encode(b"\0ann\0pencil").decode()
        self.assertIn(" 904 ", client.types(f"AUTHENTICATE {said}")[0])

    def test_takenMeanwhile(self) -> None:
        """Who took somebody's name at a node that did not know that is sent away."""
        Talker(self.one.lines, "ann").types("/register pencil", "/quit")
        self.bus.isUp = False
        late = Place(self.bus, "late", isReserving=True)
        late.node.link.begin()
        self.later(3)
        thief, bob = Talker(late.lines, "ann"), Talker(late.lines, "bob")
        self.bus.start()
        self.assertIn("ann belongs to an account", " ".join(thief.hears()))
        self.assertEqual(sorted(self.one.lobby.people), ["bob"])
        bob.types("/register pencil")
        self.bus.stop()
        self.bus.start()
        settle(self.bus.clock)
        self.assertEqual(sorted(self.one.lobby.people), ["bob"])


class HostTests(Case):
    def test_sameEverywhere(self) -> None:
        """An address looks the same wherever it comes in; so masks mean the same."""
        hosts = {place.house.hostOf("192.0.2.1") for place in (self.one, self.two)}
        self.assertEqual(len(hosts), 1)

    def test_changedWhenFound(self) -> None:
        """Who came in before the others were found looks as with them then."""
        wanted = self.one.house.hostOf("192.0.2.7")
        self.bus.isUp = False
        late = Place(self.bus, "late", isReserving=True)
        late.node.link.begin()
        self.later(3)
        ann, bob = Client(late.irc, "ann"), Client(late.irc, "bob")
        ann.protocol.comesFrom("192.0.2.7")
        for client in (ann, bob):
            client.types("JOIN #a")
        self.assertNotEqual(ann.protocol.host, wanted)
        self.bus.start()
        settle(self.bus.clock)
        self.assertEqual(ann.protocol.host, wanted)
        self.assertEqual(self.one.lobby.people["ann"].host, wanted)


class BanTests(Case):
    def setUp(self) -> None:
        super().setUp()
        self.ann = self.operator(self.one, "ann")

    def ban(self, text: str, duration: str = "") -> Ban:
        ban = self.one.house.ban(self.ann.protocol, text, duration, "flood")
        settle(self.bus.clock)
        return ban

    def test_sentAwayEverywhere(self) -> None:
        bob, cid = Talker(self.two.lines, "bob"), Talker(self.two.lines, "cid")
        self.ban("bob")
        self.assertIn("* You are banned. Bye.", bob.hears())
        self.assertNotIn("banned", " ".join(cid.hears()))
        self.assertIn("banned: flood", Talker(self.two.lines, "").types("bob")[0])
        late = self.place("late")
        self.assertIn("banned: flood", Talker(late.lines, "").types("bob")[0])
        self.two.house.unban(cid.protocol, "bob")
        settle(self.bus.clock)
        for place in (self.one, late):
            self.assertEqual(place.house.bans.active(0), [])
        self.assertEqual(self.bus.bans, {})

    def test_auditedWhereItWasDone(self) -> None:
        paths = [f"{folderFor(self)}/{name}" for name in ("one", "two")]
        for place, path in zip((self.one, self.two), paths, strict=True):
            place.house.audit = AuditLog(path, place.now)
            self.addCleanup(place.house.audit.close)
        self.ban("bob")
        lines = [Path(path).read_text().splitlines() for path in paths]
        acts = [[json.loads(line)["act"] for line in each] for each in lines]
        self.assertEqual(acts, [["ban"], []])

    def test_thoseThatHaveEndedGo(self) -> None:
        self.ban("bob", "5s")
        self.later(6)
        self.ban("cid")
        self.assertEqual(list(self.bus.bans), ["name cid"])

    def test_withoutTheBackplane(self) -> None:
        """What was done meanwhile holds when it is back, also with a later ban."""
        self.ban("old")
        self.bus.stop()
        self.ban("bob")
        self.one.house.unban(self.ann.protocol, "old")
        cid = self.operator(self.two, "cid")
        self.two.house.ban(cid.protocol, "dan", "", "")
        self.bus.start()
        settle(self.bus.clock)
        for place in (self.one, self.two, self.place("late")):
            active = place.house.bans.active(0)
            self.assertEqual({ban.mask for ban in active}, {"bob", "dan"})

    def test_itHasLostAll(self) -> None:
        """The nodes tell it again, rooms as well."""
        self.ban("bob")
        self.ann.types("JOIN #a", "TOPIC #a :birds")
        self.bus.stop()
        for kept in (self.bus.bans, self.bus.rooms, self.bus.books):
            kept.clear()
        self.bus.last = 0
        self.bus.entries.clear()
        self.bus.serials.clear()
        self.bus.start()
        settle(self.bus.clock)
        self.assertEqual(list(self.bus.bans), ["name bob"])
        late = self.place("late")
        room = late.lobby.room("#a")
        assert room is not None
        self.assertEqual(room.topic.text, "birds")
        hosts = {each.house.hostOf("192.0.2.1") for each in (self.one, late)}
        self.assertEqual(len(hosts), 1)

    def test_broughtAlong(self) -> None:
        """A node that was alone has bans; once, so that they can be lifted."""
        store = MemoryStore()
        own = Ban.of("bob", "ann")
        store.saveRoom("bans", {"bans": [own.fields()]})
        three = self.place("three", store)
        self.assertEqual(self.two.house.bans.active(0), [own])
        three.die()
        self.two.house.unban(self.ann.protocol, "bob")
        settle(self.bus.clock)
        self.assertEqual(self.place("four", store).house.bans.active(0), [])

    def test_whatCantBe(self) -> None:
        """Too many, or too much to be kept, is logged; the others hold."""

        def refuse(*_: object) -> None:
            raise BanError("there are too many")

        self.patch(self.two.house, "enforce", refuse)
        self.ban("bob")
        self.assertEqual(self.two.house.bans.active(0), [])

        def tooMuch(*_: object) -> None:
            raise ValueError("too much")

        self.patch(self.one.store, "saveRoom", tooMuch)
        self.one.house.enforce(Ban.of("cid", "ann"), ())
        self.assertEqual(len(self.one.house.bans.active(0)), 2)


class MarkTests(Case):
    def client(self, place: Place, name: str) -> Client:
        client = Client(place.irc, "")
        client.types("CAP REQ :draft/read-marker", "CAP END")
        client.types(f"NICK {name}", "JOIN #a")
        client.protocol.account = "ann"
        client.protocol.records.loadMarks(client.protocol)
        client.hears()
        return client

    def test_toldEverywhere(self) -> None:
        """All clients of an account are told, and who logs in later."""
        ann, other = self.client(self.one, "ann"), self.client(self.two, "ann2")
        time = "timestamp=2026-01-01T00:00:00.500Z"
        ann.types(f"MARKREAD #a {time}")
        self.assertIn(f"MARKREAD #a {time}", " ".join(other.hears()))
        other.types("MARKREAD #a timestamp=2025-01-01T00:00:00.000Z")
        marks = self.bus.books["marks:ann"]
        self.assertEqual(list(marks.values()), [b"1767225600500"])
        self.assertIn(time, " ".join(other.types("MARKREAD #a")))

    def test_withoutTheBackplane(self) -> None:
        """They wait, and are kept when it is back."""
        ann = self.client(self.one, "ann")
        self.bus.stop()
        ann.types("MARKREAD #a timestamp=2026-01-01T00:00:00.500Z")
        self.assertFalse(self.bus.books.get("marks:ann"))
        self.bus.start()
        settle(self.bus.clock)
        self.assertEqual(list(self.bus.books["marks:ann"].values()), [b"1767225600500"])
