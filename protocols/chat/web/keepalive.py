"""Whether the other side of a WebSocket is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Seconds of silence after which a ping is sent, and after which the peer is gone.
# Proxies drop what is quiet for 60 to 120 s; a page that sleeps in a pocket may
# take half a minute to answer.
PING_AFTER = 90.0
GONE_AFTER = 150.0


class Keepalive:
    """Asks when nothing has been heard for a while, and gives up later.

    One timer for each connection, which is wound only when it runs out: what is
    heard meanwhile costs a look at the clock.

    @param clock: an C{IReactorTime}.
    @param ping: asks the peer to say something.
    @param giveUp: the peer is gone.
    """

    __slots__ = ("_asked", "_clock", "_giveUp", "_heardAt", "_ping", "_timer")

    def __init__(
        self, clock: Any, ping: Callable[[], None], giveUp: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._ping = ping
        self._giveUp = giveUp
        self._asked = False
        self._timer: Any = None
        self._heardAt = 0.0

    def start(self) -> None:
        """The silence begins now."""
        self.stop()
        self._heardAt = self._clock.seconds()
        self._wind(PING_AFTER)

    def heard(self) -> None:
        """Something has come."""
        self._heardAt = self._clock.seconds()
        self._asked = False

    def stop(self) -> None:
        """Nobody listens any more: silence says nothing."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _wind(self, seconds: float) -> None:
        self._timer = self._clock.callLater(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        silence = self._clock.seconds() - self._heardAt
        if silence >= GONE_AFTER:
            self._giveUp()
            return
        due = silence >= PING_AFTER
        if due and not self._asked:
            self._asked = True
            self._ping()
        self._wind((GONE_AFTER if due else PING_AFTER) - silence)
