"""A reactor for deliveries: what comes from threads waits to be called."""

from __future__ import annotations

from queue import Queue
from typing import Any

TIMEOUT = 30


class ThreadCalls:
    """An C{IReactorFromThreads} whose calls the test makes."""

    def __init__(self) -> None:
        self._calls: Queue[Any] = Queue()

    def callFromThread(self, function: Any, *args: Any, **kw: Any) -> None:
        self._calls.put((function, args, kw))

    def makeOne(self) -> None:
        """Wait for the next call, and make it."""
        function, args, kw = self._calls.get(timeout=TIMEOUT)
        function(*args, **kw)
