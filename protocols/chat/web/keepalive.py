"""Whether the other side of a WebSocket is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, ref

from protocols.wheel import Slot
from protocols.wheeltimer import WheelTimer

# Seconds of silence after which a ping is sent, and after which the peer is gone.
# Proxies drop what is quiet for 60 to 120 s; a page that sleeps in a pocket may
# take half a minute to answer.
PING_AFTER = 90.0
GONE_AFTER = 150.0


class Keepalive:
    """Asks when nothing has been heard for a while, and gives up later.

    All connections of a reactor share a timer, and each is looked at only when its
    time runs out: what is heard meanwhile costs a look at the clock.

    @param clock: an C{IReactorTime}.
    @param ping: asks the peer to say something.
    @param giveUp: the peer is gone.
    """

    __slots__ = ("_asked", "_clock", "_giveUp", "_heardAt", "_ping", "_slot")

    def __init__(
        self, clock: Any, ping: Callable[[], None], giveUp: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._ping = ping
        self._giveUp = giveUp
        self._asked = False
        self._slot: Slot[Keepalive] | None = None
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
        slot, self._slot = self._slot, None
        if slot is not None:
            _timerOf(self._clock).remove(self, slot)

    def _wind(self, seconds: float) -> None:
        due = self._clock.seconds() + seconds
        self._slot = _timerOf(self._clock).put(self, due)

    def look(self, now: float) -> None:
        """Ask, or give up, if it is time to; nothing once L{stop} was called.

        @param now: the clock's seconds.
        """
        if self._slot is None:
            return
        self._slot = None
        silence = now - self._heardAt
        if silence >= GONE_AFTER:
            self._giveUp()
            return
        due = silence >= PING_AFTER
        if due and not self._asked:
            self._asked = True
            self._ping()
        self._wind((GONE_AFTER if due else PING_AFTER) - silence)


_TIMERS: WeakKeyDictionary[Any, WheelTimer[Keepalive]] = WeakKeyDictionary()


def _timerOf(clock: Any) -> WheelTimer[Keepalive]:
    """The one timer for all who go by a clock."""
    timer = _TIMERS.get(clock)
    if timer is None:
        timer = _TIMERS[clock] = WheelTimer(ref(clock), Keepalive.look)
    return timer
