"""Newcomers get a part of each turn of the reactor; those behind them wait in a queue.

Somebody who comes in is greeted, and a program is told of everybody in the room that
it joins, which is 110 KiB in a room of ten thousand. When thousands come in one
turn, all others would wait, and hundreds of megabytes would lie there to be sent. So
what newcomers cost is counted, and who finds nothing left is served in a later turn,
first come, first served. What members say passes by.

Who waits delivers no more lines meanwhile, so everybody is in the queue once at
most, and who leaves meanwhile leaves it too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.defer import Deferred

from protocols.chat.outbox import FEW
from protocols.hooks import Hooked, waitFor

# Microseconds of a turn for those who come. A word takes up to two turns, and one
# that is told to ten thousand takes 100 milliseconds by itself. It is enough for all
# who are accepted in a turn (L{protocols.accepting.ACCEPTS}) and join a large room.
BUDGET = 40_000.0

# Microseconds to greet a program. Of telling it who is in a room, sent and all, for
# each member. Both are estimates from a profile, and rounded up. At the line door a
# newcomer is no more work than to have them wait would be, and nobody does.
GREETING = 150.0
TELLING = 0.05


class Turnstile:
    """Lets newcomers in, so many in a turn.

    @param soon: has a function called in the reactor's next turn.
    """

    def __init__(self, soon: Callable[[Callable[[], None]], object]) -> None:
        self._soon = soon
        self._left = BUDGET
        self._isDue = False
        self._waiting: OrderedDict[Deferred[Any], Callable[[], float]] = OrderedDict()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def letIn(self, cost: Callable[[], float], act: Callable[[], Hooked]) -> Hooked:
        """Do C{act} at once, or when it is its turn.

        @param cost: has the microseconds that it costs by now: a room grows while
            one waits for it. What costs nothing does not wait. What costs more than
            is left is done nevertheless, and nothing more in its turn.
        @return: what C{act} returns, or a Deferred of that. To cancel it is to leave.
        """
        asked = cost()
        if not asked:
            return act()
        if self._waiting or self._left <= 0:
            return self._queue(cost, act)
        self._spend(asked)
        return act()

    def _queue(self, cost: Callable[[], float], act: Callable[[], Hooked]) -> Hooked:
        turn: Deferred[Any] = Deferred(self._leave)
        self._waiting[turn] = cost

        def go(_: object) -> Hooked:
            done = act()
            return None if done is None else waitFor(done)

        return turn.addCallback(go)

    def _leave(self, turn: Deferred[Any]) -> None:
        """Who waits has gone."""
        del self._waiting[turn]

    def _spend(self, cost: float) -> None:
        self._left -= cost
        if not self._isDue:
            self._isDue = True
            self._soon(self._turned)

    def _turned(self) -> None:
        """Another turn: let in those who have waited."""
        self._left, self._isDue = BUDGET, False
        while self._waiting and self._left > 0:
            turn, cost = self._waiting.popitem(last=False)
            self._spend(cost())
            turn.callback(None)


def greeting() -> float:
    """What a line costs by which a program may come in."""
    return GREETING


def costOfTelling(sizes: Iterable[int]) -> float:
    """What it costs to tell who is in rooms of so many; nothing for small ones."""
    return sum(size * TELLING for size in sizes if size > FEW)
