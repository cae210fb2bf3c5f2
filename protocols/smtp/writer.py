"""One thread that writes, and commits for all who wait (group commit).

A commit waits for the disk, some milliseconds, however much it commits. So the
writer takes everything that is pending whenever it is idle, commits it as one,
and then answers all of it: the more come at once, the less each costs. What has
to be prepared first, such as a large file, is committed in a group of its own
behind the others, so that nobody small waits for somebody large.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
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


class Tidy(Protocol):
    """What is done with each group beside its own writes."""

    def beforeCommit(self, connection: sqlite3.Connection) -> None:
        """All writes of the group are done."""

    def afterCommit(self) -> None:
        """It is on the disk."""


class NothingToTidy:
    """The L{Tidy} of a store that keeps everything."""

    def beforeCommit(self, connection: sqlite3.Connection) -> None:
        """Nothing."""

    def afterCommit(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Job:
    """One write.

    @ivar write: does it, on the connection.
    @ivar answer: is called with its result once it is on the disk; or with a
        C{Failure}.
    @ivar prepare: is called first, outside of the transaction.
    @ivar undo: is called when it came to nothing after C{prepare}.
    """

    write: Write
    answer: Answer
    prepare: Callable[[], None] | None = None
    undo: Callable[[], None] = lambda: None


class GroupWriter:
    """Runs jobs on a connection of its own, in a thread of its own.

    @param connect: opens the store; after a fault it is opened anew, so that a
        store that works again is used again.
    @param call: calls a function in the thread where answers belong, once for a
        group: C{reactor.callFromThread}.
    @param tidy: what is done with each group beside.
    """

    log = Logger()

    def __init__(
        self,
        connect: Connect,
        call: Callable[..., object],
        tidy: Tidy | None = None,
    ) -> None:
        self._connect = connect
        self._call = call
        self._tidy = tidy or NothingToTidy()
        self._connection: sqlite3.Connection | None = None
        self._pending: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="mail store", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Have a job done and committed."""
        self._pending.put([job])

    def putAll(self, jobs: list[Job]) -> None:
        """Have several done, as one if they are few enough."""
        self._pending.put(jobs)

    def close(self) -> None:
        """Write what is pending, and end the thread; blocks until then."""
        self._pending.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            group, going = self._nextGroup()
            self._commit([job for job in group if job.prepare is None])
            self._commit(self._prepared([job for job in group if job.prepare]))
        if self._connection is not None:
            self._connection.close()

    def _nextGroup(self) -> tuple[list[Job], bool]:
        """Wait for one, and take all that is there; false at the end."""
        group: list[Job] = []
        while True:
            jobs = self._pending.get()
            if jobs is None:
                return group, False
            group += jobs
            if self._pending.empty() or len(group) >= MAX_GROUP:
                return group, True

    def _prepared(self, group: list[Job]) -> list[Job]:
        """Those that could be prepared: each fails by itself."""
        prepared: list[Job] = []
        for job in group:
            try:
                assert job.prepare is not None
                job.prepare()
                prepared.append(job)
            except Exception:  # noqa: BLE001 - whoever waits has to be answered
                job.undo()
                self._call(_answerAll, [job], [Failure()])
        return prepared

    def _commit(self, group: list[Job]) -> None:
        """All of a group, or none: a fault is everybody's fault."""
        if not group:
            return
        try:
            results = self._written(group)
        except Exception:  # noqa: BLE001 - whoever waits has to be answered
            results = [Failure()] * len(group)
            self._abandon()
            for job in group:
                job.undo()
        self._call(_answerAll, group, results)

    def _written(self, group: list[Job]) -> list[Any]:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        results = [job.write(connection) for job in group]
        self._tidy.beforeCommit(connection)
        connection.execute("COMMIT")
        self._tidy.afterCommit()
        return results

    def _abandon(self) -> None:
        """Undo, by closing; the next group opens the store again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _answerAll(group: list[Job], results: list[Any]) -> None:
    for job, result in zip(group, results, strict=True):
        job.answer(result)
