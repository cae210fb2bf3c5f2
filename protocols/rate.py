"""Token buckets. Pure; the time is passed in, in seconds of any clock."""

from __future__ import annotations

from collections.abc import Hashable

# What adding up fractions may leave missing of a whole token.
_ROUNDING = 1e-9


class TokenBucket:
    """Lets C{rate} things a second pass in the long run, C{burst} at once.

    @param rate: tokens a second, above 0.
    @param burst: tokens that fit into the bucket, 1 or more; it starts full.
    @raise ValueError: one of them is too small.
    """

    __slots__ = ("_filled", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float) -> None:
        if not (rate > 0 and burst >= 1):
            raise ValueError("a bucket has a rate above 0 and room for 1 at least")
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._filled: float | None = None

    def take(self, now: float, n: float = 1) -> bool:
        """Take C{n} tokens at C{now}; false, and none taken, if there are fewer."""
        if now != self._filled:
            self._fill(now)
        if self._tokens < n - _ROUNDING:
            return False
        self._tokens -= n
        return True

    def wait(self, now: float, n: float = 1) -> float:
        """Seconds from C{now} until L{take} of C{n} will succeed."""
        self._fill(now)
        return max(0.0, (n - self._tokens) / self.rate)

    def _fill(self, now: float) -> None:
        filled = self._filled
        if filled is None:
            self._filled = now
        elif now > filled:
            tokens = self._tokens + (now - filled) * self.rate
            self._tokens = tokens if tokens < self.burst else self.burst
            self._filled = now


class BucketTable:
    """A bucket for each key, in bounded memory whatever keys come.

    A bucket that has not been used for as long as it takes to fill is full, and
    so it says no more than none. Two generations make use of that: a key that is
    used goes into the younger, and after each such time the older is dropped
    and the younger becomes the older. Nobody gains tokens by being forgotten.

    When the younger is full, all further keys share one bucket: a flood from
    invented sources shares the rate of one, and who was known before keeps
    theirs.

    @param rate: tokens a second for each key.
    @param burst: tokens at once for each key.
    @param maxKeys: keys in a generation; there are at most twice as many.
    @raise ValueError: one of them is too small.
    """

    def __init__(self, rate: float, burst: float, maxKeys: int) -> None:
        if maxKeys < 1:
            raise ValueError("a table has room for 1 key at least")
        self._shared = TokenBucket(rate, burst)
        self._filling = burst / rate
        self._maxKeys = maxKeys
        self._younger: dict[Hashable, TokenBucket] = {}
        self._older: dict[Hashable, TokenBucket] = {}
        self._turned = 0.0

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._younger) + len(self._older)

    def take(self, key: Hashable, now: float, n: float = 1) -> bool:
        """Take C{n} tokens of C{key}'s at C{now}; false if there are fewer."""
        return self._bucket(key, now).take(now, n)

    def has(self, key: Hashable, now: float, n: float = 1) -> bool:
        """Whether L{take} would be true; nothing is taken."""
        return self._bucket(key, now).wait(now, n) == 0

    def _bucket(self, key: Hashable, now: float) -> TokenBucket:
        if now - self._turned >= self._filling:
            self._turn(now)
        bucket = self._younger.get(key)
        return self._found(key) if bucket is None else bucket

    def _turn(self, now: float) -> None:
        """Drop a generation; both, if nobody has come for longer than that."""
        idle = now - self._turned >= 2 * self._filling
        self._older = {} if idle else self._younger
        self._younger = {}
        self._turned = now

    def _found(self, key: Hashable) -> TokenBucket:
        bucket = self._older.pop(key, None)
        if bucket is None:
            if len(self._younger) >= self._maxKeys:
                return self._shared
            bucket = TokenBucket(self._shared.rate, self._shared.burst)
        self._younger[key] = bucket
        return bucket
