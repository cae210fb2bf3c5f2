"""When what is too much, or too old, is deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.storeinterface import StoreError
from protocols.chat.storeretention import Retention, prune
from protocols.chat.storesharing import Turn
from protocols.chat.storethreads import Threads

# Seconds between two looks: at a million postings one takes a thread 50 ms.
PRUNE_EVERY = 60.0

# Seconds between two slices, for what waits to be written.
SLICE_PAUSE = 0.05


class Pruning:
    """Keeps a store within its bounds, a slice at a time.

    @param reactor: an C{IReactorTime}.
    @param now: tells the seconds since 1970.
    @param turn: of several processes with one file, one does it.
    """

    log = Logger()

    def __init__(
        self,
        retention: Retention,
        threads: Threads,
        reactor: Any,
        now: Callable[[], float],
        turn: Turn | None = None,
    ) -> None:
        self._retention = retention
        self._threads = threads
        self._reactor = reactor
        self._now = now
        self._turn = turn
        self._timer: Any = None
        self._going = bool(retention)
        self._again(SLICE_PAUSE)

    def stop(self) -> None:
        """No more of it."""
        self._going = False
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        if self._turn is not None:
            self._turn.release()

    def _again(self, after: float) -> None:
        if self._going:
            self._timer = self._reactor.callLater(after, self._look)

    def _look(self) -> None:
        if self._turn is not None and not self._turn.isOurs():
            self._again(PRUNE_EVERY)
            return
        done = self._threads.write(partial(prune, self._retention, self._now()))
        done.addCallbacks(self._pruned, self._failed)

    def _pruned(self, more: bool) -> None:
        self._again(SLICE_PAUSE if more else PRUNE_EVERY)

    def _failed(self, failure: Failure) -> None:
        """A fault of the disk is told by whoever writes to it."""
        if not failure.check(StoreError):
            self.log.failure("The chat's history can't be pruned", failure)
        self._again(PRUNE_EVERY)
