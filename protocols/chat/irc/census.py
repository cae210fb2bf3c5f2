"""How many people there are, for LUSERS and for who comes. Pure."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from protocols.chat.lobby import Lobby

# So many are counted in a few microseconds, for each one who comes. With thousands it
# would be most of the work, so who comes is told what was counted within the last
# second.
FEW = 200
RECENT = 1.0


class Count(NamedTuple):
    """What was counted.

    @ivar hidden: who are shown only to those who share a room with them.
    @ivar operators: who keep order in the whole chat.
    """

    hidden: int
    operators: int


def countedIn(lobby: Lobby) -> Count:
    """Those who are here now."""
    people = list(lobby.people.values())
    hidden = sum(map(attrgetter("isHidden"), people))
    return Count(hidden, sum(map(attrgetter("isOperator"), people)))


class Census:
    """Counts, and remembers for a second."""

    def __init__(self) -> None:
        self._count = Count(0, 0)
        self._until = 0.0

    def recent(self, lobby: Lobby, now: float) -> Count:
        """A count that is a second old at most; exact where there are few.

        @param now: seconds of any clock, always of the same.
        """
        if len(lobby.people) <= FEW or not now < self._until:
            self._count, self._until = countedIn(lobby), now + RECENT
        return self._count
