"""Newcomers in a crowd: so many in a turn, the others in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.outbox import FEW
from protocols.chat.turnstile import (
    BUDGET,
    GREETING,
    TELLING,
    Turnstile,
    costOfTelling,
)
from protocols.hooks import Hooked
from protocols.testing import Conversation
from tests.chat.irc.clients import Client, commands, irc, lineDoorOf
from tests.chat.test_room import Somebody

# Programs that are greeted in a turn.
GREETED = -(-BUDGET // GREETING)


class TurnstileTests(SynchronousTestCase):
    """A turn takes a second here."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.turnstile = Turnstile(lambda call: self.clock.callLater(1, call))
        self.done: list[str] = []

    def come(self, name: str, cost: float) -> Any:
        return self.turnstile.letIn(lambda: cost, self.does(name))

    def does(self, name: str, result: Hooked = None) -> Callable[[], Hooked]:
        def act() -> Hooked:
            self.done.append(name)
            return result

        return act

    def turn(self) -> list[str]:
        self.done.clear()
        self.clock.advance(1)
        return list(self.done)

    def test_atOnce(self) -> None:
        """As long as something is left there is nothing to wait for."""
        result: Deferred[None] = succeed(None)
        self.assertIs(self.turnstile.letIn(lambda: 1, self.does("a", result)), result)
        self.assertIsNone(self.come("b", BUDGET - 1))
        self.assertEqual(self.done, ["a", "b"])

    def test_inOrder(self) -> None:
        self.come("a", BUDGET)
        for name in "bcdef":
            self.come(name, BUDGET / 2)
        self.assertEqual((self.done, len(self.turnstile)), (["a"], 5))
        self.assertEqual(
            [self.turn() for _ in "1234"], [["b", "c"], ["d", "e"], ["f"], []]
        )
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nobodyPushesIn(self) -> None:
        """Who comes in a later turn waits behind those who wait."""
        for name in "abc":
            self.come(name, BUDGET)
        self.turn()
        self.come("d", 1)
        self.assertEqual([self.turn(), self.turn()], [["c"], ["d"]])

    def test_anotherTurn(self) -> None:
        """What is spent in a turn is there again in the next."""
        self.come("a", BUDGET)
        self.turn()
        self.assertIsNone(self.come("b", BUDGET))

    def test_whatCostsNothingDoesNotWait(self) -> None:
        self.come("a", BUDGET)
        self.come("b", BUDGET)
        self.assertIsNone(self.come("small", 0))
        self.assertEqual(self.done, ["a", "small"])

    def test_moreThanATurn(self) -> None:
        """It is done nevertheless, alone."""
        self.come("a", 1)
        self.come("b", BUDGET * 9)
        self.come("c", 1)
        self.assertEqual([self.done[:], self.turn()], [["a", "b"], ["c"]])

    def test_costWhenItIsTheirTurn(self) -> None:
        """A room grows while people wait for it."""
        costs = {"b": 1.0, "c": 1.0}
        self.come("a", BUDGET)
        for name in costs:
            self.turnstile.letIn(lambda name=name: costs[name], self.does(name))  # type: ignore[misc]
        costs["b"] = BUDGET
        self.assertEqual([self.turn(), self.turn()], [["b"], ["c"]])

    def test_leavesTheQueue(self) -> None:
        self.come("a", BUDGET)
        waits, other = self.come("b", BUDGET), self.come("c", BUDGET)
        waits.cancel()
        self.failureResultOf(waits, CancelledError)
        self.assertEqual(len(self.turnstile), 1)
        self.assertEqual([self.turn(), self.turn()], [["c"], []])
        self.successResultOf(other)

    def test_waitsForWhatIsDone(self) -> None:
        """A hook may take its time, and be a coroutine."""
        slow: Deferred[str] = Deferred()

        async def later() -> str:
            return await slow

        self.come("a", BUDGET)
        waits: Any = self.turnstile.letIn(lambda: 1, lambda: later())
        self.turn()
        self.assertNoResult(waits)
        slow.callback("done")
        self.assertEqual(self.successResultOf(waits), "done")

    def test_aFaultIsNobodyElses(self) -> None:
        self.come("a", BUDGET)
        fails: Any = self.turnstile.letIn(lambda: 1, lambda: succeed(1 // 0))
        self.come("c", 1)
        self.assertEqual(self.turn(), ["c"])
        self.failureResultOf(fails, ZeroDivisionError)

    def test_comesAgainFromWithin(self) -> None:
        """Who is let in, and says more, waits behind the others."""
        self.come("a", BUDGET)
        self.turnstile.letIn(lambda: 1, lambda: self.come("b2", 1))
        self.come("c", 1)
        self.assertEqual(self.turn(), ["c", "b2"])

    def test_smallRoomsCostNothing(self) -> None:
        self.assertEqual(costOfTelling([FEW, 1]), 0)
        self.assertEqual(costOfTelling([FEW + 1, FEW]), (FEW + 1) * TELLING)


class DoorTests(SynchronousTestCase):
    """Both doors, in one house."""

    def setUp(self) -> None:
        self.factory = irc()
        self.turnstile = self.factory.house.turnstile

    def fill(self, count: int) -> None:
        lobby = self.factory.lobby
        for number in range(count):
            member = Somebody(f"m{number}")
            lobby.claim(member.name, member)
            lobby.join(member, "#tea")
        self.factory.clock.advance(0)

    def members(self) -> set[str]:
        room: Any = self.factory.lobby.room("#tea")
        return {person.name for person in room.members.values()}

    def spend(self) -> None:
        """Nothing is left in this turn."""
        self.turnstile.letIn(lambda: BUDGET, lambda: None)

    def test_strangersWait(self) -> None:
        """Programs do, people at the line door don't; words pass them by."""
        ann, bob = (Client(self.factory, name) for name in ("ann", "bob"))
        for each in (ann, bob):
            each.says("JOIN #tea")
        ann.hears()
        self.spend()
        late = Client(self.factory)
        late.say(b"NICK late\r\nUSER l 0 * :l\r\nJOIN #tea\r\n")
        line = Conversation(lineDoorOf(self.factory, firstRoom="#tea"))
        line.say(b"eve\n")
        bob.say(b"PRIVMSG #tea :hello\r\n")
        self.assertEqual(len(self.turnstile), 1)
        self.assertEqual(self.factory.lobby.people.keys(), {"ann", "bob", "eve"})
        heard = ann.hears()
        self.assertIn(":bob!~b@host PRIVMSG #tea :hello", heard)
        self.assertEqual(commands(late.hears())[-1], "366")
        self.assertEqual(
            self.factory.lobby.people.keys(), {"ann", "bob", "late", "eve"}
        )

    def test_soManyInATurn(self) -> None:
        """A crowd is greeted in its order."""
        crowd = [Client(self.factory) for _ in range(int(GREETED) + 5)]
        for number, each in enumerate(crowd):
            each.say(f"NICK n{number:03}\r\nUSER u 0 * :u\r\n".encode())
        people = self.factory.lobby.people
        self.assertEqual((len(people), len(self.turnstile)), (GREETED, 5))
        self.factory.clock.advance(0)
        names = [person.name for person in people.values()]
        self.assertEqual(names, [f"n{n:03}" for n in range(len(crowd))])

    def test_whoLeavesLeavesTheQueue(self) -> None:
        self.spend()
        late = Client(self.factory)
        late.say(b"NICK late\r\nUSER l 0 * :l\r\n")
        self.assertEqual(len(self.turnstile), 1)
        late.reset()
        self.assertEqual(len(self.turnstile), 0)
        self.factory.clock.advance(0)
        self.assertEqual(self.factory.lobby.people, {})

    def test_whoIsSentAwayIsNotGreeted(self) -> None:
        """The server stops while they wait."""
        self.spend()
        late = Client(self.factory)
        late.say(b"NICK late\r\nUSER l 0 * :l\r\n")
        late.protocol.drainRequested()
        self.factory.clock.advance(0)
        self.assertEqual(self.factory.lobby.people, {})

    def test_joiningALargeRoom(self) -> None:
        """They wait, and so does what they say behind it."""
        clients = [Client(self.factory, name) for name in ("ann", "bob", "eve")]
        self.fill(FEW + 1)
        self.spend()
        for client in clients:
            client.say(b"JOIN #tea\r\nPING x\r\n")
        self.assertEqual(len(self.turnstile), 3)
        self.assertEqual(len(self.members()), FEW + 1)
        for client in clients:
            told = [each for each in commands(client.hears()) if each != "JOIN"]
            self.assertEqual(told[-2:], ["366", "PONG"])

    def test_smallRoomAtOnce(self) -> None:
        ann = Client(self.factory, "ann")
        self.fill(FEW - 1)
        self.spend()
        ann.say(b"JOIN #tea\r\nNAMES #tea\r\n")
        self.assertEqual(len(self.turnstile), 0)
        self.assertIn("ann", self.members())

    def test_namesOfALargeRoom(self) -> None:
        """To ask is the same work; who has gone meanwhile is told nothing."""
        ann, bob = (Client(self.factory, name) for name in ("ann", "bob"))
        self.fill(FEW + 1)
        self.spend()
        ann.say(b"NAMES #tea,#none\r\nNAMES\r\n")
        bob.say(b"NAMES #tea\r\n")
        bob.protocol.sendAway("You are banned")
        bob.heard()
        heard = commands(ann.hears())
        self.assertEqual((heard[0], heard[-2:]), ("353", ["366", "366"]))
        self.assertEqual(bob.heard(), b"")

    def test_programsThatWantNoNames(self) -> None:
        """For them a large room is like a small one."""
        ann = Client(self.factory, "ann", "no-implicit-names")
        self.fill(FEW + 1)
        self.spend()
        ann.say(b"JOIN #tea\r\n")
        self.assertEqual(len(self.turnstile), 0)
        self.assertIn("ann", self.members())

    def test_goneBeforeTheyJoin(self) -> None:
        ann = Client(self.factory, "ann")
        self.fill(FEW + 1)
        self.spend()
        ann.say(b"JOIN #tea\r\n")
        ann.protocol.sendAway("You are banned")
        self.factory.clock.advance(0)
        self.assertNotIn("ann", self.members())
