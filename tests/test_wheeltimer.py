"""L{protocols.wheeltimer}: one timer, wound for whoever is due first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.wheeltimer import WheelTimer


class WheelTimerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.called: list[tuple[str, float]] = []
        self.timer: WheelTimer[str] = WheelTimer(lambda: self.clock, self.note)

    def note(self, key: str, now: float) -> None:
        self.called.append((key, now))
        if key == "bad":
            raise ValueError(key)

    def wakes(self) -> list[float]:
        return [call.getTime() for call in self.clock.getDelayedCalls()]

    def test_woundForTheFirst(self) -> None:
        for key, due, wakes in (("b", 9, 9), ("c", 20, 9), ("a", 3.5, 4), ("d", 4, 4)):
            self.timer.put(key, due)
            self.assertEqual(self.wakes(), [wakes])
        self.clock.advance(4)
        self.assertEqual(self.called, [("a", 4), ("d", 4)])
        self.assertEqual(self.wakes(), [9])

    def test_nobodyWaits(self) -> None:
        slot = self.timer.put("a", 3)
        self.timer.remove("a", slot)
        self.assertEqual(self.wakes(), [])
        self.timer.put("b", 3)
        self.clock.advance(3)
        self.assertEqual((self.called, self.wakes()), ([("b", 3)], []))

    def test_oneFails(self) -> None:
        for key in ("bad", "good"):
            self.timer.put(key, 3)
        self.clock.advance(3)
        self.assertEqual([key for key, _ in self.called], ["bad", "good"])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_putAgainWhenItIsDue(self) -> None:
        """As who is asked does, to be given up later."""

        def again(key: str, now: float) -> None:
            self.called.append((key, now))
            timer.put(key, now + 2)

        timer: WheelTimer[str] = WheelTimer(lambda: self.clock, again)
        timer.put("a", 2)
        self.clock.pump([1] * 6)
        self.assertEqual(self.called, [("a", 2), ("a", 4), ("a", 6)])

    @given(st.lists(st.floats(0.1, 50), max_size=20))
    def test_withinASecond(self, dues: list[float]) -> None:
        self.setUp()
        for number, due in enumerate(dues):
            self.timer.put(str(number), due)
        self.clock.pump([0.25] * 208)
        self.assertEqual(len(self.called), len(dues))
        for key, now in self.called:
            self.assertTrue(0 <= now - dues[int(key)] <= 1.25)
