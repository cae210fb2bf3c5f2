"""L{protocols.wheel}: found at most one tick late, and never early."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.wheel import DeadlineWheel, SlotWheel

times = st.floats(min_value=0, max_value=50)


class DeadlineWheelTests(SynchronousTestCase):
    @given(st.lists(st.tuples(st.integers(0, 9), times)), st.lists(times))
    def test_neverEarlyAtMostOneTickLate(
        self, puts: list[tuple[int, float]], turns: list[float]
    ) -> None:
        wheel: DeadlineWheel[int] = DeadlineWheel()
        for key, due in puts:
            wheel.put(key, due)
        waiting = dict(puts)
        for now in [*sorted(turns), 52.0]:
            for key in wheel.turn(now):
                self.assertLessEqual(waiting.pop(key), now)
            self.assertTrue(all(due > now - 1 for due in waiting.values()))
        self.assertEqual((waiting, len(wheel)), ({}, 0))

    def test_moved(self) -> None:
        wheel: DeadlineWheel[str] = DeadlineWheel()
        wheel.put("a", 3)
        wheel.put("a", 9)
        self.assertEqual(wheel.turn(5), [])
        self.assertEqual(wheel.turn(9), ["a"])

    def test_removed(self) -> None:
        wheel: DeadlineWheel[str] = DeadlineWheel()
        wheel.put("a", 3)
        wheel.put("b", 3)
        wheel.remove("a")
        wheel.remove("never there")
        self.assertEqual(wheel.turn(3), ["b"])

    def test_pastDeadlineComesWithTheNextTurn(self) -> None:
        wheel: DeadlineWheel[str] = DeadlineWheel()
        wheel.turn(10)
        wheel.put("late", 2)
        self.assertEqual(wheel.turn(10.5), [])
        self.assertEqual(wheel.turn(11), ["late"])


class SlotWheelTests(SynchronousTestCase):
    def test_inTheOrderOfTheSlots(self) -> None:
        wheel: SlotWheel[str] = SlotWheel()
        for key, due in (("late", 9.0), ("first", 2.5), ("second", 3.0)):
            wheel.put(key, due)
        self.assertEqual(wheel.next, 3)
        self.assertEqual(wheel.turn(9), ["first", "second", "late"])
        self.assertFalse(wheel)

    def test_removed(self) -> None:
        wheel: SlotWheel[str] = SlotWheel()
        slots = {key: wheel.put(key, 3) for key in "abc"}
        wheel.remove("b", slots["b"])
        self.assertEqual(wheel.turn(3), ["a", "c"])

    def test_emptySlotsAreNotKept(self) -> None:
        wheel: SlotWheel[str] = SlotWheel()
        wheel.remove("a", wheel.put("a", 3))
        self.assertFalse(wheel)

    def test_removedWhenItHasComeUp(self) -> None:
        """Two come up; the first one's end is the other's as well."""
        wheel: SlotWheel[str] = SlotWheel()
        slot = wheel.put("a", 3)
        wheel.put("b", 3)
        wheel.turn(3)
        wheel.put("c", 3)
        wheel.remove("a", slot)
        wheel.remove("b", slot)
        self.assertEqual(wheel.turn(4), ["c"])

    @given(st.lists(st.tuples(times, st.booleans()), max_size=30))
    def test_neverEarly(self, puts: list[tuple[float, bool]]) -> None:
        wheel: SlotWheel[int] = SlotWheel()
        waiting: dict[int, float] = {}
        for number, (due, isRemoved) in enumerate(puts):
            slot = wheel.put(number, due)
            self.assertLessEqual(slot.due - due, 1)
            if isRemoved:
                wheel.remove(number, slot)
            else:
                waiting[number] = due
        while wheel:
            now = wheel.next
            for key in wheel.turn(now):
                self.assertLessEqual(waiting.pop(key), now)
        self.assertEqual(waiting, {})
