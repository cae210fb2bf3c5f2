"""The IRC door's factory: what all its clients share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import time
from typing import Any

from twisted.internet.protocol import Factory

from protocols import __version__
from protocols.backoff import LoginBackoff
from protocols.chat.certificates import fingerprintOf
from protocols.chat.floods import BURST, RATE, SharedFloods
from protocols.chat.house import House, houseFor
from protocols.chat.irc.capabilities import CAPABILITIES, WITH_VALUES
from protocols.chat.irc.census import Census
from protocols.chat.irc.gateways import Gateways
from protocols.chat.irc.metadata import VALUE as METADATA
from protocols.chat.irc.multiline import VALUE as MULTILINE
from protocols.chat.irc.protocol import IRCProtocol
from protocols.chat.irc.roster import Rosters
from protocols.chat.irc.silence import Silences
from protocols.chat.irc.strictness import StrictTransport
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
    @param sts: has clients come by TLS only; nothing is said of that if C{None}.
    @param rate: lines a second in the long run, and at once.
    @param limits: of the service, see L{SharedFloods}.
    """

    protocol = IRCProtocol
    noisy = False
    asksForCertificates = True
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
        sts: StrictTransport | None = None,
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
        self.gateways, self.sts = gateways, sts
        self.backoff = LoginBackoff()
        self.started = self.lobby.now()
        self.unregistered = 0
        self.silences = Silences(self)
        self.rosters, self.census = Rosters(), Census()

    def capabilitiesFor(self, irc: IRCProtocol) -> dict[str, str]:
        """What a client may ask for, with values."""
        values = dict.fromkeys(CAPABILITIES, "")
        values["draft/multiline"] = MULTILINE
        values["draft/metadata-3"] = METADATA
        if self.authenticator is None:
            del values["sasl"]
        else:
            offered = self.authenticator.mechanismsFor(fingerprintOf(irc))
            values["sasl"] = ",".join(offered)
        if self.sts is not None and irc.version >= WITH_VALUES:
            values["sts"] = self.sts.value(irc.isSecure)
        if self.accounts is None:
            del values["draft/account-registration"]
        else:
            values["draft/account-registration"] = "before-connect"
        if not self.house.chronicle.isOpen:
            # One of several processes: the others would know nothing of it.
            del values["draft/event-playback"], values["draft/metadata-3"]
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
