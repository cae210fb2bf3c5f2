"""L{protocols.chat.backplane.link}: how nodes and the backplane find each other."""

from __future__ import annotations

from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock

from protocols.chat.backplane import names
from protocols.chat.backplane.interface import BackplaneError
from protocols.chat.backplane.link import AWAY
from protocols.chat.backplane.local import LocalBus
from tests.chat.backplane.nodes import Place, Talker, TwoNodes, settle


class DyingTests(TwoNodes):
    def test_aNodeDies(self) -> None:
        """Its people are gone for the others when its lease has ended."""
        ann = Talker(self.one.lines, "ann")
        Talker(self.two.lines, "bob")
        ann.hears()
        self.two.die()
        for _ in range(6):
            self.assertEqual(ann.hears(), [])
            self.bus.clock.advance(2)
        self.bus.clock.advance(3)
        self.assertEqual(ann.hears(), ["#lobby * bob quit"])
        three = Place(self.bus, "three").begin()
        bob = Talker(three.lines, "bob")
        self.assertEqual(ann.hears(), ["#lobby * bob joined"])
        bob.types("again")
        self.assertEqual(ann.hears(), ["#lobby <bob> again"])

    def test_aNodeStops(self) -> None:
        ann, bob = Talker(self.one.lines, "ann"), Talker(self.two.lines, "bob")
        ann.hears()
        bob.protocol.drainRequested()
        self.successResultOf(self.two.node.link.end())
        self.assertEqual(ann.hears(), ["#lobby * bob left"])


