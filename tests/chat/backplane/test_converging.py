"""Whatever people do at several nodes at once, all nodes end up with the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.local import LocalBus
from protocols.chat.backplane.parts import partsOf
from protocols.chat.keeping import fieldsOf
from tests.chat.backplane.nodes import Client, Place, settle

NODES = 3


class SlowBus(LocalBus):
    """Nothing is handed out by itself: each node hears when the test says so."""

    def soon(self) -> None:
        """Later."""


class Chat:
    """Three nodes, with somebody at each who may do everything."""

    def __init__(self) -> None:
        self.bus = SlowBus(Clock(), lease=100.0)
        self.places = [Place(self.bus, f"n{n}").begin() for n in range(NODES)]
        self.clients = [Client(p.irc, f"u{n}") for n, p in enumerate(self.places)]
        self.others = [Client(p.irc, f"v{n}") for n, p in enumerate(self.places)]
        for client in self.clients:
            client.protocol.isOperator = True
            client.types("JOIN #a", "MODE #a -t")
            self.allHear()

    def hear(self, node: int) -> None:
        """A node hears what was published so far."""
        if self.bus.isUp:
            self.places[node].backplane.handOut()
        settle(self.bus.clock)

    def allHear(self) -> None:
        """Until nobody has anything more to say."""
        before = -1
        while before != self.bus.last:
            before = self.bus.last
            for node in range(NODES):
                self.hear(node)

    def say(self, node: int, line: str) -> None:
        self.clients[node].types(line)

    def outage(self, node: int, seconds: int) -> None:
        """The bus goes, or comes again."""
        if self.bus.isUp:
            self.bus.stop()
        else:
            self.bus.start()
        for _ in range(seconds):
            self.bus.clock.advance(1)
        settle(self.bus.clock)

    def seen(self, place: Place) -> Any:
        """All that a node knows."""
        rooms = {
            room.name: (
                partsOf(room.name, fieldsOf(room), room.isKept),
                {each.name: room.signs(each) for each in room.members.values()},
            )
            for room in place.lobby.rooms.values()
        }
        people = {each.name: each.away for each in place.lobby.people.values()}
        bans = {ban.mask: ban.reason for ban in place.house.bans.active(0)}
        return rooms, people, bans, place.node.rooms.known.rooms


def moded(change: str) -> Any:
    return st.just(("say", f"MODE #a {change}"))


WORDS = st.sampled_from(["x", "y", "z"])
ACTS = st.one_of(
    *(st.just(("hear", None)),) * 3,
    WORDS.map(lambda word: ("say", f"TOPIC #a :{word}")),
    WORDS.map(lambda word: ("say", f"MODE #a +k {word}")),
    st.sampled_from(["+m", "-m", "+i", "-i", "-n", "-k *", "-l"]).flatmap(moded),
    st.integers(1, 3).map(lambda most: ("say", f"MODE #a +l {most}")),
    st.sampled_from(["+b x", "-b x", "+b y", "-b y"]).flatmap(moded),
    st.sampled_from(["+o", "-o", "+v"])
    .flatmap(lambda change: st.integers(0, 2).map(lambda n: f"{change} u{n}"))
    .flatmap(moded),
    WORDS.map(lambda word: ("ban", word)),
    WORDS.map(lambda word: ("unban", word)),
    WORDS.map(lambda word: ("say", f"AWAY :{word}")),
    st.sampled_from(["JOIN #b", "PART #b", "TOPIC #b :b", "KICK #a u1", "JOIN #a"]).map(
        lambda line: ("say", line)
    ),
    st.sampled_from(["JOIN #c", "PART #c", "NICK w"]).map(lambda line: ("other", line)),
)
STEPS = st.lists(st.tuples(st.integers(0, NODES - 1), ACTS), max_size=25)


class ConvergingTests(SynchronousTestCase):
    def do(self, chat: Chat, node: int, what: str, word: Any) -> None:
        person: Any = chat.clients[node].protocol
        house = chat.places[node].house
        if what == "say":
            chat.say(node, word)
        elif what == "other":
            chat.others[node].types(word)
        elif what == "hear":
            chat.hear(node)
        elif what == "outage":
            chat.outage(node, word)
        elif what == "ban":
            house.ban(person, f"{word}!*@*", "", f"by {node}")
        elif f"{word}!*@*" in {ban.mask for ban in house.bans.active(0)}:
            house.unban(person, f"{word}!*@*")

    def check(self, steps: list[tuple[int, tuple[str, Any]]]) -> None:
        chat = Chat()
        for node, act in steps:
            self.do(chat, node, *act)
        if not chat.bus.isUp:
            chat.outage(0, 1)
        chat.allHear()
        seen = [chat.seen(place) for place in chat.places]
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[1], seen[2])
        late = Place(chat.bus, "late").begin()
        self.assertEqual(chat.seen(late), seen[0])

    @settings(max_examples=60, deadline=None)
    @given(STEPS)
    def test_anyOrder(self, steps: list[tuple[int, tuple[str, Any]]]) -> None:
        """Nodes that hear of each other's changes at any time agree in the end."""
        self.check(steps)

    @settings(max_examples=40, deadline=None)
    @given(STEPS, st.sampled_from([0, 3, 12]), st.integers(0, 25))
    def test_withAnOutage(
        self, steps: list[tuple[int, tuple[str, Any]]], seconds: int, at: int
    ) -> None:
        """So they do when the backplane has been away, and much was done meanwhile."""
        outage = (0, ("outage", seconds))
        self.check([*steps[:at], outage, *steps[at:]])
