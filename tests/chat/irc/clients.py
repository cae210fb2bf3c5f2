"""Clients of the IRC door without sockets, for tests."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from protocols.chat import ChatFactory
from protocols.chat.accounts import Accounts
from protocols.chat.house import House
from protocols.chat.irc import IRCFactory
from protocols.chat.lobby import Lobby
from protocols.chat.storememory import MemoryStore
from protocols.sasl.records import MIN_ITERATIONS
from protocols.testing import Conversation
from protocols.testing.transports import PEER
from tests.chat.people import Somebody
from tests.chat.stores import ThreadClock

# 2023-11-14T22:13:20Z.
NOW = 1_700_000_000.0

# More than any test says, but those of floods.
RATE = (10_000.0, 10_000.0)


def irc(**options: Any) -> IRCFactory:
    """A factory with a clock of its own, which is the wall's too."""
    clock = options.pop("clock", None) or Clock()

    options.setdefault("house", houseOf(clock))
    options.setdefault("rate", RATE)
    factory = IRCFactory(clock=clock, server="irc.example", **options)
    factory.version = "protocols"
    return factory


class Store(MemoryStore):
    """One that shows the same address in the same way in each test."""

    def secretKey(self) -> bytes:
        return b"secret"


def houseOf(clock: Clock, store: Any = None, **options: Any) -> House:
    """A chat with a clock of its own."""
    store = Store() if store is None else store

    def soon(function: Any) -> None:
        clock.callLater(0, function)

    return House(Lobby(soon, lambda: NOW + clock.seconds()), store, **options)


def withAccounts(**options: Any) -> IRCFactory:
    """A factory whose threads are this one, with accounts."""
    clock, store = ThreadClock(), Store()
    accounts = Accounts(store, clock, iterations=MIN_ITERATIONS)
    house = houseOf(clock, store, accounts=accounts)
    return irc(clock=clock, house=house, **options)


# Where all clients are, as others see it; a test reads "host".
HOST = houseOf(Clock()).hostOf(PEER.host)


def lineDoorOf(factory: IRCFactory, **options: Any) -> ChatFactory:
    """The line door of the same rooms."""
    return ChatFactory(factory.house, clock=factory.clock, rate=RATE, **options)


class Client(Conversation):
    """A connection; with a name, one that has registered.

    @param name: what it has been told until then is forgotten.
    @param caps: capabilities to ask for.
    """

    def __init__(
        self, factory: Any, name: str = "", caps: str = "", **options: Any
    ) -> None:
        super().__init__(factory, **options)
        if name:
            user = name[0] if name[0].isascii() else "x"
            self.says(f"CAP REQ :{caps}", f"NICK {name}", f"USER {user} 0 * :{name}")
            self.says("CAP END")
            assert self.protocol.isRegistered, name

    def hears(self) -> list[str]:
        """The lines that came since, once this turn is over."""
        self.advance(0)
        said = self.heard().decode().replace(HOST, "host")
        return said.removesuffix("\r\n").split("\r\n") if said else []

    def says(self, *lines: str) -> list[str]:
        """Send lines in one segment; what comes until the turn is over."""
        self.say("".join(f"{line}\r\n" for line in lines).encode())
        return self.hears()


def inRoom(factory: Any, *names: str, room: str = "#tea", caps: str = "") -> list[Any]:
    """Clients that have joined a room one after another, and know it."""
    clients = [Client(factory, name, caps) for name in names]
    for client in clients:
        client.says(f"JOIN {room}")
    for client in clients:
        client.hears()
    return clients


def lineMember(factory: Any, name: str, room: str = "#tea") -> Somebody:
    """Somebody at the line door of the same rooms, who is in one of them."""
    member = Somebody(lineDoorOf(factory, firstRoom=room), name)
    member.hears()
    return member


def commands(lines: list[str]) -> list[str]:
    """The command or number of each line, without tags and source."""
    return [line.split(" ")[2 if line.startswith("@") else 1] for line in lines]


def only(lines: list[str], command: str) -> str:
    """The one line with that command."""
    (found,) = [line for line in lines if command in commands([line])]
    return found
