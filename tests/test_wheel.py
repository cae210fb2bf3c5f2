"""L{protocols.wheel}: found at most one tick late, and never early."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.wheel import DeadlineWheel

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
