"""Keeps workers alive, and speaks to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.logger import LogEvent, Logger
from twisted.python.failure import Failure

from protocols.workerchannel import WorkerChannel
from protocols.workerlaunch import Launch
from protocols.workerrestarts import Restarts
from protocols.workersockets import SharedPort
from protocols.workertask import DRAIN, RELOAD

# Seconds in which a worker has reloaded; to read certificates takes milliseconds.
RELOAD_TIME = 10.0


class Team:
    """All workers of a service.

    @param launch: starts them.
    @param reactor: an C{IReactorTime}.
    @param gaveUp: is told, once, why they can't be kept alive.
    @param publish: takes what they log.
    @ivar workers: those that live, by number.
    """

    log = Logger()

    def __init__(
        self,
        launch: Launch,
        reactor: Any,
        gaveUp: Callable[[str], object],
        publish: Callable[[LogEvent], None],
    ) -> None:
        self.workers: dict[int, WorkerChannel] = {}
        self.publish = publish
        self._launch = launch
        self._reactor = reactor
        self._gaveUp = gaveUp
        self._ports: Sequence[SharedPort] = ()
        numbers = range(1, launch.count + 1)
        self._restarts = {number: Restarts() for number in numbers}
        self._proved: set[int] = set()
        self._waiting: dict[int, Any] = {}
        self._awaited: dict[int, Deferred[None]] = {n: Deferred() for n in numbers}
        self._ending: Deferred[None] | None = None

    def start(self, ports: Sequence[SharedPort]) -> None:
        """Start all, to serve on C{ports}."""
        self._ports = ports
        for number in self._restarts:
            self._start(number)

    def say(self, word: str) -> None:
        """Tell all a word of L{protocols.workertask}."""
        for worker in self.workers.values():
            worker.say(word)

    def kill(self) -> None:
        """End all in any case."""
        for worker in self.workers.values():
            worker.kill()

    def whenReady(self) -> Deferred[Any]:
        """Fires when all serve."""
        return DeferredList(list(self._awaited.values()))

    def reload(self) -> Deferred[Any]:
        """Have all reload; fires when they have, or after C{RELOAD_TIME}."""
        for number in self.workers:
            self._awaited.setdefault(number, Deferred())
        overdue = self._reactor.callLater(RELOAD_TIME, self._waitNoLonger)
        done = self.whenReady()
        done.addCallback(lambda _: overdue.active() and overdue.cancel())
        self.say(RELOAD)
        return done

    def end(self) -> Deferred[None]:
        """Have all drain, and start none any more; fires when there is none."""
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting = {}
        self.say(DRAIN)
        self._ending = Deferred()
        return self._ending if self.workers else succeed(None)

    # What a worker's channel tells

    def workerReady(self, worker: WorkerChannel) -> None:
        """It serves; or it has reloaded."""
        self._proved.add(worker.number)
        self._fire(worker.number)

    def workerEnded(self, worker: WorkerChannel, reason: Failure) -> None:
        """It has ended, for whatever reason."""
        del self.workers[worker.number]
        if self._ending is None:
            self._replace(worker, _wayOf(reason))
        elif not self.workers:
            self._ending.callback(None)

    def _replace(self, worker: WorkerChannel, way: str) -> None:
        number = worker.number
        if number not in self._proved:
            self._giveUp(f"worker {number} did not start: {worker.failed or way}")
            return
        self._fire(number)
        lived = self._reactor.seconds() - worker.started
        delay = self._restarts[number].died(lived)
        if delay is None:
            self._giveUp(f"worker {number} dies again and again: {way}")
            return
        self.log.warn(
            "Worker {worker} ended after {lived:.1f} s ({way}); "
            "another starts in {delay:g} s",
            worker=number,
            lived=lived,
            way=worker.failed or way,
            delay=delay,
        )
        self._waiting[number] = self._reactor.callLater(delay, self._start, number)

    def _start(self, number: int) -> None:
        self._waiting.pop(number, None)
        task, descriptors = self._launch.taskOf(number, self._ports)
        worker = WorkerChannel(task, self, self._reactor)
        self.workers[number] = worker
        try:
            self._launch.start(worker, descriptors)
        except OSError as error:
            del self.workers[number]
            self._giveUp(f"worker {number} can't be started: {error}")
            return
        self.log.info("Worker {worker} is process {pid}", worker=number, pid=worker.pid)

    def _waitNoLonger(self) -> None:
        left = sorted(self._awaited)
        self.log.warn("Workers that did not reload in time: {workers}", workers=left)
        for number in left:
            self._fire(number)

    def _giveUp(self, why: str) -> None:
        """Only the first reason counts: the others follow from it, or are its like."""
        gaveUp, self._gaveUp = self._gaveUp, lambda _: None
        gaveUp(why)

    def _fire(self, number: int) -> None:
        awaited = self._awaited.pop(number, None)
        if awaited is not None:
            awaited.callback(None)


def _wayOf(reason: Failure) -> str:
    """How a process has ended."""
    signal = getattr(reason.value, "signal", None)
    status = getattr(reason.value, "exitCode", None)
    return f"signal {signal}" if signal else f"status {status}"
