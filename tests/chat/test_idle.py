"""What a member who says nothing is made of: little, and shared where it can be."""

from __future__ import annotations

import sys
from typing import Any
from unittest import skipUnless

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.irc.clients import Client, irc
from tests.chat.people import Somebody, chat

# A dictionary of its own with room for 42 attributes has more octets than this, one
# that shares its layout with others of its class fewer.
SHARED = 500

# Those in which layouts were measured; 3.10 and 3.13 have others.
MEASURED = sys.version_info[:2] in ((3, 11), (3, 12))


class IdleTests(SynchronousTestCase):
    def lineMembers(self) -> list[Any]:
        factory = chat(rate=(1e6, 1e6))
        return [Somebody(factory, f"p{number}").protocol for number in range(100)]

    def ircMembers(self) -> list[Any]:
        factory = irc()
        clients = [Client(factory, f"p{number}") for number in range(100)]
        for client in clients:
            client.says("JOIN #tea")
        return [client.protocol for client in clients]

    @skipUnless(MEASURED, "Python keeps attributes in another way")
    def test_layout(self) -> None:
        """An attribute that comes late would cost each a dictionary of its own."""
        for people in (self.lineMembers(), self.ircMembers()):
            for person in people[50:]:
                self.assertLess(sys.getsizeof(vars(person)), SHARED)

    def test_shared(self) -> None:
        """Which rooms they are in; who they are has no dictionary at all."""
        for people in (self.lineMembers(), self.ircMembers()):
            self.assertEqual(len({id(person.rooms) for person in people}), 1)
            self.assertFalse(hasattr(people[0].source, "__dict__"))

    def test_whoHasNotSpoken(self) -> None:
        """Who they are is put together again when they do."""
        for people in (self.lineMembers(), self.ircMembers()):
            person = people[7]
            person.factory.clock.advance(0)
            self.assertIsNone(person._source)
            self.assertEqual(person.source.name, "p7")
            self.assertIs(person.source, person.source)

    def test_capabilities(self) -> None:
        """One set for all clients that have asked for the same."""
        factory, caps = irc(), "multi-prefix server-time batch"
        people = [Client(factory, f"p{number}", caps).protocol for number in range(9)]
        self.assertEqual(people[0].capabilities, set(caps.split()))
        self.assertEqual(len({id(person.capabilities) for person in people}), 1)

    def test_oneTimer(self) -> None:
        """The line door has none for those who are in; the IRC door one for all."""
        line, clients = self.lineMembers(), self.ircMembers()
        for people, timers in ((line, 0), (clients, 1)):
            clock = people[0].factory.clock
            clock.advance(0)
            self.assertEqual(len(clock.getDelayedCalls()), timers)
