"""L{protocols.rate}: token buckets, one and many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.rate import BucketTable, TokenBucket

moments = st.lists(st.floats(0, 1000), max_size=60).map(sorted)


class TokenBucketTests(SynchronousTestCase):
    def test_burstThenRate(self) -> None:
        bucket = TokenBucket(2, 3)
        self.assertEqual([bucket.take(0) for _ in range(4)], [True] * 3 + [False])
        self.assertEqual([bucket.take(0.5), bucket.take(0.5)], [True, False])

    def test_wait(self) -> None:
        bucket = TokenBucket(2, 1)
        self.assertEqual(bucket.wait(0), 0)
        bucket.take(0)
        self.assertEqual(bucket.wait(0), 0.5)
        self.assertTrue(bucket.take(0.5))

    def test_manyAtOnce(self) -> None:
        bucket = TokenBucket(1, 10)
        self.assertEqual([bucket.take(0, 7), bucket.take(0, 7)], [True, False])

    def test_clockThatGoesBack(self) -> None:
        bucket = TokenBucket(1, 1)
        bucket.take(10)
        self.assertFalse(bucket.take(5))
        self.assertFalse(bucket.take(10.5))
        self.assertTrue(bucket.take(11))

    @given(moments)
    def test_neverAboveRateAndBurst(self, times: list[float]) -> None:
        bucket = TokenBucket(0.5, 4)
        taken = sum(bucket.take(now) for now in times)
        span = times[-1] - times[0] if times else 0
        self.assertLessEqual(taken, 4 + 0.5 * span + 1e-6)

    @given(moments)
    def test_waitIsLongEnough(self, times: list[float]) -> None:
        bucket = TokenBucket(0.7, 2)
        for now in times:
            if not bucket.take(now):
                self.assertTrue(bucket.take(now + bucket.wait(now)))
                return

    def test_impossible(self) -> None:
        for rate, burst in ((0, 1), (-1, 1), (1, 0.5), (float("nan"), 1)):
            self.assertRaises(ValueError, TokenBucket, rate, burst)


class BucketTableTests(SynchronousTestCase):
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50)), max_size=60))
    def test_likeABucketEach(self, takes: list[tuple[str, float]]) -> None:
        """To forget a key that has been quiet changes nothing."""
        table = BucketTable(1, 3, 10)
        each = {key: TokenBucket(1, 3) for key in "abc"}
        for key, now in sorted(takes, key=lambda take: take[1]):
            self.assertEqual(table.take(key, now), each[key].take(now))

    def test_boundedUnderInventedKeys(self) -> None:
        table = BucketTable(1, 2, 100)
        allowed = sum(table.take(key, 0.0) for key in range(100_000))
        self.assertEqual(len(table), 100)
        self.assertEqual(allowed, 100 + 2)

    def test_whoWasKnownKeepsTheirs(self) -> None:
        table = BucketTable(1, 2, 2)
        for key in "abcdefg":
            table.take(key, 0.0)
        self.assertEqual([table.take("a", 0.0), table.take("g", 0.0)], [True, False])

    def test_quietKeysAreForgotten(self) -> None:
        table = BucketTable(1, 2, 100)
        for now in range(0, 1000, 10):
            table.take(now, float(now))
        self.assertLessEqual(len(table), 2)

    def test_impossible(self) -> None:
        self.assertRaises(ValueError, BucketTable, 1, 1, 0)
