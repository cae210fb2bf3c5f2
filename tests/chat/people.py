"""People in a chat without sockets, for tests."""

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.internet.task import Clock

from protocols.chat import ChatFactory, House, Lobby
from protocols.chat.accounts import Accounts
from protocols.chat.storememory import MemoryStore
from protocols.sasl import portalFor
from protocols.testing import Conversation
from tests.chat.stores import ThreadClock


def chat(protocol: Any = None, house: Any = None, **options: Any) -> ChatFactory:
    """A factory with a clock of its own, or its house's."""
    clock = Clock() if house is None else house.clock
    factory = ChatFactory(house, clock=clock, **options)
    if protocol is not None:
        factory.protocol = protocol
    return factory


# So few that a test is quick; L{Accounts} has more.
ITERATIONS = 4096


def keptHouse(store: Any = None, clock: Any = None, **options: Any) -> Any:
    """A house with accounts, one operator (root, sesame) and a clock."""
    clock = ThreadClock() if clock is None else clock
    store = MemoryStore() if store is None else store
    lobby = Lobby(lambda function: clock.callLater(0, function), clock.seconds)
    accounts = Accounts(store, clock, now=clock.seconds, iterations=ITERATIONS)
    operators = portalFor(InMemoryUsernamePasswordDatabaseDontUse(root=b"sesame"))
    house: Any = House(
        lobby, store, accounts=accounts, operators=operators, isKept=True, **options
    )
    house.clock = clock
    return house


class Somebody(Conversation):
    """A person who has come in; what they heard so far is forgotten."""

    def __init__(self, factory: Any, name: str) -> None:
        super().__init__(factory)
        self.say(f"{name}\n".encode())
        self.advance(0)
        self.heard()

    def hears(self) -> list[str]:
        """The lines that came since, once this turn is over."""
        self.advance(0)
        return self.heard().decode().splitlines()

    def types(self, line: str) -> list[str]:
        """Type a line; what comes at once and until the turn is over."""
        self.say(f"{line}\n".encode())
        return self.hears()
