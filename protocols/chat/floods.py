"""How much one person may say: so much at once, so much a second."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from operator import eq
from typing import Any

from protocols.chat.people import Person
from protocols.limits import Limits
from protocols.peers import networkOf
from protocols.rate import BucketTable, TokenBucket

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


# Of one person's, what all who come from one network, or are of one account, may
# say together: a household, or somebody with several clients.
TOGETHER = 4.0

# Networks and accounts that are remembered, as elsewhere.
MAX_SHARING = 10_000

# Seconds that somebody waits when the others have said it all.
SHARED_WAIT = 0.25


class SharedFloods:
    """Keeps account of what people say together.

    @param rate: lines a second of one person, in the long run.
    @param burst: lines of one person at once.
    @param limits: those of the service: where connections of one peer are not
        limited, neither is what they say; all are, if C{None}.
    """

    def __init__(self, rate: float, burst: float, limits: Limits | None = None) -> None:
        self._table = BucketTable(rate * TOGETHER, burst * TOGETHER, MAX_SHARING)
        self._countsPeers = limits is None or limits.maxPerPeer > 0
        self._exempt = limits.exemptNetworks() if limits is not None else []
        self._isFree = lru_cache(MAX_SHARING)(self._isExempt)

    def _isExempt(self, address: str) -> bool:
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(found in each for each in self._exempt)

    def take(self, address: str, account: str, now: float, n: int = 1) -> bool:
        """Take C{n} lines' tokens of a network, and of an account if there is one."""
        if self._counts(address) and not self._table.take(networkOf(address), now, n):
            return False
        return not account or self._table.take(("account", account), now, n)

    def has(self, address: str, account: str, now: float, n: int) -> bool:
        """Whether L{take} would be true; nothing is taken."""
        if self._counts(address) and not self._table.has(networkOf(address), now, n):
            return False
        return not account or self._table.has(("account", account), now, n)

    def _counts(self, address: str) -> bool:
        return self._countsPeers and not (self._exempt and self._isFree(address))


# What somebody said last who has said nothing.
_NOTHING = ("", "")


class Flood:
    """Keeps account of one person's lines.

    @param door: the factory: its C{clock}, an C{IReactorTime}; its C{rate}, the lines
        a second in the long run, and at once; and its C{floods}, the
        L{SharedFloods}.
    """

    __slots__ = ("_bucket", "_door", "_excess", "_last", "_lastAt", "_repeats")

    def __init__(self, door: Any) -> None:
        self._door = door
        self._bucket = TokenBucket(*door.rate)
        self._excess = 0
        self._last = _NOTHING
        self._lastAt = 0.0
        self._repeats = 0

    def wait(self, person: Person) -> float:
        """Take a line's token.

        @param person: whose line it is.
        @return: 0 if there was one; else the seconds after which to ask again.
        """
        door, bucket = self._door, self._bucket
        now = door.clock.seconds()
        if bucket.take(now):
            isKnown = bool(person.name)
            if isKnown and not door.floods.take(person.address, person.account, now):
                self._excess += 1
                return SHARED_WAIT
            if self._excess and bucket.wait(now, bucket.burst / 2) == 0:
                self._excess = 0
            return 0.0
        self._excess += 1
        return bucket.wait(now)

    def allow(self, person: Person, texts: Sequence[str], room: str) -> bool:
        """Take the tokens of lines that say C{texts} to C{room}; all, or none.

        @return: whether each of them would pass L{wait} and L{repeats}, as it comes
            to them now. If not, one of them may, or not: they are to be asked.
        """
        door, bucket, n = self._door, self._bucket, len(texts)
        now = door.clock.seconds()
        isSaidAgain = self._last == (texts[0], room) or any(map(eq, texts, texts[1:]))
        if self._excess or isSaidAgain or bucket.wait(now, n):
            return False
        if not door.floods.has(person.address, person.account, now, n):
            return False
        door.floods.take(person.address, person.account, now, n)
        bucket.take(now, n)
        self._last, self._lastAt, self._repeats = (texts[-1], room), now, 1
        return True

    @property
    def isTooMuch(self) -> bool:
        """Whether it has gone on for too long."""
        return self._excess > MAX_EXCESS

    def repeats(self, text: str, room: str) -> bool:
        """Whether C{text} is said once too often in a row to C{room}."""
        now = self._door.clock.seconds()
        again = (text, room) == self._last and now - self._lastAt < REPEAT_TIME
        self._repeats = self._repeats + 1 if again else 1
        self._last, self._lastAt = (text, room), now
        return self._repeats > MAX_REPEATS
