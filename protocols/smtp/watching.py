"""To wait for mail that another process keeps."""

from __future__ import annotations

import time
from contextlib import closing

from protocols.smtp.reader import SQLiteReader
from protocols.smtp.reading import Query, Stored

# Seconds between two looks at a number in shared memory, which is all that is
# looked at while nothing has been committed.
INTERVAL = 0.05


def waitForNext(store: SQLiteReader, query: Query, timeout: float) -> Stored | None:
    """The first message that is meant: one that is there, or comes; blocks.

    SQLite tells nobody of another process's commit, but it counts them
    (C{PRAGMA data_version}): only when that has changed are messages read.

    @param timeout: in seconds.
    @return: C{None} if none came in time.
    """
    end = time.monotonic() + timeout
    with closing(store.changes()) as changes:
        version = None
        while True:
            current = changes.execute("PRAGMA data_version").fetchone()
            if current != version:
                version = current
                found = store.find(query)
                if found:
                    return found[0]
            left = end - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(INTERVAL, left))
