"""Whether a client that says nothing is still there (RFC 2812, 3.7.2)."""

from __future__ import annotations

from typing import Any

from protocols.chat.irc.wire import written

# Seconds without a word after which a client is asked whether it is there, and
# those that it has to answer: found gone after two and a half minutes.
PING_AFTER = 90.0
PONG_WITHIN = 60.0


class Silence:
    """The part of the protocol that asks.

    @ivar isPinged: the client has been asked, and has not said anything since.
    """

    factory: Any
    isPinged = False
    _heardAt = 0.0
    _silence: Any = None

    def somethingCame(self) -> None:
        """The client is there."""
        self._heardAt = self.factory.clock.seconds()
        self.isPinged = False

    def watchSilence(self) -> None:
        """Ask from now on."""
        self._heardAt = self.factory.clock.seconds()
        self._silence = self.factory.clock.callLater(PING_AFTER, self._listen)

    def stopWatching(self) -> None:
        """The client is gone."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def deliver(self, octets: bytes) -> None:
        """Send octets; the protocol's own."""
        raise NotImplementedError

    def goAway(self, reason: str, parting: str = "") -> None:
        """Leave all rooms; the protocol's own."""
        raise NotImplementedError

    def _listen(self) -> None:
        clock = self.factory.clock
        silent = clock.seconds() - self._heardAt
        self._silence = None
        if self.isPinged:
            self.goAway("Ping timeout", f"Ping timeout: {int(silent)} seconds")
            return
        if silent >= PING_AFTER:
            self.isPinged = True
            self.deliver(written("", "PING", self.factory.server).lstrip(b": "))
        wait = PONG_WITHIN if self.isPinged else PING_AFTER - silent
        self._silence = clock.callLater(wait, self._listen)
