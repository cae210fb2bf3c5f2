"""L{protocols.smtp.retention}."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.retention import Retention, RetentionError

BOUNDS = st.builds(
    Retention, st.integers(0, 5), st.integers(0, 50).map(float), st.integers(0, 50)
)
MESSAGES = st.lists(st.tuples(st.integers(0, 50).map(float), st.integers(0, 20)))


class RetentionTests(SynchronousTestCase):
    @given(BOUNDS, MESSAGES, st.integers(50, 100).map(float))
    def test_reference(
        self, retention: Retention, messages: list[tuple[float, int]], now: float
    ) -> None:
        """As few as have to go, the oldest first."""
        oldest = [(n, t, size) for n, (t, size) in enumerate(messages)]
        octets = sum(size for _, size in messages)
        gone = retention.surplus(iter(oldest), len(oldest), octets, now)
        self.assertEqual(gone, list(range(len(gone))))
        left = oldest[len(gone) :]

        def isTooMuch(left: list[tuple[int, float, int]]) -> bool:
            total = sum(size for *_, size in left)
            return bool(left) and (
                0 < retention.maxMessages < len(left)
                or (0 < retention.maxOctets < total and len(left) > 1)
                or 0 < retention.maxAge < now - left[0][1]
            )

        self.assertFalse(isTooMuch(left))
        if gone:
            self.assertTrue(isTooMuch(oldest[len(gone) - 1 :]))

    def test_none(self) -> None:
        self.assertFalse(Retention())
        self.assertEqual(Retention().surplus([(1, 0.0, 9)], 1, 9, 1e9), [])
        for bounds in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
            self.assertTrue(Retention(*bounds))

    def test_belowZero(self) -> None:
        for bounds in ((-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, float("nan"), 0)):
            self.assertRaises(RetentionError, Retention, *bounds)