class AloneTests(TwoNodes):
    def setUp(self) -> None:
        super().setUp()
        self.ann = Talker(self.one.lines, "ann")
        self.bob = Talker(self.two.lines, "bob")
        self.ann.hears()

    def later(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.bus.clock.advance(0.5)
        settle(self.bus.clock)

    def test_aShortOutage(self) -> None:
        """Nobody notices; what is said then comes a little later."""
        self.bus.stop()
        self.ann.types("hello")
        self.later(1)
        self.assertEqual(self.bob.hears(), [])
        self.bus.start()
        self.assertEqual(self.bob.hears(), ["#lobby <ann> hello"])
        self.assertEqual(self.ann.hears(), [])
        self.assertAlike()

    def test_alone(self) -> None:
        """Rooms go on, say so once, and what was said is told when it ends."""
        cid = Talker(self.one.lines, "cid")
        self.bob.hears()
        self.bus.stop()
        self.ann.types("one")
        self.assertEqual(cid.hears(), [])
        self.later(2)
        away = f"#lobby * {AWAY}"
        self.assertEqual(cid.hears(), [away, "#lobby <ann> one"])
        self.ann.types("two")
        self.assertEqual(cid.hears(), ["#lobby <ann> two"])
        self.bus.start()
        self.assertEqual(
            cid.hears(), ["#lobby * The other servers can be reached again."]
        )
        heard = self.bob.hears()
        self.assertEqual(
            [each for each in heard if "<" in each],
            ["#lobby <ann> one", "#lobby <ann> two"],
        )
        texts = [p.text for p in self.two.lobby.room("#lobby").history.last(9)]  # type: ignore[union-attr]
        self.assertEqual(texts, ["one", "two"])
        self.assertAlike()

    def test_lostSight(self) -> None:
        """People of other nodes are gone after a while, and come again."""
        self.bus.stop()
        self.later(11)
        self.assertIn("#lobby * bob quit", self.ann.hears())
        self.bob.types("/nick bea")
        self.bus.start()
        self.assertIn("#lobby * bea joined", self.ann.hears())
        self.assertAlike()

    def test_twoHaveANameAfterASplit(self) -> None:
        """Who had it earlier keeps it; all nodes see that alike."""
        self.bus.stop()
        self.later(11)
        first = Talker(self.two.lines, "cid")
        self.later(1)
        second = Talker(self.one.lines, "cid")
        self.bus.start()
        self.assertIn("* Somebody else has the name cid. Bye.", second.hears())
        first.types("I am")
        self.assertIn("#lobby <cid> I am", self.ann.hears())
        self.assertAlike()

    def test_tooMuchWasSaid(self) -> None:
        """What does not fit into the spool is a gap in the room's history."""
        self.one.node.out.spool._most = 3
        self.bus.stop()
        for number in range(5):
            self.ann.types(f"word {number}")
            self.bus.clock.advance(2)
        self.bus.start()
        words = [
            line for line in self.bob.hears() if "word" in line or "missing" in line
        ]
        self.assertEqual(words[0], "#lobby * 2 messages are missing here")
        self.assertEqual(len(words), 4)

    def test_theBeatGoesOn(self) -> None:
        """A beat that fails is followed by another; so is a beginning."""
        for name in ("beat", "snapshot"):
            backplane = self.one.backplane
            self.patch(backplane, name, lambda *_: fail(BackplaneError("not now")))
            if name == "snapshot":
                self.bus.stop()
                self.bus.start()
            self.later(4)
            self.assertEqual(self.one.node.out.isOpen, name == "beat")
            del backplane.__dict__[name]
            self.later(4)
            self.assertTrue(self.one.node.out.isOpen)
            self.assertGreater(self.bus.alive["one"], self.bus.clock.seconds() + 5)
        self.assertIn("bob", self.one.lobby.people)

    def test_aFaultOfOurs(self) -> None:
        """It is logged, and tried again."""
        self.patch(self.one.backplane, "beat", lambda *_: 1 / 0)
        self.later(4)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_manyNames(self) -> None:
        """They are said again in portions."""
        self.patch(names, "AT_ONCE", 2)
        talkers = [Talker(self.one.lines, f"many{n}") for n in range(5)]
        self.later(20)
        self.assertEqual(len(self.bus.owners), 7)
        until = {end for _, end in self.bus.owners.values()}
        self.assertGreater(min(until), self.bus.clock.seconds() + 5)
        self.assertEqual(len(talkers), 5)

    def test_aNameIsLost(self) -> None:
        """Who had it before the backplane forgot it, and another took it, has it."""
        [place] = [name for name, (who, _) in self.bus.owners.items() if "one." in who]
        self.bus.owners[place] = "0", self.bus.clock.seconds() + 100
        self.later(4)
        self.assertIn("* Somebody else has the name ann. Bye.", self.ann.hears())

    def test_lostInBetween(self) -> None:
        """What can't be asked just now is asked again."""
        names, backplane = self.one.node.names, self.one.backplane
        self.patch(backplane, "claim", lambda *_: fail(BackplaneError("lost")))
        self.ann.types("/nick cid")
        self.assertIn("cid", self.one.lobby.people)
        self.failureResultOf(Deferred.fromCoroutine(names.hold()), BackplaneError)
        del backplane.__dict__["claim"]
        self.later(4)
        self.assertEqual(sorted(self.bus.owners), ["bob", "cid"])

    def test_goneDuringAnOutage(self) -> None:
        """Whoever comes in when it is over may have the name at once."""
        self.bus.stop()
        self.ann.types("/quit")
        self.bus.start()
        settle(self.bus.clock)
        self.assertEqual(sorted(self.bus.owners), ["bob"])
        self.patch(
            self.two.backplane, "release", lambda *_: fail(BackplaneError("lost"))
        )
        self.bob.types("/quit")
        del self.two.backplane.__dict__["release"]
        self.later(4)
        self.assertEqual(self.bus.owners, {})

    def test_startsWithoutABackplane(self) -> None:
        bus = LocalBus(Clock())
        bus.isUp = False
        place = Place(bus, "one").begin()
        ann = Talker(place.lines, "ann")
        bus.clock.advance(3)
        self.assertEqual(len(ann.hears()), 1)
        ann.types("hello")
        bus.start()
        ann.hears()
        two = Place(bus, "two").begin()
        bob = Talker(two.lines, "bob")
        self.assertEqual(ann.hears(), ["#lobby * bob joined"])
        ann.types("well")
        self.assertEqual(bob.hears(), ["#lobby <ann> well"])
