"""How much people may say, alone and together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.floods import SHARED_WAIT, TOGETHER, Flood, SharedFloods
from protocols.chat.outgoing import MAX_WAITED
from protocols.chat.people import Person
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


class Door:
    """What a L{Flood} has to know of a factory."""

    def __init__(self, rate: tuple[float, float], together: float) -> None:
        self.clock = Clock()
        self.rate = rate
        self.floods = SharedFloods(rate[0], together)


class Speaker(Person):
    name, address, account = "ann", "192.0.2.7", "ann"


class AllowTests(SynchronousTestCase):
    """Lines that come together pass, or do not, as one by one."""

    @given(
        st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), max_size=9),
        st.floats(1, 8),
        st.floats(1, 3),
        st.sampled_from([0.0, 0.5, 3.0, 61.0]),
    )
    def test_asOneByOne(
        self, chunks: list[list[str]], burst: float, together: float, pause: float
    ) -> None:
        doors = [Door((1.0, burst), together) for _ in range(2)]
        one, other = (Flood(door) for door in doors)
        for texts in chunks:
            isAllowed = one.allow(Speaker(), texts, "#tea")
            verdicts = [self.verdict(other, text) for text in texts]
            if isAllowed:
                self.assertEqual(verdicts, [True] * len(texts))
            else:
                self.assertEqual([self.verdict(one, text) for text in texts], verdicts)
            for door in doors:
                door.clock.advance(pause)

    def verdict(self, flood: Flood, text: str) -> bool:
        passes = flood.wait(Speaker()) == 0
        return passes and not flood.repeats(text, "#tea")

    def test_allThatThereIs(self) -> None:
        flood = Flood(Door((1.0, 4.0), 4.0))
        self.assertFalse(flood.allow(Speaker(), list("abcde"), "#tea"))
        self.assertTrue(flood.allow(Speaker(), list("abcd"), "#tea"))
        self.assertFalse(flood.allow(Speaker(), ["e"], "#tea"))

    def test_others(self) -> None:
        """What others of the network have said, or the account, is counted."""
        door = Door((1.0, 4.0), 1.0)
        self.assertTrue(Flood(door).allow(Speaker(), list("abc"), "#tea"))
        self.assertFalse(Flood(door).allow(Speaker(), list("de"), "#tea"))
        elsewhere = Speaker()
        elsewhere.address = "192.0.2.8"
        self.assertFalse(Flood(door).allow(elsewhere, list("de"), "#tea"))
        elsewhere.account = ""
        self.assertTrue(Flood(door).allow(elsewhere, list("de"), "#tea"))

    def test_repeated(self) -> None:
        flood = Flood(Door((1.0, 9.0), 9.0))
        self.assertFalse(flood.allow(Speaker(), ["a", "b", "b"], "#tea"))
        self.assertTrue(flood.allow(Speaker(), ["a", "b"], "#tea"))
        self.assertFalse(flood.allow(Speaker(), ["b", "a"], "#tea"))
        self.assertTrue(flood.allow(Speaker(), ["b", "a"], "#two"))


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
