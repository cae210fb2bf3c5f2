"""A timing wheel: many deadlines, one timer. Pure; the time is passed in.

Ten thousand connections with an idle limit would be ten thousand timers in the
reactor's heap, moved about all the time. Here each is an entry in the set of
the tick in which it is due (Varghese and Lauck, "Hashed and Hierarchical Timing
Wheels", 1987): to add, to move and to remove take constant time, and a deadline
is found at most one tick late and never early.
"""

from __future__ import annotations

from collections.abc import Hashable
from math import ceil
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

# A connection that is idle for 300 s may as well be found after 301; a wheel
# that turned faster would wake an idle process more often.
TICK = 1.0


class DeadlineWheel(Generic[Key]):
    """Keys with the time at which each is due.

    @param tick: seconds, above 0: how late a deadline may be found.
    """

    def __init__(self, tick: float = TICK) -> None:
        self.tick = tick
        self._slots: dict[int, set[Key]] = {}
        self._slotOf: dict[Key, int] = {}
        self._turned: int | None = None

    def __len__(self) -> int:
        """How many keys wait."""
        return len(self._slotOf)

    def put(self, key: Key, due: float) -> None:
        """Have C{key} come up once C{due} (in seconds) is past; or move it."""
        self.remove(key)
        slot = ceil(due / self.tick)
        if self._turned is not None:
            slot = max(slot, self._turned + 1)
        self._slots.setdefault(slot, set()).add(key)
        self._slotOf[key] = slot

    def remove(self, key: Key) -> None:
        """Forget C{key}; nothing happens if it does not wait."""
        slot = self._slotOf.pop(key, None)
        if slot is None:
            return
        waiting = self._slots[slot]
        waiting.discard(key)
        if not waiting:
            del self._slots[slot]

    def turn(self, now: float) -> list[Key]:
        """Take out and return all keys that are due at C{now} seconds."""
        last = int(now // self.tick)
        due: list[Key] = []
        for slot in sorted(slot for slot in self._slots if slot <= last):
            due.extend(self._slots.pop(slot))
        for key in due:
            del self._slotOf[key]
        self._turned = last
        return due
