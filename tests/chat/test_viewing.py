"""What somebody at the line door wants to see."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import viewing
from tests.chat.people import Somebody, chat


class ViewTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = chat()
        self.ann = Somebody(self.factory, "ann")
        self.bob = Somebody(self.factory, "bob")
        self.ann.hears()

    def test_show(self) -> None:
        self.assertEqual(
            self.ann.types("/show time id"),
            ["* In front of each line you see id and time from now on."],
        )
        self.bob.types("hi")
        self.assertRegex(self.ann.hears()[0], r"^1 \d\d:\d\d:\d\d #lobby <bob> hi$")
        self.ann.types("/show nothing")
        self.bob.types("ho")
        self.assertEqual(self.ann.hears(), ["#lobby <bob> ho"])
        self.assertIn("Show what?", self.ann.types("/show colours")[0])

    def test_idOnly(self) -> None:
        self.ann.types("/show id")
        self.bob.types("hi")
        self.bob.types("/nick rob")
        self.assertEqual(
            self.ann.hears(), ["1 #lobby <bob> hi", "#lobby * bob is now rob"]
        )

    def test_ignore(self) -> None:
        """Of them only: what others say is heard, and one may change one's mind."""
        self.assertEqual(self.ann.types("/ignore bob"), ["* You ignore bob now."])
        self.bob.types("hi")
        self.bob.types("/msg ann psst")
        self.assertEqual(self.ann.hears(), [])
        self.assertEqual(self.ann.types("/ignore"), ["* You ignore bob."])
        self.assertEqual(self.ann.types("/ignore BOB"), ["* You hear BOB now."])
        self.bob.types("hello")
        self.assertEqual(self.ann.hears(), ["#lobby <bob> hello"])

    def test_bound(self) -> None:
        self.patch(viewing, "MAX_IGNORED", 1)
        self.ann.types("/ignore bob")
        self.assertIn("You ignore 1 people already", self.ann.types("/ignore eve")[0])

    def test_awayAndTopic(self) -> None:
        self.assertEqual(self.ann.types("/away tea"), ["* You are away now."])
        self.assertEqual(self.bob.types("/msg ann hi")[-1], "* ann is away: tea")
        self.assertEqual(self.ann.types("/away")[-1], "* You are here again.")
        self.bob.types("/join tea")
        self.assertEqual(self.bob.types("/topic"), ["* #tea has no topic."])
        self.assertEqual(self.bob.types("/topic x"), ["* #tea is about: x"])
        self.assertEqual(self.bob.types("/topic -"), ["* #tea has no topic."])
