"""What comes from the bus, also what should not."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.logger import formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.interface import Note
from protocols.chat.backplane.local import LocalBackplane, LocalBus
from protocols.chat.backplane.notation import Profile, eventWritten, written
from protocols.chat.events import Posting, Redacted, Source
from protocols.chat.spans import Span
from tests.chat.backplane.nodes import Client, Place, Talker, settle


class Case(SynchronousTestCase):
    """A node, and another of which the test says what it publishes."""

    def setUp(self) -> None:
        self.logged: list[Any] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)
        self.bus = LocalBus(Clock())
        self.one = Place(self.bus, "one").begin()
        self.other = LocalBackplane(self.bus, "two")
        self.other.beat([])
        self.serial = 0
        self.ann = Client(self.one.irc, "ann")
        self.ann.types("JOIN #a")

    def publish(self, *items: Any, note: Note | None = None) -> None:
        self.serial += 1
        message = written("two", self.serial, *items)
        notes = () if note is None else (note,)
        self.other.publish("", self.serial, message, 0, notes)
        settle(self.bus.clock)

    def profile(self, name: str, *rooms: str, **more: Any) -> None:
        claimed = more.pop("claimed", "1")
        ranks = dict.fromkeys(rooms, "")
        profile = Profile(f"two.{name}", name, claimed, more, rooms=ranks)
        self.publish("person", profile.written(), {})

    def room(self, name: str) -> Any:
        return self.one.lobby.room(name)


class StrangeTests(Case):
    def test_nothingIsStopped(self) -> None:
        """What can't be understood is logged, and what comes behind it is done."""
        good = eventWritten(Posting("#a", "hello", "bob"))
        for items in (
            *([], ["say"], ["say", 1, 2, 3, 4], ["say", good, "", ""], ["person"]),
            *(["person", 1, {}], ["room", "#a", 1], ["room", "#a", {"base": 1}]),
            *(["room", "#a", {"base": ["#a", 1, ""], "topic": 3}], ["bans", 1]),
            ["rank", "one.1"],
            ["say", eventWritten(Redacted("#a", Source("bob"), 1)), "", "", ""],
            ["person", Profile("two.1", "bob").written(), 3],
            ["event", "#a", None],
            ["hear", "one.1", None],
            [None],
        ):
            before = len(self.logged)
            self.publish(*items)
            if items and items != [None]:
                self.assertIn("can't be understood", str(self.logged[before:]), items)
        self.publish("something new", 1, 2)
        self.publish("say", good, "", "", "")
        self.assertIn(
            "PRIVMSG #a hello", self.ann.hears()[-1].replace(":hello", "hello")
        )

    def test_notesToo(self) -> None:
        profile = Profile("two.1", "bob", rooms={"#a": ""}).written()
        for name, value in (
            ("two.1", written(profile)),
            ("two.2", b"x"),
            ("two.3", b"[1]"),
        ):
            self.publish("x", note=Note("people", name, value))
        for value in (b"[{}]", b"x", b"[]"):
            self.publish("x", note=Note("rooms", "#b base", value))
        self.publish("x", note=Note("bans", "name x", b"x"))
        for name in ("#c", "#d"):
            self.publish("x", note=Note("rooms", f"{name} base", b'[["#c",1,2]]'))
            self.publish("x", note=Note("rooms", f"{name} topic", b'["broken"]'))
        self.publish("x", note=Note("rooms", "#d kept", b"[true]"))
        good = {"base": ["#e", 1.0, ""], "kept": True}
        for part, value in good.items():
            self.publish("x", note=Note("rooms", f"#e {part}", written(value)))
        three = Place(self.bus, "three").begin()
        self.assertEqual(sorted(three.lobby.people), ["ann", "bob"])
        self.assertIn("A note can't be understood", str(self.logged))
        self.assertIn("Notes of #d make no sense", self.told())
        self.assertIn("#e", [room.name for room in three.lobby.rooms.values()])
        self.assertIn(
            "You are in", " ".join(Talker(three.lines, "x").types("/join #c"))
        )
        self.assertIn("Notes of #c make no sense", self.told())

    def told(self) -> str:
        return " ".join(map(formatEvent, self.logged))

    def test_namesThatCantBe(self) -> None:
        self.profile("root", "#a")
        self.profile("bob", "#a", "#a b")
        self.assertEqual(sorted(self.one.lobby.people), ["ann", "bob"])
        self.assertEqual(sorted(self.room("#a").members), ["ann", "bob"])

    def test_peopleWhoAreNotThere(self) -> None:
        self.publish("gone", "two.9", "quit", "")
        self.publish("out", "two.9", "#a")
        self.publish("event", "#nowhere", eventWritten(Redacted("#x", Source("b"), 1)))
        self.publish("hear", "two.9", eventWritten(Redacted("#x", Source("b"), 1)))
        self.publish("send", "two.9", "go")
        self.publish("say", eventWritten(Posting("@#no", "x", "b")), "", "", "")
        self.publish("room", "#no", None)
        self.assertEqual(sorted(self.one.lobby.people), ["ann"])
        self.assertEqual(self.ann.hears(), [])


