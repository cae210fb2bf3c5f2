"""When what waits is written, and what is done if it can't be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.storeinterface import StoreError
from protocols.chat.storerows import writeBatch
from protocols.chat.storespool import Spool
from protocols.chat.storethreads import Threads

# Seconds that a posting waits for others to be written with: what a crash may
# take, and twenty commits a second at most.
FLUSH_AFTER = 0.05

# Postings in one transaction; so many are not waited for any longer. To make rows
# of them takes some 6 ms of Python, in which the reactor waits for its turns.
MAX_BATCH = 2000

# Seconds until it is tried again after a fault, and twice as long each time: a
# lock is gone at once, a full disk is full until somebody comes.
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0


class Flushing:
    """Writes a spool, a batch at a time.

    @param reactor: an C{IReactorTime}.
    @ivar watchers: are called with what is wrong when a fault begins, and with
        nothing when it is over.
    """

    log = Logger()

    def __init__(self, spool: Spool, threads: Threads, reactor: Any) -> None:
        self._spool = spool
        self._threads = threads
        self._reactor = reactor
        self._timer: Any = None
        self._writing = self._isClosed = False
        self._pause = 0.0
        self.watchers: list[Callable[[str], None]] = []
        # Who waits for what is being written, and for what is to be later: until
        # so many postings have gone out.
        self._now: list[Deferred[None]] = []
        self._later: list[tuple[int, Deferred[None]]] = []

    def soon(self) -> None:
        """Something has been put into the spool."""
        if self._writing or self._isClosed:
            return
        if self._timer is None:
            self._timer = self._reactor.callLater(FLUSH_AFTER, self._write)
        elif len(self._spool) == MAX_BATCH and not self._pause:
            self._timer.reset(0)

    def flush(self) -> Deferred[None]:
        """Write all that is in the spool.

        @return: fires when it has been written; fails with L{StoreError} if it
            could not be, this time.
        """
        if self._isClosed:
            return fail(StoreError("the store is closed"))
        if not (self._spool or self._writing):
            return succeed(None)
        done: Deferred[None] = Deferred()
        if self._spool:
            self._later.append((self._spool.added, done))
        else:
            self._now.append(done)
        if not self._writing:
            self._write()
        return done

    def close(self) -> Deferred[None]:
        """Write what there is, if that can be, and end."""
        return self.flush().addErrback(self._gaveUp).addCallback(self._end)

    def _write(self) -> None:
        self._stop()
        self._writing = True
        batch = self._spool.take(MAX_BATCH)
        gone = self._spool.added - len(self._spool)
        self._now += [done for count, done in self._later if count <= gone]
        self._later = [each for each in self._later if each[0] > gone]
        written = self._threads.write(partial(writeBatch, batch))
        written.addCallbacks(self._wrote, self._failed)

    def _wrote(self, _: object) -> None:
        self._writing = False
        self._spool.done()
        if self._pause:
            self._pause = 0.0
            lost = self._spool.dropped
            self.log.info("The chat's history is written again; {lost} lost", lost=lost)
            self._tell("")
        waiting, self._now = self._now, []
        for done in waiting:
            done.callback(None)
        if self._writing or not self._spool:
            return
        if self._later or len(self._spool) >= MAX_BATCH:
            self._write()
        else:
            self.soon()

    def _failed(self, failure: Failure) -> None:
        self._writing = False
        if failure.check(StoreError):
            self._spool.restore()
        else:
            self.log.failure("Something in the chat can't be kept", failure)
            self._spool.discard()
        if not self._pause:
            why = failure.getErrorMessage()
            self.log.error("The chat's history can't be written: {why}", why=why)
            self._tell(why)
        self._pause = min(max(2 * self._pause, FIRST_PAUSE), LONGEST_PAUSE)
        self._timer = self._reactor.callLater(self._pause, self._write)
        waiting = [*self._now, *(done for _, done in self._later)]
        self._now, self._later = [], []
        for done in waiting:
            done.errback(failure)

    def _tell(self, fault: str) -> None:
        for watcher in self.watchers:
            watcher(fault)

    def _gaveUp(self, failure: Failure) -> None:
        lost = len(self._spool)
        self.log.error("The chat ends, and {lost} messages are not kept", lost=lost)

    def _end(self, _: object) -> None:
        self._isClosed = True
        self._stop()

    def _stop(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
