"""The line door under abuse, and what the floor and subclasses ask of it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatProtocol, Room
from protocols.chat.floods import BURST, MAX_EXCESS, REPEAT_TIME
from protocols.chat.outgoing import MAX_QUEUED
from protocols.chat.protocol import MAX_LINE
from tests.chat.people import Somebody, chat


class AbuseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = chat()
        self.ann = Somebody(self.factory, "ann")
        self.bob = Somebody(self.factory, "bob")
        self.ann.hears()

    def test_longLine(self) -> None:
        """Told the first time, hung up on the second; next to nothing is kept."""
        for _ in range(64):
            self.ann.say(b"A" * 65536)
        self.assertEqual(len(self.ann.hears()), 1)
        self.assertFalse(self.ann.transcript.disconnecting)
        self.ann.say(b"\n" + b"B" * (MAX_LINE + 1) + b"\n")
        self.assertEqual(len(self.ann.hears()), 1)
        self.assertTrue(self.ann.transcript.disconnecting)
        self.assertEqual(
            self.bob.hears(), ["#lobby * ann sent lines that were too long"]
        )

    def test_longestLine(self) -> None:
        self.ann.say(b"A" * MAX_LINE + b"\n")
        self.assertEqual(len(self.bob.hears()[0]), MAX_LINE + len("#lobby <ann> "))

    def test_telnetWithoutEnd(self) -> None:
        self.ann.say(b"\xff\xfa" + b"x" * (1 << 20))
        self.assertTrue(self.ann.transcript.disconnecting)

    def test_telnetIsAnswered(self) -> None:
        self.ann.say(b"\xff\xfb\x1fhi\n")
        self.assertEqual(self.ann.heard(), b"\xff\xfe\x1f")
        self.assertEqual(self.bob.hears(), ["#lobby <ann> hi"])

    def test_burst(self) -> None:
        """A thousand lines in a segment come through at the rate, none is lost."""
        self.ann.say(b"".join(b"%d\n" % number for number in range(50)))
        self.assertEqual(len(self.bob.hears()), BURST - 1)
        for _ in range(100):
            self.ann.advance(0.1)
        self.assertEqual(len(self.bob.hears()), 50 - (BURST - 1))

    def test_tooMuchForTooLong(self) -> None:
        self.ann.say(b"".join(b"%d\n" % number for number in range(1000)))
        for _ in range(MAX_EXCESS * 4):
            self.ann.advance(0.1)
        self.assertTrue(self.ann.transcript.disconnecting)
        self.assertIn("#lobby * ann was too loud", self.bob.hears())

    def test_repeats(self) -> None:
        for _ in range(50):
            self.ann.types("spam")
            self.ann.advance(1)
        self.assertEqual(self.bob.hears(), ["#lobby <ann> spam"] * 3)

    def test_repeatsElsewhereOrLater(self) -> None:
        """In another room, and after a while, it may be said again."""
        for _ in range(3):
            self.ann.types("yes")
        self.ann.types("/join tea")
        self.assertEqual(self.ann.types("yes"), [])
        for _ in range(2):
            self.ann.types("yes")
        self.assertIn("said that", self.ann.types("yes")[0])
        self.ann.advance(REPEAT_TIME)
        self.assertEqual(self.ann.types("yes"), [])

    def test_nicksInALoop(self) -> None:
        """The last one wins, and is told once a turn."""
        self.ann.say(b"".join(b"/nick ann%d\n" % number for number in range(2, 7)))
        self.assertEqual(self.bob.hears(), ["#lobby * ann is now ann6"])

    def test_joinAndLeaveInALoop(self) -> None:
        self.ann.say(b"/leave\n/join lobby\n" * 4)
        self.assertEqual(self.bob.hears(), [])

    def test_telnetAfterTheEnd(self) -> None:
        """Nothing is answered any more."""
        self.ann.types("/quit")
        self.ann.protocol.dataReceived(b"\xff\xfd\x01")
        self.assertEqual(self.ann.heard(), b"")

    def test_whoDoesNotReadIsDropped(self) -> None:
        """Within bounds, and the others are told once and not delayed."""
        transport = self.bob.transport
        transport.read = lambda size=None: b""  # type: ignore[method-assign]
        eve = Somebody(self.factory, "eve")
        self.ann.hears()
        room = next(iter(self.factory.lobby.rooms.values()))
        heard: list[str] = []
        for number in range(700):
            self.ann.protocol._post(f"{number:04}" + "x" * 996, room, False)
            self.factory.clock.advance(0)
            heard += eve.hears()
            self.assertLess(
                transport.unread + self.bob.protocol._queued, MAX_QUEUED + 70_000
            )
        self.assertTrue(transport.aborted)
        self.assertEqual(len([line for line in heard if "<ann>" in line]), 700)
        self.assertEqual(
            [line for line in heard if "bob" in line], ["#lobby * bob did not keep up"]
        )

    def test_whoReadsSlowlyMissesNothing(self) -> None:
        bob: Any = self.bob
        bob.protocol.pauseProducing()
        for number in range(20):
            self.ann.types(f"{number}")
            self.ann.advance(1)
        self.assertEqual(bob.hears(), [])
        bob.protocol.resumeProducing()
        self.assertEqual(
            bob.hears(), [f"#lobby <ann> {number}" for number in range(20)]
        )


class FloorTests(SynchronousTestCase):
    def test_lastWord(self) -> None:
        for reason in ("total", "draining"):
            self.assertRegex(chat().lastWord(reason), rb"^\* .*come back later\.\r\n$")

    def test_drain(self) -> None:
        """What was said before the end still arrives."""
        factory = chat()
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        ann.say(b"last words\n")
        bob.protocol.drainRequested()
        self.assertIn("#lobby <ann> last words", bob.hears())
        self.assertTrue(bob.transcript.disconnecting)

    def test_drainOfMany(self) -> None:
        """Nobody is told of everybody who leaves before them."""
        factory = chat()
        people = [Somebody(factory, f"p{number}") for number in range(5)]
        for person in people:
            person.hears()
        for person in people:
            person.protocol.drainRequested()
        for person in people:
            self.assertEqual(person.hears(), ["* The server is stopping. Bye."])

    def test_idle(self) -> None:
        ann = Somebody(chat(), "ann")
        ann.protocol.idledOut()
        self.assertIn("too long", ann.hears()[0])


class HookTests(SynchronousTestCase):
    """A subclass in ten lines."""

    def test_changedText(self) -> None:
        class Loud(ChatProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                return text.upper() if text != "secret" else None

        factory = chat(Loud)
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        for text in ("hi", "secret"):
            ann.types(text)
        self.assertEqual(bob.hears(), ["#lobby <ann> HI"])

    def test_textThatTakesItsTime(self) -> None:
        """What comes behind it waits."""
        asked: list[Deferred[str]] = []

        class Slow(ChatProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                asked.append(Deferred())
                return asked[-1]

            async def nameChosen(self) -> None:  # type: ignore[override]
                self.tell("Nice to see you.")

        factory = chat(Slow)
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        ann.say(b"one\ntwo\n")
        self.assertEqual((bob.hears(), len(asked)), ([], 1))
        asked[0].callback("ONE")
        self.assertEqual((bob.hears(), len(asked)), (["#lobby <ann> ONE"], 2))

    def test_goneMeanwhile(self) -> None:
        """What a hook lets through too late is not said, and by nobody."""
        asked: list[Deferred[str]] = []

        class Slow(ChatProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                asked.append(Deferred())
                return asked[-1]

        factory = chat(Slow)
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        ann.say(b"/me waves\nhello\n")
        self.assertEqual(len(asked), 1)
        ann.protocol.queueFull()
        asked[0].addErrback(lambda _: None)
        if not asked[0].called:
            asked[0].callback("ann is root")
        self.assertEqual(bob.hears(), ["#lobby * ann did not keep up"])

    def test_failure(self) -> None:
        class Broken(ChatProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                raise KeyError("secret")

        ann = Somebody(chat(Broken), "ann")
        self.assertEqual(ann.types("hi"), ["* Something went wrong; it was not done."])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
