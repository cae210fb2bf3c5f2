"""What was said before, at the line door."""

from __future__ import annotations

from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.pages import MAX_PAGE
from protocols.chat.room import HISTORY
from protocols.chat.storeinterface import StoreError
from tests.chat.people import Somebody, chat, keptHouse
from tests.chat.stores import ThreadClock, openStore, pathFor


class PageTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = chat(rate=(1e6, 1e6))
        self.ann = Somebody(self.factory, "ann")

    def say(self, *lines: str) -> None:
        for line in lines:
            self.ann.types(line)

    def test_history(self) -> None:
        self.say("one", "two", "/me waves")
        heard = self.ann.types("/history 2")
        self.assertEqual(
            [line.split(" ", 2)[::2] for line in heard[:-1]],
            [["2", "#lobby <ann> two"], ["3", "#lobby * ann waves"]],
        )
        self.assertRegex(heard[0], r"^2 \d\d:\d\d:\d\d #lobby")
        self.assertEqual(heard[-1], "* That is all, up to 3.")
        line, _ = self.ann.types("/history 5 before 2")
        self.assertIn("<ann> one", line)
        self.assertEqual(len(self.ann.types("/history before 3")), 3)

    def test_nothing(self) -> None:
        self.assertEqual(self.ann.types("/history"), ["* Nothing was said before."])
        self.assertEqual(self.ann.types("/since 7"), ["* You have missed nothing."])
        self.assertEqual(self.ann.types("/search x"), ["* Nothing was found."])

    def test_mistakes(self) -> None:
        for line in ("/history x", "/history 1 before y", "/since", "/since \u0661"):
            self.assertIn("? Type /", self.ann.types(line)[0])
        self.assertEqual(
            self.ann.types("/search"), ["* Search for what? Type /search WORDS."]
        )

    def test_since(self) -> None:
        """In all one's rooms, in the order in which it was said, nothing twice."""
        self.say("one", "/join tea", "two", "/join lobby", "three")
        heard = self.ann.types("/since 1")
        self.assertEqual([line.split()[0] for line in heard], ["2", "3", "*"])

    def test_longPages(self) -> None:
        """What does not fit into an answer is there for the next."""
        self.say(*(f"line {number}" for number in range(MAX_PAGE + 5)))
        heard = self.ann.types("/since 0")
        self.assertEqual(len(heard), MAX_PAGE + 1)
        self.assertEqual(heard[-1], f"* There may be more: /since {MAX_PAGE}")
        self.assertEqual(len(self.ann.types(f"/since {MAX_PAGE}")), 6)

    def test_older(self) -> None:
        """What the room does not remember the store may."""
        self.say(*(f"line {number}" for number in range(HISTORY + 3)))
        heard = self.ann.types(f"/history 5 before {HISTORY}")
        self.assertEqual(len(heard), 6)

    def test_search(self) -> None:
        self.say("black tea", "green tea", "coffee")
        heard = self.ann.types("/search TEA green")
        self.assertEqual(len(heard), 2)
        self.assertIn("green tea", heard[0])

    def test_faultOfTheStore(self) -> None:
        self.patch(
            self.factory.records.store, "search", lambda *_: fail(StoreError("disk"))
        )
        (line,) = self.ann.types("/search tea")
        self.assertIn("can't be found just now", line)
        self.assertNotIn("disk", line)


class RestartTests(SynchronousTestCase):
    def test_roomsTopicsAndWordsAreThereAgain(self) -> None:
        path = pathFor(self)
        clock = ThreadClock()
        store = openStore(self, clock, path, now=clock.seconds)
        ann = Somebody(chat(house=keptHouse(store, clock)), "ann")
        for line in ("/join tea", "/topic all about tea", "/set slow 5", "hello"):
            ann.types(line)
        self.successResultOf(store.close())
        store = openStore(self, clock, path, now=clock.seconds)
        again = keptHouse(store, clock)
        bob = Somebody(chat(house=again), "bob")
        self.assertIn("* #tea: 0 people", bob.types("/rooms"))
        heard = bob.types("/join tea")
        self.assertIn("* #tea is about: all about tea", heard + bob.types("/topic"))
        self.assertIn("#tea <ann> hello", heard)
        self.assertEqual(again.lobby.room("#tea").modes.slow, 5)
        bob.types("hi")
        posting = again.lobby.room("#tea").history.last(1)[0]
        self.assertGreater(posting.id, 1)
