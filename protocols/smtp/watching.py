"""To wait for mail that another process keeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import Any

from protocols.smtp.reading import Query, Stored

# Seconds between two looks. SQLite's is at a number in shared memory, and no more
# while nothing has been committed.
INTERVAL = 0.05


def waitForNext(store: Any, query: Query, timeout: float) -> Stored | None:
    """The first message that is meant: one that is there, or comes; blocks.

    SQLite tells nobody of another process's commit, but it counts them
    (C{PRAGMA data_version}): only when that has changed are messages read. In
    other stores they are each time.

    @param timeout: in seconds.
    @return: C{None} if none came in time.
    """
    end = time.monotonic() + timeout
    with ExitStack() as open_:
        version, current = None, _versionOf(store, open_)
        while True:
            if (now := current()) != version:
                version = now
                found: list[Stored] = store.find(query)
                if found:
                    return found[0]
            left = end - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(INTERVAL, left))


def _versionOf(store: Any, open_: ExitStack) -> Callable[[], object]:
    """What changes whenever something may have come."""
    if not hasattr(store, "changes"):
        return count().__next__
    connection = store.changes()
    open_.callback(connection.close)
    return lambda: connection.execute("PRAGMA data_version").fetchone()
