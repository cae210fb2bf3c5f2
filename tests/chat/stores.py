"""Stores for tests: a reactor whose threads are this one, and postings."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from protocols.chat.events import Posting
from protocols.chat.store import ChatStore
from tests.folders import folderFor

NOW = 1_700_000_000.0


class ThreadClock(Clock):
    """A reactor that does a thread's work at once; or, while C{isSlow}, later."""

    def __init__(self) -> None:
        super().__init__()
        self.isSlow = False
        self._work: deque[Callable[[], None]] = deque()
        self._working = False

    def getThreadPool(self) -> Any:
        return self

    def callInThreadWithCallback(
        self,
        onResult: Callable[[bool, Any], None],
        function: Any,
        *args: Any,
        **kw: Any,
    ) -> None:
        def work() -> None:
            try:
                outcome = True, function(*args, **kw)
            except BaseException:
                outcome = False, Failure()
            onResult(*outcome)

        self._work.append(work)
        if not (self.isSlow or self._working):
            self.doWork()

    def callFromThread(self, function: Any, *args: Any, **kw: Any) -> None:
        function(*args, **kw)

    def doWork(self) -> None:
        """Let the threads come to an end."""
        self.isSlow, self._working = False, True
        while self._work:
            self._work.popleft()()
        self._working = False


def posting(number: int, text: str = "hello", room: str = "#a", **more: Any) -> Posting:
    return Posting(room, text, "ann", id=number, time=NOW + number / 1000, **more)


def ids(postings: list[Posting]) -> list[int]:
    return [each.id for each in postings]


def outcome(deferred: Deferred[Any]) -> Any:
    """What a Deferred that has fired has come to; raises what it failed with."""
    found: list[Any] = []
    deferred.addBoth(found.append)
    (result,) = found
    if isinstance(result, Failure):
        result.raiseException()
    return result


def pathFor(case: Any) -> str:
    """A file that is not there yet, in a folder that is not there either."""
    return os.path.join(folderFor(case), "chat", "chat.sqlite")


def openStore(case: Any, clock: Any, path: str, **options: Any) -> ChatStore:
    """A store that is closed when the test is over."""
    store = ChatStore(path, clock, **options)
    case.addCleanup(store.close)
    return store
