"""The line door's factory: what all who come in by it share."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

from twisted.internet.protocol import Factory

from protocols.backoff import LoginBackoff
from protocols.chat.floods import BURST, RATE, SharedFloods
from protocols.chat.house import House, houseFor
from protocols.chat.names import key
from protocols.chat.protocol import ChatProtocol
from protocols.limits import Limits


class ChatFactory(Factory):
    """Makes L{ChatProtocol}s that share a L{Lobby}.

    @param house: all rooms, and what else doors share; a new one if C{None}.
    @param clock: an C{IReactorTime}; set by the service if C{None}.
    @param greeting: the first line that somebody is told.
    @param firstRoom: the room that everybody enters first.
    @param rate: lines a second in the long run, and at once.
    @param limits: of the service, see L{SharedFloods}.
    @ivar backoff: counts those who would keep order, and had no password.
    """

    protocol = ChatProtocol
    noisy = False
    asksForCertificates = True

    def __init__(
        self,
        house: House | None = None,
        *,
        clock: Any = None,
        greeting: str = "Welcome.",
        firstRoom: str = "#lobby",
        rate: tuple[float, float] = (RATE, BURST),
        limits: Limits | None = None,
    ) -> None:
        self.house = houseFor(self._soon, time) if house is None else house
        self.lobby, self.records = self.house.lobby, self.house.records
        self.rate = rate
        self.floods = SharedFloods(*rate, limits)
        self.backoff = LoginBackoff()
        self.lobby.house.add(key(firstRoom))
        self.clock = clock
        self.greeting = greeting
        self.firstRoom = firstRoom

    def reload(self) -> None:
        """The files of the chat are another's now."""
        self.house.reload()

    def lastWord(self, reason: str) -> bytes:
        """What somebody is told for whom there is no place."""
        if reason == "draining":
            return b"* The server is stopping; come back later.\r\n"
        return b"* There is no place for you just now; come back later.\r\n"

    def _soon(self, function: Callable[[], None]) -> None:
        self.clock.callLater(0, function)
