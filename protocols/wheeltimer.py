"""One timer of the reactor for many that wait: a L{SlotWheel} that turns itself.

A timer for each would be 0.8 KiB (measured), and a heap that is sorted again whenever
one of them is put off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic

from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from protocols.wheel import Key, Slot, SlotWheel


class WheelTimer(Generic[Key]):
    """Calls when somebody's time has come, within a second after it.

    It sleeps until then: those who wait cost nothing.

    @param clock: says which C{IReactorTime} to go by; asked each time.
    @param due: is called with who is due, and the clock's seconds.
    """

    log = Logger()

    def __init__(
        self, clock: Callable[[], Any], due: Callable[[Key, float], object]
    ) -> None:
        self._clock = clock
        self._due = due
        self._wheel: SlotWheel[Key] = SlotWheel()
        self._timer: IDelayedCall | None = None

    def put(self, key: Key, due: float) -> Slot[Key]:
        """Have C{key}, which does not wait, be called for at C{due}, in seconds.

        @return: what L{remove} has to be told.
        """
        slot = self._wheel.put(key, due)
        if self._timer is None:
            self._wind()
        elif slot.due < self._timer.getTime():
            self._timer.reset(self._wait())
        return slot

    def remove(self, key: Key, slot: Slot[Key]) -> None:
        """Have C{key} wait no more; it may have been called for already."""
        self._wheel.remove(key, slot)
        if self._timer is not None and not self._wheel:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> float:
        return max(0.0, self._wheel.next - float(self._clock().seconds()))

    def _wind(self) -> None:
        self._timer = self._clock().callLater(self._wait(), self._turn)

    def _turn(self) -> None:
        self._timer = None
        now = self._clock().seconds()
        for key in self._wheel.turn(now):
            try:
                self._due(key, now)
            except Exception:  # noqa: BLE001 - the others are called for all the same
                self.log.failure("What was due for {key!r} failed", key=type(key))
        if self._wheel and self._timer is None:
            self._wind()
