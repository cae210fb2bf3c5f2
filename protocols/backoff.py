"""Who fails to log in too often, and is not listened to for a while. Pure."""

from __future__ import annotations

from protocols.peers import networkOf
from protocols.rate import BucketTable

# Failed logins that a network has at once, and one more each so many seconds:
# a person mistypes a few times, and who guesses gets 1,440 guesses a day.
FAILURES_AT_ONCE = 10
SECONDS_EACH = 60.0
# Networks remembered, as in the limits of connections.
MAX_NETWORKS = 10_000


class LoginBackoff:
    """Counts failed logins of a network (an IPv4 address, an IPv6 /64)."""

    def __init__(self) -> None:
        self._failures = BucketTable(1 / SECONDS_EACH, FAILURES_AT_ONCE, MAX_NETWORKS)

    def mayTry(self, host: str, now: float) -> bool:
        """Whether C{host} may try to log in at C{now}, in seconds."""
        return self._failures.has(networkOf(host), now)

    def failed(self, host: str, now: float) -> None:
        """A login from C{host} has failed."""
        self._failures.take(networkOf(host), now)
