"""A reactor for stores: what comes from threads waits to be called."""

from __future__ import annotations

from queue import Queue
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

TIMEOUT = 30


class ThreadCalls(Clock):
    """An C{IReactorFromThreads} whose calls and time the test makes."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: Queue[Any] = Queue()

    def callFromThread(self, function: Any, *args: Any, **kw: Any) -> None:
        self._calls.put((function, args, kw))

    def makeOne(self) -> None:
        """End the turn, wait for the next call, and make it."""
        self.advance(0)
        function, args, kw = self._calls.get(timeout=TIMEOUT)
        function(*args, **kw)

    def makeUntil(self, done: Deferred[Any]) -> None:
        """Make calls until C{done} has fired."""
        while not done.called:
            self.makeOne()
