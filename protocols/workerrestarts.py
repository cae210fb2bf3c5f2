"""When a worker that has died is started again. Pure."""

from __future__ import annotations

# Seconds after which a worker has proved that it can work: what ends it then is
# an accident, and not that it can't start.
STEADY = 10.0

# Seconds before the second start in a row; twice as many before each further.
FIRST_DELAY = 1.0

# Deaths in a row, each sooner than L{STEADY}, after which there is no other try:
# with the delays before, some 15 seconds, in which whatever was only restarting
# itself (a database, a mount) has come back.
MOST_DEATHS = 5


class Restarts:
    """Counts the deaths of one worker and of those that followed it."""

    def __init__(self) -> None:
        self._deaths = 0

    def died(self, lived: float) -> float | None:
        """A worker has died.

        @param lived: seconds for which it had worked.
        @return: seconds until the next is to be started; C{None} if none is.
        """
        self._deaths = 1 if lived >= STEADY else self._deaths + 1
        if self._deaths == 1:
            return 0.0
        if self._deaths > MOST_DEATHS:
            return None
        return FIRST_DELAY * 2 ** float(self._deaths - 2)
