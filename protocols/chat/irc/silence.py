"""Whether a client that says nothing is still there (RFC 2812, 3.7.2)."""

from __future__ import annotations

from typing import Any

from protocols.chat.irc.wire import written
from protocols.wheel import TICK, Slot
from protocols.wheeltimer import WheelTimer

# Seconds without a word after which a client is asked whether it is there, and
# those that it has to answer: found gone after two and a half minutes.
PING_AFTER = 90.0
PONG_WITHIN = 60.0


class Silence:
    """The part of the protocol that asks."""

    factory: Any
    _heardAt = 0.0
    _silence: Slot[Silence] | None = None

    @property
    def isPinged(self) -> bool:
        """The client has been asked, and has not said anything since.

        There is no attribute for it: its time is up later than that of any other.
        """
        slot = self._silence
        return slot is not None and slot.due - self._heardAt > PING_AFTER + TICK

    def somethingCame(self) -> None:
        """The client is there."""
        self._heardAt = self.factory.clock.seconds()

    def watchSilence(self) -> None:
        """Ask from now on."""
        self._heardAt = self.factory.clock.seconds()
        self._silence = self.factory.silences.put(self, self._heardAt + PING_AFTER)

    def stopWatching(self) -> None:
        """The client is gone."""
        slot, self._silence = self._silence, None
        if slot is not None:
            self.factory.silences.remove(self, slot)

    def deliver(self, octets: bytes) -> None:
        """Send octets; the protocol's own."""
        raise NotImplementedError

    def goAway(self, reason: str, parting: str = "") -> None:
        """Leave all rooms; the protocol's own."""
        raise NotImplementedError

    def listen(self, now: float) -> None:
        """Ask, or give up, if it is time to; nothing if the client is gone.

        @param now: seconds on the factory's clock.
        """
        if self._silence is None:
            return
        silent = now - self._heardAt
        isPinged, self._silence = self.isPinged, None
        if isPinged:
            self.goAway("Ping timeout", f"Ping timeout: {int(silent)} seconds")
            return
        wait = PING_AFTER - silent
        if silent >= PING_AFTER:
            self.deliver(written("", "PING", self.factory.server).lstrip(b": "))
            wait = PONG_WITHIN
        self._silence = self.factory.silences.put(self, now + wait)


class Silences(WheelTimer[Silence]):
    """When to ask whom, of all the clients of a factory.

    @param factory: has the C{clock}, an C{IReactorTime}.
    """

    def __init__(self, factory: Any) -> None:
        super().__init__(lambda: factory.clock, Silence.listen)
