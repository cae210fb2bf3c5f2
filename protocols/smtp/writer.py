"""One thread that writes, and commits for all who wait (group commit).

A commit waits for the disk, some milliseconds, however much it commits. So the
writer takes everything that is pending whenever it is idle, commits it as one,
and then answers all of it: the more come at once, the less each costs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

from twisted.logger import Logger
from twisted.python.failure import Failure

Write = Callable[[sqlite3.Connection], Any]
Answer = Callable[[Any], None]

# Writes in one transaction: keeps a commit, and what a fault undoes, bounded.
MAX_GROUP = 256


class Connect(Protocol):
    """Opens the store."""

    def __call__(self) -> sqlite3.Connection:
        """A connection, for the writer's thread alone."""


class GroupWriter:
    """Runs writes on a connection of its own, in a thread of its own.

    @param connect: opens the store; after a fault it is opened anew, so that a
        store that works again is used again.
    """

    log = Logger()

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._pending: SimpleQueue[tuple[Write, Answer] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="mail store", daemon=True)
        self._thread.start()

    def put(self, write: Write, answer: Answer) -> None:
        """Have C{write} done and committed.

        @param answer: is called in the writer's thread, once it is on the disk,
            with the result of C{write}; or with a C{Failure}.
        """
        self._pending.put((write, answer))

    def close(self) -> None:
        """Write what is pending, and end the thread; blocks until then."""
        self._pending.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            group, going = self._nextGroup()
            if group:
                self._commit(group)
        if self._connection is not None:
            self._connection.close()

    def _nextGroup(self) -> tuple[list[tuple[Write, Answer]], bool]:
        """Wait for one, and take all that is there; false at the end."""
        group: list[tuple[Write, Answer]] = []
        while True:
            item = self._pending.get()
            if item is None:
                return group, False
            group.append(item)
            if self._pending.empty() or len(group) >= MAX_GROUP:
                return group, True

    def _commit(self, group: list[tuple[Write, Answer]]) -> None:
        """All of a group, or none: a fault is everybody's fault."""
        try:
            results = self._written([write for write, _ in group])
        except Exception:  # noqa: BLE001 - whoever waits has to be answered
            failure = Failure()
            self._abandon()
            results = [failure] * len(group)
        for (_, answer), result in zip(group, results, strict=True):
            answer(result)

    def _written(self, writes: list[Write]) -> list[Any]:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.execute("BEGIN IMMEDIATE")
        results = [write(self._connection) for write in writes]
        self._connection.execute("COMMIT")
        return results

    def _abandon(self) -> None:
        """Undo, by closing; the next group opens the store again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