class PersonTests(Case):
    def test_whoHadANameBefore(self) -> None:
        """Of two who have it, the later one goes; or is waited with."""
        self.profile("ann", "#a", claimed="9")
        self.assertIs(self.one.lobby.find("ann"), self.ann.protocol)
        self.ann.types("QUIT")
        self.assertEqual(self.one.lobby.people["ann"].id, "two.ann")  # type: ignore[attr-defined]

    def test_whoHasItNow(self) -> None:
        self.profile("ann", "#a", claimed="0")
        self.assertIn("Somebody else has the name ann", " ".join(self.ann.hears()))
        self.assertEqual(self.one.lobby.people["ann"].id, "two.ann")  # type: ignore[attr-defined]

    def test_twoOfOtherNodes(self) -> None:
        self.profile("bob", "#a", claimed="5")
        other = Profile("three.bob", "BOB", "2", {}, rooms={"#a": "v"})
        self.publish("person", other.written(), {})
        bob = self.one.lobby.people["bob"]
        self.assertEqual((bob.name, self.room("#a").signs(bob)), ("BOB", "+"))

    def test_renamed(self) -> None:
        self.profile("bob", "#a")
        changed = Profile("two.bob", "bea", "1", {"away": "tea"}, rooms={"#b": ""})
        self.publish("person", changed.written(), {"#a": ["left", "bye"]})
        bea = self.one.lobby.people["bea"]
        self.assertEqual((bea.away, list(bea.rooms)), ("tea", ["#b"]))
        heard = " ".join(self.ann.hears())
        self.assertIn("NICK bea", heard.replace(":bea", "bea"))
        self.assertIn("PART #a bye", heard.replace(":bye", "bye"))

    def test_sentAway(self) -> None:
        bob = Client(self.one.irc, "bob")
        self.profile("cid", "#a")
        identity = self.one.node.identityOf(bob.protocol)
        self.publish("send", identity, "You are banned")
        self.assertIn("You are banned", " ".join(bob.hears()))
        self.one.lobby.people["cid"].sendAway("Go")
        self.assertIn(b'"send","two.cid","Go"', self.bus.entries[-1][1][1])

    def test_takenBack(self) -> None:
        self.ann.types("PRIVMSG #a :oops")
        [posting] = self.room("#a").history.last(1)
        event = Redacted("#a", Source("bob"), posting.id)
        self.publish("event", "#a", eventWritten(event))
        self.assertEqual(self.room("#a").history.last(1), [])

    def test_aTalkTakenBack(self) -> None:
        self.profile("bob")
        self.one.lobby.people["bob"].hear(Redacted("bob", Source("ann"), 3))
        self.assertIn(b'"hear","two.bob",["Redacted"', self.bus.entries[-1][1][1])


