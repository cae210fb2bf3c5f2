"""Timing wheels: many deadlines, one timer. Pure; the time is passed in.

Ten thousand connections with an idle limit would be ten thousand timers in the
reactor's heap, moved about all the time. Here each is an entry in the slot of
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


class Slot(dict[Key, None]):
    """Keys that are due in the same tick, in the order in which they were put.

    @ivar number: of the tick.
    @ivar due: its end, in seconds: when they come up.
    """

    __slots__ = ("due", "number")

    def __init__(self, number: int, due: float) -> None:
        super().__init__()
        self.number = number
        self.due = due


class SlotWheel(Generic[Key]):
    """Keys that each remember their slot: a timer in 50 octets (0.8 KiB in a heap).

    @param tick: seconds, above 0: how late a deadline may be found.
    """

    def __init__(self, tick: float = TICK) -> None:
        self.tick = tick
        self._slots: dict[int, Slot[Key]] = {}
        self._turned: int | None = None

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._slots)

    @property
    def next(self) -> float:
        """When to turn it, in seconds, if anybody waits."""
        return min(self._slots) * self.tick

    def put(self, key: Key, due: float) -> Slot[Key]:
        """Have C{key}, which does not wait, come up once C{due} (seconds) is past.

        @return: what L{remove} has to be told.
        """
        number = ceil(due / self.tick)
        if self._turned is not None:
            number = max(number, self._turned + 1)
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = Slot(number, number * self.tick)
        slot[key] = None
        return slot

    def remove(self, key: Key, slot: Slot[Key]) -> None:
        """Forget C{key}, which waits in C{slot}, or has come up out of it."""
        del slot[key]
        if not slot:
            self._slots.pop(slot.number, None)

    def turn(self, now: float) -> list[Key]:
        """Take out and return all keys that are due at C{now} seconds."""
        self._turned = int(now // self.tick)
        due: list[Key] = []
        for number in sorted(each for each in self._slots if each <= self._turned):
            due.extend(self._slots.pop(number))
        return due


class DeadlineWheel(Generic[Key]):
    """The same for keys that remember nothing, at most once each.

    @param tick: seconds, above 0: how late a deadline may be found.
    """

    def __init__(self, tick: float = TICK) -> None:
        self._wheel: SlotWheel[Key] = SlotWheel(tick)
        self._slotOf: dict[Key, Slot[Key]] = {}

    def __len__(self) -> int:
        """How many keys wait."""
        return len(self._slotOf)

    def put(self, key: Key, due: float) -> None:
        """Have C{key} come up once C{due} (in seconds) is past; or move it."""
        self.remove(key)
        self._slotOf[key] = self._wheel.put(key, due)

    def remove(self, key: Key) -> None:
        """Forget C{key}; nothing happens if it does not wait."""
        slot = self._slotOf.pop(key, None)
        if slot is not None:
            self._wheel.remove(key, slot)

    def turn(self, now: float) -> list[Key]:
        """Take out and return all keys that are due at C{now} seconds."""
        due = self._wheel.turn(now)
        for key in due:
            del self._slotOf[key]
        return due
