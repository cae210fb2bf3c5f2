"""What is said goes where who may read it finds it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.history import Span
from tests.chat.people import Somebody, chat, keptHouse


class TalkTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.house = keptHouse()
        self.factory = chat(house=self.house)
        self.records = self.house.records

    def talk(self, one: Somebody, name: str) -> list[str]:
        place = self.records.talk(one.protocol, name)
        page = self.successResultOf(self.records.page(place, Span.latest(10)))
        return [posting.text for posting in page]

    def test_bothRead(self) -> None:
        ann, bob = Somebody(self.factory, "ann"), Somebody(self.factory, "bob")
        ann.types("/msg bob psst")
        bob.types("/msg ann what?")
        self.assertEqual(self.talk(ann, "bob"), ["psst", "what?"])
        self.assertEqual(self.talk(bob, "ann"), ["psst", "what?"])

    def test_aNameIsNotAPerson(self) -> None:
        """Who takes a name that is free again does not see its talks."""
        ann, bob = Somebody(self.factory, "ann"), Somebody(self.factory, "bob")
        ann.types("/msg bob psst")
        bob.types("/quit")
        other = Somebody(self.factory, "bob")
        self.assertEqual(self.talk(other, "ann"), [])
        self.assertEqual(self.talk(ann, "bob"), [])

    def test_anAccountIs(self) -> None:
        """Who has one finds their talks again, also when the other is not there."""
        ann, bob = Somebody(self.factory, "ann"), Somebody(self.factory, "bob")
        ann.types("/register one")
        bob.types("/register two")
        ann.types("/msg bob psst")
        for person in (ann, bob):
            person.types("/quit")
        again = Somebody(self.factory, "bob two")
        self.assertEqual(self.talk(again, "ann"), ["psst"])


class MarkTests(SynchronousTestCase):
    def test_marksOfAnAccountAreOne(self) -> None:
        house = keptHouse()
        factory = chat(house=house)
        ann = Somebody(factory, "ann")
        ann.types("/register one")
        house.records.mark(ann.protocol, "#Tea", 5.0)
        bob = Somebody(factory, "bob")
        self.assertEqual(house.records.marks(bob.protocol), {})
        bob.types("/login ann one")
        bob.protocol.marks = None
        self.assertEqual(house.records.marks(bob.protocol), {"#tea": 5.0})