class RoomTests(Case):
    def parts(self, name: str, topic: str, isKept: bool = True) -> Any:
        kept = {"kept": True} if isKept else {}
        base = {"base": [name, 1.0, ""], "flag n": True, "flag t": True}
        return {**base, "topic": [topic, "bob", 2.0], **kept}

    def test_aRoomOfOthers(self) -> None:
        self.publish("room", "#b", self.parts("#b", "birds"))
        self.assertEqual(self.room("#b").topic.text, "birds")
        self.publish("room", "#b", None)
        self.assertIsNone(self.room("#b"))
        self.publish("room", "#a", None)
        self.assertIsNotNone(self.room("#a"))
        self.publish("room", "#", self.parts("#", "birds"))
        self.assertIsNone(self.room("#"))

    def test_notKept(self) -> None:
        """It is there as soon as somebody is in it, as it was made."""
        self.publish("room", "#b", self.parts("#b", "birds", isKept=False))
        self.assertIsNone(self.room("#b"))
        self.profile("bob", "#b")
        self.assertEqual(self.room("#b").created, 1.0)
        self.assertFalse(self.room("#b").isKept)
        self.publish("gone", "two.bob", "quit", "")
        self.assertIsNone(self.room("#b"))

    def test_notGone(self) -> None:
        """Who is in a room of which another node says that it is gone tells all."""
        before = len(self.bus.entries)
        self.publish("room", "#a", None)
        [said] = [m for _, (_, m) in self.bus.entries[before + 1 :]]
        self.assertIn(b'"room","#a",{"base":["#a",', said)

    def test_ranks(self) -> None:
        """Who is something else now tells that to all, with all else."""
        self.profile("bob", "#a")
        bob = self.one.lobby.people["bob"]
        identity = self.one.node.identityOf(self.ann.protocol)
        before = len(self.bus.entries)
        self.publish("rank", identity, "#a", "-o+v")
        self.publish("rank", "two.bob", "#a", "+o")
        self.publish("rank", "two.bob", "#a", "+o?x")
        for someone in ("two.9", identity):
            self.publish("rank", someone, "#nowhere", "+o")
        room = self.room("#a")
        self.assertEqual((room.signs(self.ann.protocol), room.signs(bob)), ("+", "@"))
        said = [message for _, (_, message) in self.bus.entries[before + 1 :]]
        self.assertEqual(sum(b'"#a":"v"' in message for message in said), 1)

    def test_whatIsBrokenIsForgotten(self) -> None:
        self.publish("room", "#a", {"topic": ["x", "y"]})
        self.publish("room", "#a", {"topic": ["birds", "bob", 1.0]})
        self.assertEqual(self.room("#a").topic.text, "birds")

    def test_oursIsTheLaterOne(self) -> None:
        """What others said of a part before ours came back is overtaken by it."""
        self.ann.say(b"TOPIC #a :ours\r\n")
        self.ann.say(b"TOPIC #a :ours, too\r\n")
        theirs = {"topic": ["theirs", "bob", 2.0], "flag m": True}
        self.one.node.into.take("room", False, ["#a", theirs])
        self.ann.hears()
        self.assertEqual(self.room("#a").topic.text, "ours, too")
        self.assertIn("m", self.room("#a").modes.flags)
        self.one.node.into.take("room", False, ["#a", theirs])
        self.assertEqual(self.room("#a").topic.text, "theirs")

    def test_whatIsSaidKeepsARoom(self) -> None:
        """With a store that remembers rooms; what is said is kept in any case."""
        kept: list[str] = []

        class Keeping:
            def roomChanged(self, room: Any) -> None:
                kept.append(room.name)

            def find(self, name: str) -> None:
                """Nothing was kept before."""

        self.one.lobby.keeper = Keeping()
        self.profile("bob", "#b")
        for room in ("#b", "#c"):
            posting = eventWritten(Posting(room, "hello", "bob"))
            self.publish("say", posting, "two.bob", "", "")
            page = self.successResultOf(self.one.store.page(room, Span.latest(5)))
            self.assertEqual([each.text for each in page], ["hello"])
        self.publish("gone", "two.bob", "quit", "")
        self.assertTrue(self.room("#b").isKept)
        self.assertEqual(kept, ["#b"])

    def test_tooManyRooms(self) -> None:
        """One that had to make way comes back as it was, when it is asked for."""
        from protocols.chat import lobby as lobbies

        self.patch(lobbies, "MAX_ROOMS", 2)
        self.publish("room", "#b", self.parts("#b", "birds"))
        self.assertIsNotNone(self.room("#b"))
        bob = Talker(self.one.lines, "bob")
        self.assertNotIn("#b", self.one.lobby.rooms)
        bob.types("/leave")
        self.assertEqual(self.room("#b").topic.text, "birds")
