"""How much one person may say: so much at once, so much a second."""

from __future__ import annotations

from typing import Any

from protocols.rate import TokenBucket

# Lines a second in the long run, and at once: nobody types faster, and a
# paragraph that is pasted still goes through at once.
RATE = 5.0
BURST = 10.0

# Lines in a row that had to wait; a person stops, a machine does not.
MAX_EXCESS = 100

# The same line in the same room so often, and then no more until it has not been
# tried for so many seconds: "yes" is said again an hour later.
MAX_REPEATS = 3
REPEAT_TIME = 60.0


class Flood:
    """Keeps account of one person's lines.

    @param clock: an C{IReactorTime}.
    @param rate: lines a second in the long run.
    @param burst: lines at once.
    """

    def __init__(self, clock: Any, rate: float = RATE, burst: float = BURST) -> None:
        self._clock = clock
        self._burst = burst
        self._bucket = TokenBucket(rate, burst)
        self._excess = 0
        self._last = ("", "")
        self._lastAt = 0.0
        self._repeats = 0

    def wait(self) -> float:
        """Take a line's token.

        @return: 0 if there was one; else the seconds after which to ask again.
        """
        now = self._clock.seconds()
        if self._bucket.take(now):
            self._excess = (
                0 if self._bucket.wait(now, self._burst / 2) == 0 else self._excess
            )
            return 0.0
        self._excess += 1
        return self._bucket.wait(now)

    @property
    def isTooMuch(self) -> bool:
        """Whether it has gone on for too long."""
        return self._excess > MAX_EXCESS

    def repeats(self, text: str, room: str) -> bool:
        """Whether C{text} is said once too often in a row to C{room}."""
        now = self._clock.seconds()
        again = (text, room) == self._last and now - self._lastAt < REPEAT_TIME
        self._repeats = self._repeats + 1 if again else 1
        self._last, self._lastAt = (text, room), now
        return self._repeats > MAX_REPEATS
