"""What is done in each commit of the SQLite store beside what was asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from protocols.smtp.bodyfiles import BodyFiles
from protocols.smtp.reader import deleteOne
from protocols.smtp.retention import Retention

# Messages that are deleted with one commit: what is more goes with the next, so
# that no sender waits for a great deletion.
MAX_DELETED = 1000

_TOTAL = "SELECT messages, octets FROM total"
_OLDEST = f"SELECT id, received, size FROM message ORDER BY id LIMIT {MAX_DELETED}"
_IS_NAMED = "SELECT 1 FROM message WHERE file = ?"


class Tidying:
    """Keeps a store within its bounds; in the writer's thread.

    @param retention: the bounds.
    @param files: the large contents.
    @param clock: tells the time; C{seconds} of an C{IReactorTime}, which may be
        asked from any thread.
    """

    def __init__(self, retention: Retention, files: BodyFiles, clock: Any) -> None:
        self._retention = retention
        self._files = files
        self._clock = clock
        self._gone: list[str] = []
        self._swept = False

    def beforeCommit(self, connection: sqlite3.Connection) -> None:
        """Delete what is too much or too old, with the commit of what is new."""
        self._gone = []
        if not self._swept:
            self._sweep(connection)
        if not self._retention:
            return
        ((messages, octets),) = connection.execute(_TOTAL)
        now = self._clock.seconds()
        oldest = _each(connection)
        for number in self._retention.surplus(oldest, messages, octets, now):
            self._gone += deleteOne(connection, number)

    def afterCommit(self) -> None:
        """A content goes when nothing names it any more."""
        for name in filter(None, self._gone):
            self._files.delete(name)

    def _sweep(self, connection: sqlite3.Connection) -> None:
        """What a crash has left behind."""

        def isNamed(name: str) -> bool:
            return connection.execute(_IS_NAMED, (name,)).fetchone() is not None

        self._files.sweep(isNamed, self._clock.seconds())
        self._swept = True


def _each(connection: sqlite3.Connection) -> Iterator[tuple[int, float, int]]:
    yield from connection.execute(_OLDEST)
