"""L{protocols.chat.irc.silence}: one timer for all clients, and only for those due."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.silence import PING_AFTER, PONG_WITHIN, Silence, Silences
from tests.chat.irc.clients import Client, irc


class Door:
    server = "irc.example"

    def __init__(self) -> None:
        self.clock = Clock()
        self.silences = Silences(self)


class Quiet(Silence):
    """A client that notes when something was said to it."""

    def __init__(self, door: Door) -> None:
        self.factory = door
        self.said: list[tuple[float, str]] = []
        self.watchSilence()

    def deliver(self, octets: bytes) -> None:
        self.said.append((self.factory.clock.seconds(), octets.decode().strip()))

    def goAway(self, reason: str, parting: str = "") -> None:
        self.stopWatching()
        self.said.append((self.factory.clock.seconds(), parting))


class SilencesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.door = Door()
        self.clock = self.door.clock

    def timers(self) -> int:
        return len(self.clock.getDelayedCalls())

    def test_oneTimer(self) -> None:
        """None of thousands costs anything until it is due."""
        clients = []
        for _ in range(100):
            clients += [Quiet(self.door) for _ in range(20)]
            self.assertEqual(self.timers(), 1)
            self.clock.advance(0.01)
        self.clock.advance(PING_AFTER - 2)
        self.assertFalse(any(client.said for client in clients))
        self.clock.pump([1, 1, 1])
        self.assertTrue(all(len(client.said) == 1 for client in clients))

    def test_onTime(self) -> None:
        """Within a second after 90 and 150 s of silence, and never before."""
        self.clock.advance(0.3)
        client = Quiet(self.door)
        self.clock.pump([0.1] * 2000)
        (asked, ping), (gone, parting) = client.said
        self.assertEqual(ping, "PING irc.example")
        self.assertEqual(parting.partition(":")[0], "Ping timeout")
        self.assertTrue(PING_AFTER <= asked - 0.3 <= PING_AFTER + 1.1)
        self.assertTrue(PONG_WITHIN <= gone - asked <= PONG_WITHIN + 1.1)

    def test_woundEarlier(self) -> None:
        """Who was asked has less time than those who came meanwhile."""
        first = Quiet(self.door)
        self.clock.advance(PING_AFTER - 10)
        Quiet(self.door)
        self.clock.advance(10)
        self.clock.advance(PONG_WITHIN)
        self.assertEqual([time for time, _ in first.said], [90, 150])

    def test_leaving(self) -> None:
        clients = [Quiet(self.door) for _ in range(3)]
        for client in clients:
            self.assertEqual(self.timers(), 1)
            client.stopWatching()
            client.stopWatching()
        self.assertEqual(self.timers(), 0)

    def test_whoLeavesWhileOthersAreAsked(self) -> None:
        """The end of one may be that of another who is due in the same second."""
        first, second = Quiet(self.door), Quiet(self.door)
        first.deliver = lambda octets: second.goAway("with first")  # type: ignore[method-assign]
        self.clock.advance(PING_AFTER)
        self.assertEqual(len(second.said), 1)
        self.clock.advance(PONG_WITHIN)
        self.assertEqual((len(first.said), self.timers()), (1, 0))

    def test_oneFails(self) -> None:
        """The others are asked all the same."""

        def fail(octets: bytes) -> Any:
            raise OSError("lost")

        first, second = Quiet(self.door), Quiet(self.door)
        first.deliver = fail  # type: ignore[method-assign]
        self.clock.advance(PING_AFTER)
        self.assertEqual(len(second.said), 1)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)


class DoorTests(SynchronousTestCase):
    def test_registering(self) -> None:
        """A client that has not registered has a time for that, and no other."""
        factory = irc()
        client = Client(factory)
        (login,) = factory.clock.getDelayedCalls()
        client.says("NICK ann", "USER a 0 * :ann")
        (silence,) = factory.clock.getDelayedCalls()
        self.assertEqual(silence.getTime(), PING_AFTER)
        self.assertFalse(login.active())
