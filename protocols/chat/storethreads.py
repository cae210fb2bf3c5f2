"""Work on an SQLite file, in the reactor's threads: one writes, a few read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredLock, DeferredSemaphore, fail
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from protocols.chat.storeinterface import StoreBusyError, StoreError

_T = TypeVar("_T")
Work = Callable[[sqlite3.Connection], _T]

# Threads that read at a time: the reactor's pool has ten, and names are looked up
# there as well.
READERS = 3

# What may wait for a thread; a page takes about a millisecond, so who is behind
# all these waits for some seconds.
MAX_WAITING = 2000

# What SQLite says of work that is wrong, and will be when it is tried again.
_OURS = (
    *(sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError),
    *(sqlite3.NotSupportedError, sqlite3.ProgrammingError),
)


class Threads:
    """Gives each piece of work a connection, and a transaction, of its own.

    A connection on which something fails is closed, and so all is undone; the
    next piece of work has a new one.

    @param reactor: an C{IReactorThreads} and C{IReactorFromThreads}. Its pool has
        to be there until L{close} has fired: close before the reactor stops.
    @param connect: opens the file.
    """

    def __init__(self, reactor: Any, connect: Callable[[], sqlite3.Connection]) -> None:
        self._reactor = reactor
        self._connect = connect
        self._isClosed = False
        self._writers = DeferredLock()
        self._readers = DeferredSemaphore(READERS)
        self._idleWriters: list[sqlite3.Connection] = []
        self._idleReaders: list[sqlite3.Connection] = []

    def write(self, work: Work[_T]) -> Deferred[_T]:
        """Have something written, after all that was to be written before.

        @return: fires when it has been committed. Fails with L{StoreError}; or
            with what else C{work} raises.
        """
        return self._run(self._writers, "BEGIN IMMEDIATE", self._idleWriters, work)

    def read(self, work: Work[_T]) -> Deferred[_T]:
        """Have something read. Fails with L{StoreError}."""
        return self._run(self._readers, "BEGIN", self._idleReaders, work)

    def close(self) -> Deferred[None]:
        """Close when all has been done that was asked for; nothing more can be."""
        self._isClosed = True
        closing: Deferred[Any] = self._writers.acquire()
        for _ in range(READERS):
            closing.addCallback(lambda _: self._readers.acquire())
        return closing.addCallback(lambda _: self._closeAll())

    def _run(
        self,
        turns: Any,
        begin: str,
        idle: list[sqlite3.Connection],
        work: Work[_T],
    ) -> Deferred[_T]:
        if self._isClosed:
            return fail(StoreError("the store is closed"))
        if len(turns.waiting) >= MAX_WAITING:
            return fail(StoreBusyError("too many wait for the store"))
        inThread = partial(self._transaction, begin, idle, work)
        pool = self._reactor.getThreadPool()
        done: Deferred[_T] = turns.run(deferToThreadPool, self._reactor, pool, inThread)
        return done.addErrback(_asStoreError)

    def _transaction(
        self, begin: str, idle: list[sqlite3.Connection], work: Work[_T]
    ) -> _T:
        connection = idle.pop() if idle else self._connect()
        try:
            connection.execute(begin)
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        idle.append(connection)
        return result

    def _closeAll(self) -> None:
        for idle in (self._idleReaders, self._idleWriters):
            while idle:
                idle.pop().close()


def _asStoreError(failure: Failure) -> Failure:
    """One kind of error for whatever SQLite and the disk have to say."""
    error = failure.value
    if isinstance(error, (sqlite3.Error, OSError)) and not isinstance(error, _OURS):
        return Failure(StoreError(faultOf(error)))
    return failure


def faultOf(error: BaseException) -> str:
    """What went wrong, in a line."""
    return " ".join(str(error).split()) or type(error).__name__
