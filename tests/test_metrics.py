"""protocols.metrics: what is counted is what the snapshot says."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.metrics import BOUNDS, Histogram, Metrics, PartMetrics

NAMES = st.sampled_from(["accepted", "refused.peer", "dropped.rate"])
FINITE = st.floats(min_value=-1e12, max_value=1e12)


class CounterTests(SynchronousTestCase):
    def test_newMetricsAreEmpty(self) -> None:
        empty = {"counters": {}, "gauges": {}, "histograms": {}}
        self.assertEqual(Metrics().snapshot(), empty)

    def test_countAddsOneUnlessToldOtherwise(self) -> None:
        metrics = Metrics()
        metrics.count("accepted")
        metrics.count("accepted")
        metrics.count("bytes.in", 512)
        self.assertEqual(
            metrics.snapshot()["counters"], {"accepted": 2, "bytes.in": 512}
        )

    def test_gaugesGoUpAndDown(self) -> None:
        metrics = Metrics()
        metrics.gauge("open", 3)
        metrics.gauge("open", -2)
        self.assertEqual(metrics.snapshot()["gauges"], {"open": 1})

    @given(st.lists(st.tuples(NAMES, st.integers(0, 1000))))
    def test_countersHoldTheSums(self, steps: list[tuple[str, int]]) -> None:
        metrics = Metrics()
        for name, by in steps:
            metrics.count(name, by)
        expected = {
            name: sum(by for other, by in steps if other == name) for name, _ in steps
        }
        self.assertEqual(metrics.snapshot()["counters"], expected)


class HistogramTests(SynchronousTestCase):
    def observed(self, *values: float) -> dict[str, Any]:
        metrics = Metrics()
        for value in values:
            metrics.observe("seconds", value)
        histograms: Any = metrics.snapshot()["histograms"]
        spread: dict[str, Any] = histograms["seconds"]
        return spread

    def test_aValueOnABoundBelongsToIt(self) -> None:
        self.assertEqual(self.observed(0.5)["buckets"], [[0.5, 1]])

    def test_aValueAboveABoundBelongsToTheNext(self) -> None:
        self.assertEqual(self.observed(0.51, 0.9)["buckets"], [[1.0, 2]])

    def test_sumCountAndMax(self) -> None:
        spread = self.observed(1.0, 4.0, 2.5)
        self.assertEqual((spread["count"], spread["sum"], spread["max"]), (3, 7.5, 4.0))

    def test_whatIsBeyondTheLastBoundHasNone(self) -> None:
        self.assertEqual(self.observed(BOUNDS[-1] * 2)["buckets"], [[None, 1]])

    def test_zeroAndLessGoToTheFirstBucket(self) -> None:
        self.assertEqual(self.observed(0, -3)["buckets"], [[BOUNDS[0], 2]])
        self.assertEqual(self.observed(-3)["max"], -3)

    def test_anEmptyHistogramHasNoMax(self) -> None:
        self.assertEqual(
            Histogram().snapshot(), {"count": 0, "sum": 0.0, "max": None, "buckets": []}
        )

    def test_boundsDouble(self) -> None:
        self.assertTrue(all(b == 2 * a for a, b in pairwise(BOUNDS)))
        self.assertEqual((BOUNDS[0], BOUNDS[-1]), (2.0**-20, 2.0**34))

    def test_whatIsNotFiniteIsRefusedAndNotCounted(self) -> None:
        metrics = Metrics()
        metrics.observe("seconds", 1)
        before = metrics.snapshot()
        for odd in (math.inf, -math.inf, math.nan):
            self.assertRaises(ValueError, metrics.observe, "seconds", odd)
        self.assertEqual(metrics.snapshot(), before)

    @given(st.lists(FINITE, min_size=1))
    def test_everyValueIsInTheBucketThatHoldsIt(self, values: list[float]) -> None:
        spread = self.observed(*values)
        self.assertEqual(sum(n for _, n in spread["buckets"]), len(values))
        self.assertEqual(spread["max"], max(values))
        below = -math.inf
        for bound in (*BOUNDS, None):
            top = math.inf if bound is None else bound
            held = sum(1 for value in values if below < value <= top)
            self.assertEqual(dict(spread["buckets"]).get(bound, 0), held)
            below = top


class SnapshotTests(SynchronousTestCase):
    def filled(self) -> Metrics:
        metrics = Metrics()
        metrics.count("refused.total")
        metrics.count("accepted", 2)
        metrics.gauge("open", 1)
        metrics.observe("seconds", 0.25)
        return metrics

    def test_snapshotIsACopy(self) -> None:
        metrics = self.filled()
        before = metrics.snapshot()
        kept = json.dumps(before)
        metrics.count("accepted")
        metrics.gauge("open", 1)
        metrics.observe("seconds", 9)
        self.assertEqual(json.dumps(before), kept)
        self.assertNotEqual(metrics.snapshot(), before)

    def test_snapshotIsJSONSortedByName(self) -> None:
        text = json.dumps(self.filled().snapshot(), allow_nan=False)
        self.assertEqual(
            text,
            '{"counters": {"accepted": 2, "refused.total": 1}, "gauges": {"open": 1},'
            ' "histograms": {"seconds": {"count": 1, "sum": 0.25, "max": 0.25,'
            ' "buckets": [[0.25, 1]]}}}',
        )

    def test_twoServicesShareNothing(self) -> None:
        one, other = Metrics(), Metrics()
        one.count("accepted")
        self.assertEqual(other.snapshot()["counters"], {})


class PartTests(SynchronousTestCase):
    """What a listener counts is counted for its service as well."""

    def test_both(self) -> None:
        whole = Metrics()
        parts = [PartMetrics(whole) for _ in range(2)]
        for part in parts:
            part.count("accepted", 2)
            part.gauge("open", 1)
            part.observe("seconds", 0.5)
        self.assertEqual(parts[0].snapshot()["counters"], {"accepted": 2})
        self.assertEqual(whole.snapshot()["counters"], {"accepted": 4})
        self.assertEqual(whole.snapshot()["gauges"], {"open": 2})
        seconds: Any = whole.snapshot()["histograms"]
        self.assertEqual(seconds["seconds"]["count"], 2)
