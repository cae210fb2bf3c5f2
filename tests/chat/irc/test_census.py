"""L{protocols.chat.irc.census}: exact where there are few, a second old in a crowd."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.census import FEW, RECENT, Census, Count, countedIn
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person
from tests.chat.irc.clients import Client, irc


class CensusTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.lobby = Lobby(lambda function: None)
        self.census = Census()

    def come(self, number: int) -> None:
        for _ in range(number):
            person = Person()
            person.begin()
            person.isHidden = True
            self.lobby.people[f"p{len(self.lobby.people)}"] = person

    def test_few(self) -> None:
        for number in range(1, FEW + 1):
            self.come(1)
            self.assertEqual(self.census.recent(self.lobby, 0), Count(number, 0))

    def test_crowd(self) -> None:
        self.come(FEW + 1)
        self.census.recent(self.lobby, 0)
        self.come(9)
        self.assertEqual(self.census.recent(self.lobby, RECENT / 2).hidden, FEW + 1)
        self.assertEqual(self.census.recent(self.lobby, RECENT).hidden, FEW + 10)

    def test_lusers(self) -> None:
        """The command counts each time (RFC 2812, 3.4.2)."""
        factory = irc()
        ann = Client(factory, "ann")
        ann.says("MODE ann +i")
        self.assertIn("0 users and 1 invisible", ann.says("LUSERS")[0])
        self.assertEqual(countedIn(factory.lobby), Count(1, 0))
