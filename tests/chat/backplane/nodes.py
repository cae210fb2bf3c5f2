"""Nodes of a chat in one process, for tests."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatFactory
from protocols.chat.accounts import Accounts
from protocols.chat.backplane.lobby import SharedLobby
from protocols.chat.backplane.local import LocalBackplane, LocalBus
from protocols.chat.backplane.node import Node
from protocols.chat.backplane.opening import NodeService
from protocols.chat.backplane.spool import BusSpool
from protocols.chat.backplane.store import SharedStore
from protocols.chat.backplane.words import SharedRecords
from protocols.chat.house import House
from protocols.chat.irc import IRCFactory
from protocols.chat.storememory import MemoryStore
from protocols.sasl.records import MIN_ITERATIONS
from protocols.testing import Conversation
from tests.chat.stores import ThreadClock


class Place:
    """A node with its doors.

    @ivar lines: the line door's factory.
    @ivar irc: the IRC door's.
    """

    def __init__(
        self,
        bus: Any,
        name: str,
        spool: BusSpool | None = None,
        isReserving: bool = False,
        store: Any = None,
    ) -> None:
        self.clock: Clock = bus.clock
        self.lobby = SharedLobby(lambda f: self.clock.callLater(0, f), self.now)
        self.backplane = LocalBackplane(bus, name)
        self.store = store or MemoryStore()
        shared: Any = SharedStore(self.store, self.backplane.ledger)
        accounts = None
        if isinstance(self.clock, ThreadClock):
            more: Any = {"iterations": MIN_ITERATIONS, "now": self.now}
            accounts = Accounts(shared, self.clock, **more)
        self.house = House(
            self.lobby, shared, accounts=accounts, isKept=store is not None
        )
        self.house.records = SharedRecords(shared, self.lobby)
        self.node = Node(name, self.house, self.backplane, self.clock, spool)
        self.lines = ChatFactory(self.house, clock=self.clock)
        self.irc = IRCFactory(self.house, clock=self.clock)
        service = NodeService(self.node)
        for factory in (self.lines, self.irc) if isReserving else ():
            service.ask(factory)

    def now(self) -> float:
        return 1_700_000_000 + self.clock.seconds()

    def begin(self) -> Place:
        self.node.link.begin()
        settle(self.clock)
        return self

    def die(self) -> None:
        """As a process that is killed: it says nothing any more."""
        self.backplane.end()
        self.node.link._stopTimers()
        self.node.out.isOpen = False


def settle(clock: Clock) -> None:
    """Let all turns end that follow from what has happened."""
    for _ in range(6):
        clock.advance(0)


class Talker(Conversation):
    """Somebody at a door of a node."""

    def __init__(self, factory: Any, name: str) -> None:
        self._clock = factory.clock
        super().__init__(factory)
        self.begin(name)
        self.heard()

    def begin(self, name: str) -> None:
        self.types(name)

    def hears(self) -> list[str]:
        settle(self._clock)
        return self.heard().decode().splitlines()

    def types(self, *lines: str) -> list[str]:
        self.say("".join(f"{line}\r\n" for line in lines).encode())
        return self.hears()


class Client(Talker):
    """The same with an IRC client."""

    capabilities = "echo-message message-tags server-time batch draft/chathistory"

    def begin(self, name: str) -> None:
        wants = f"CAP REQ :{self.capabilities}" if self.capabilities else "PING x"
        self.types(wants, f"NICK {name}", "USER u 0 * :r", "CAP END")


def twoNodes() -> tuple[LocalBus, Place, Place]:
    bus = LocalBus(Clock())
    return bus, Place(bus, "one").begin(), Place(bus, "two").begin()


class TwoNodes(SynchronousTestCase):
    def setUp(self) -> None:
        self.bus, self.one, self.two = twoNodes()

    def assertAlike(self) -> None:
        """Both nodes know the same people, in the same rooms, as the same."""
        settle(self.bus.clock)
        seen = []
        for place in (self.one, self.two):
            lobby = place.lobby
            rooms = {
                room.name: (
                    room.topic,
                    room.modes,
                    {
                        member.name: room.signs(member)
                        for member in room.members.values()
                    },
                )
                for room in lobby.rooms.values()
            }
            people = {
                person.name: (person.source, person.away, person.session)
                for person in lobby.people.values()
            }
            seen.append((rooms, people))
        self.assertEqual(seen[0], seen[1])
