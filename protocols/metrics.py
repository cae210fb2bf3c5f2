"""What a service counts: counters, gauges and histograms, and a plain copy of them.

One `Metrics` belongs to one service.  Names are dotted strings, `accepted`,
`refused.peer`, `dropped.rate`, and spring into being when they are first used.
Whoever shows the numbers (a log line, a console, a test) asks for `snapshot()`
and gets plain dicts and lists, which `json.dumps` takes as they are.

Nothing here reads a clock or takes a lock: a service lives in one reactor thread.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict

# One scale serves seconds and octets alike: powers of two from 2**-20 (about a
# microsecond, below what a reactor's clock can tell apart) to 2**34 (16 GiB, more
# than a connection carries in its life).  A bucket is never more than a factor of
# two wide, so a quantile read from it is at most that far off.
SMALLEST_EXPONENT = -20
LARGEST_EXPONENT = 34
BOUNDS: tuple[float, ...] = tuple(
    2.0**exponent for exponent in range(SMALLEST_EXPONENT, LARGEST_EXPONENT + 1)
)


class Histogram:
    """How observed values are spread over the fixed, log-spaced `BOUNDS`."""

    __slots__ = ("_buckets", "count", "largest", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.largest = -math.inf
        self._buckets: defaultdict[int, int] = defaultdict(int)

    def observe(self, value: float) -> None:
        """Take one value.

        @raise ValueError: The value is infinite or not a number: one such value
            would spoil the sum for good, and JSON has no word for it.
        """
        if not math.isfinite(value):
            raise ValueError(f"a histogram takes finite values, not {value!r}")
        self.count += 1
        self.total += value
        self.largest = max(self.largest, value)
        self._buckets[bisect_left(BOUNDS, value)] += 1

    def snapshot(self) -> dict[str, object]:
        """`count`, `sum`, `max` and the `buckets` that hold something.

        A bucket is `[bound, n]`: n values were at most bound and above the bound
        before it.  The bound of what lies beyond the last one is None.
        """
        buckets = [[_boundAt(place), n] for place, n in sorted(self._buckets.items())]
        return {
            "count": self.count,
            "sum": self.total,
            "max": self.largest if self.count else None,
            "buckets": buckets,
        }


class Metrics:
    """The counters, gauges and histograms of one service."""

    __slots__ = ("_counters", "_gauges", "_histograms")

    def __init__(self) -> None:
        self._counters: defaultdict[str, int] = defaultdict(int)
        self._gauges: defaultdict[str, int] = defaultdict(int)
        self._histograms: defaultdict[str, Histogram] = defaultdict(Histogram)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter, which only grows: C{by} is 0 or more.

        Stands in the way of each UDP datagram, so it is one dict addition and
        checks nothing.
        """
        self._counters[name] += by

    def gauge(self, name: str, by: int) -> None:
        """Move a gauge, which goes up and down: C{by} may be negative."""
        self._gauges[name] += by

    def observe(self, name: str, value: float) -> None:
        """Put a value (seconds, octets) into a histogram.

        @raise ValueError: The value is infinite or not a number.
        """
        self._histograms[name].observe(value)

    def snapshot(self) -> dict[str, object]:
        """A copy that later counting does not change, of plain values only.

        Its shape: C{{"counters": {name: int}, "gauges": {name: int}, "histograms":
        {name: {"count": int, "sum": float, "max": float, "buckets": [[bound, n],
        ...]}}}}, each sorted by name.
        """
        histograms = sorted(self._histograms.items())
        return {
            "counters": dict(sorted(self._counters.items())),
            "gauges": dict(sorted(self._gauges.items())),
            "histograms": {name: spread.snapshot() for name, spread in histograms},
        }


class PartMetrics(Metrics):
    """The metrics of one listener, which are also counted for the whole service."""

    __slots__ = ("_whole",)

    def __init__(self, whole: Metrics) -> None:
        super().__init__()
        self._whole = whole

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter, here and in the whole."""
        super().count(name, by)
        self._whole.count(name, by)

    def gauge(self, name: str, by: int) -> None:
        """Move a gauge, here and in the whole."""
        super().gauge(name, by)
        self._whole.gauge(name, by)

    def observe(self, name: str, value: float) -> None:
        """Put a value into a histogram, here and in the whole.

        @raise ValueError: The value is infinite or not a number.
        """
        super().observe(name, value)
        self._whole.observe(name, value)


def _boundAt(place: int) -> float | None:
    return BOUNDS[place] if place < len(BOUNDS) else None
