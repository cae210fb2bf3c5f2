"""How much people may say, alone and together."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.floods import SHARED_WAIT, TOGETHER, SharedFloods
from protocols.chat.outgoing import MAX_WAITED
from protocols.limits import Limits
from tests.chat.people import Somebody, chat

RATE = (1.0, 2.0)


class SharedFloodTests(SynchronousTestCase):
    def test_network(self) -> None:
        """All who come from one address, whoever they say they are."""
        floods = SharedFloods(*RATE)
        taken = [floods.take("192.0.2.7", f"a{n}", 0.0) for n in range(10)]
        self.assertEqual(sum(taken), RATE[1] * TOGETHER)
        self.assertTrue(floods.take("192.0.2.8", "", 0.0))
        self.assertTrue(floods.take("192.0.2.7", "", 1.0))

    def test_account(self) -> None:
        """All clients of one account, wherever they come from."""
        floods = SharedFloods(*RATE)
        taken = [floods.take(f"192.0.2.{n}", "ann", 0.0) for n in range(10)]
        self.assertEqual(sum(taken), RATE[1] * TOGETHER)

    def test_wherePeersAreNotLimited(self) -> None:
        """What holds for connections holds for what they say."""
        for limits in (Limits(maxPerPeer=0), Limits(exempt=("192.0.2.0/24",))):
            floods = SharedFloods(*RATE, limits)
            taken = [floods.take("192.0.2.7", "", 0.0) for _ in range(50)]
            self.assertTrue(all(taken))
        self.assertFalse(all(floods.take("/path", "", 0.0) for _ in range(50)))

    def test_severalSessions(self) -> None:
        """Who opens more connections does not say more, and loses nothing."""
        factory = chat(rate=RATE)
        people = [Somebody(factory, f"p{number}") for number in range(12)]
        listener = people[0]
        listener.hears()
        for person in people[1:]:
            person.say(b"hello\n")
        before = len(listener.hears())
        self.assertLess(before, len(people) - 1)
        for _ in range(100):
            factory.clock.advance(SHARED_WAIT)
        self.assertEqual(before + len(listener.hears()), len(people) - 1)


class WaitingTests(SynchronousTestCase):
    def test_nothingWaitsForEver(self) -> None:
        """What is kept for somebody is bounded in time as well."""
        factory = chat()
        ann, bob = Somebody(factory, "ann"), Somebody(factory, "bob")
        bob.protocol.pauseProducing()
        ann.types("one")
        factory.clock.advance(MAX_WAITED)
        ann.types("two")
        self.assertIn("bob", factory.lobby.people)
        factory.clock.advance(1)
        ann.hears()
        self.assertEqual(ann.types("three"), ["#lobby * bob did not keep up"])
        self.assertNotIn("bob", factory.lobby.people)
