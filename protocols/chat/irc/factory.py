"""The IRC door's factory: what all its clients share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import time
from typing import Any

from twisted.internet.protocol import Factory

from protocols import __version__
from protocols.backoff import LoginBackoff
from protocols.chat.floods import BURST, RATE, SharedFloods
from protocols.chat.house import House, houseFor
from protocols.chat.irc.capabilities import CAPABILITIES
from protocols.chat.irc.gateways import Gateways
from protocols.chat.irc.protocol import IRCProtocol
from protocols.limits import Limits
from protocols.sasl import Authenticator

# A client says more at once than a person: what it wants to know of each room.
CLIENT_RATE = RATE * 2
CLIENT_BURST = BURST * 4


class IRCFactory(Factory):
    """Makes L{IRCProtocol}s that share a L{Lobby}, with each other and other doors.

    @param house: all rooms, and what else doors share; a new one if C{None}.
    @param clock: an C{IReactorTime}; set by the service if C{None}.
    @param server: the name that the server calls itself.
    @param network: the name of what clients connect to, for people.
    @param description: the server in a few words.
    @param motd: the message of the day, in lines.
    @param password: that every client has to say (PASS); empty for none.
    @param authenticator: for SASL; there is none if C{None}.
    @param gateways: who may say whose connection it brings (WEBIRC); nobody if
        C{None}.
    @param rate: lines a second in the long run, and at once.
    @param limits: of the service, see L{SharedFloods}.
    """

    protocol = IRCProtocol
    noisy = False
    admin = "postmaster"
    version = f"protocols-{__version__}"

    def __init__(
        self,
        house: House | None = None,
        *,
        clock: Any = None,
        server: str = "irc.localhost",
        network: str = "protocols",
        description: str = "a chat with many doors",
        motd: tuple[str, ...] = (),
        password: str = "",
        authenticator: Authenticator | None = None,
        rate: tuple[float, float] = (CLIENT_RATE, CLIENT_BURST),
        limits: Limits | None = None,
        gateways: Gateways | None = None,
    ) -> None:
        self.house = houseFor(self._soon, time) if house is None else house
        self.lobby, self.records = self.house.lobby, self.house.records
        self.accounts = self.house.accounts
        self.clock = clock
        self.server, self.network, self.motd = server, network, motd
        self.description = description
        self.password = password
        self.authenticator = authenticator
        if self.accounts is not None:
            self.authenticator = authenticator or self.accounts.authenticator
        self.rate = rate
        self.floods = SharedFloods(*rate, limits)
        self.gateways = gateways
        self.backoff = LoginBackoff()
        self.started = self.lobby.now()
        self.unregistered = 0

    def capabilitiesFor(self, irc: IRCProtocol) -> dict[str, str]:
        """What a client may ask for, with values."""
        values = dict.fromkeys(CAPABILITIES, "")
        if self.authenticator is None:
            del values["sasl"]
        else:
            values["sasl"] = ",".join(self.authenticator.mechanisms)
        if self.accounts is None:
            del values["draft/account-registration"]
        else:
            values["draft/account-registration"] = "before-connect"
        return values

    def clients(self) -> Iterator[IRCProtocol]:
        """All who came in by this door."""
        for person in list(self.lobby.people.values()):
            if isinstance(person, IRCProtocol):
                yield person

    def clientsOf(self, account: str) -> Iterator[IRCProtocol]:
        """All clients of an account."""
        return (each for each in self.clients() if account and each.account == account)

    def lastWord(self, reason: str) -> bytes:
        """What somebody is told for whom there is no place."""
        if reason == "draining":
            return b"ERROR :The server is stopping; come back later\r\n"
        return b"ERROR :There is no place for you just now; come back later\r\n"

    def _soon(self, function: Callable[[], None]) -> None:
        self.clock.callLater(0, function)
