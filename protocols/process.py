"""What belongs to the process, not to a listener: signals and systemd.

Twisted ends its reactor at SIGTERM and SIGINT, which stops the services, which
drain. What is added here: a second such signal ends the drain at once, SIGHUP
reloads, SIGUSR1 logs the metrics, and systemd hears when we are ready.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from twisted.application.service import IService, IServiceCollection, Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.notify import notifySystemd, reloading

_ENDING = ("SIGINT", "SIGTERM", "SIGBREAK")


def servicesBelow(service: Any) -> Iterator[Any]:
    """C{service} and all services that it holds, itself first."""
    yield service
    for child in IServiceCollection(service, ()):
        yield from servicesBelow(child)


class ProcessService(Service):
    """Signals and readiness for the whole tree of services that it is in.

    Each service of ours brings one, so that it can run alone; in a tree that
    has several the first acts and the others rest.
    """

    log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._ending = False
        self._replaced: dict[int, Any] = {}

    def privilegedStartService(self) -> None:
        """Take over the signals that the reactor leaves alone: from now on they
        must not end the process, though it is only starting.
        """
        super().privilegedStartService()
        if self._acts:
            self._handle("SIGHUP", lambda number, frame: self._soon(self.reload))
            self._handle("SIGUSR1", lambda number, frame: self._soon(self.logMetrics))

    def startService(self) -> None:
        """Take over the others, once the reactor has put its own in place."""
        super().startService()
        if self._acts:
            self._reactor.callWhenRunning(self._begin)

    def stopService(self) -> None:
        """Tell systemd. The signals stay ours: a second one may still come."""
        super().stopService()
        if self._replaced:
            self._tell("STOPPING=1")

    def reload(self) -> None:
        """Have every service that can reload do so; none of them ends by it."""
        self._tell(reloading())
        done = [
            self._attempt(service.reload, "Reloading failed; the old stays")
            for service in self._all(lambda each: hasattr(each, "reload"))
            if not isinstance(service, ProcessService)
        ]
        self._tellReadyAfter(done)

    def abort(self) -> None:
        """End all connections at once."""
        for service in self._all(lambda each: hasattr(each, "abort")):
            if not isinstance(service, ProcessService):
                self._attempt(service.abort, "Aborting failed")

    def logMetrics(self) -> None:
        """Log a snapshot of every service's metrics."""
        for service in self._all(lambda each: hasattr(each, "snapshot")):
            self.log.info(
                "{service}: {snapshot}",
                event="snapshot",
                service=service.name,
                snapshot=service.snapshot(),
            )
        for service in self._all(lambda each: hasattr(each, "logMetrics")):
            if not isinstance(service, ProcessService):
                service.logMetrics()

    @property
    def _acts(self) -> bool:
        """Whether this is the first of its kind in its tree."""
        return next(self._all(lambda each: isinstance(each, ProcessService))) is self

    def _all(self, wanted: Callable[[Any], bool]) -> Iterator[Any]:
        root: Any = self
        while root.parent is not None:
            root = IService(root.parent, root.parent)
        return filter(wanted, servicesBelow(root))

    def _attempt(self, action: Callable[[], object], complaint: str) -> object:
        try:
            return action()
        except Exception:  # noqa: BLE001 - one service must not stop the others
            self.log.failure(complaint, Failure())
        return None

    def _begin(self) -> None:
        for name in _ENDING:
            self._handle(name, self._end)
        starting = self._all(lambda each: hasattr(each, "whenReady"))
        self._tellReadyAfter([service.whenReady() for service in starting])

    def _tellReadyAfter(self, things: Sequence[object]) -> None:
        """We are ready when all those are that take their time."""
        waits = [each for each in things if isinstance(each, Deferred)]
        DeferredList(waits).addCallback(lambda _: self._tell("READY=1"))

    def _tell(self, *states: str) -> None:
        notifySystemd(*states)

    def _handle(self, name: str, handler: Any) -> None:
        """Set a signal handler, where the system and the thread allow it."""
        number = getattr(signal, name, None)
        if number is None:
            return
        try:
            self._replaced[number] = signal.signal(number, handler)
        except ValueError:
            self.log.debug("{name} is left alone: not the main thread", name=name)

    def _end(self, number: int, frame: Any) -> None:
        """The first time in order, the second time at once."""
        previous = self._replaced.get(number)
        if self._ending or not callable(previous):
            self._soon(self.abort)
            return
        self._ending = True
        if number == signal.SIGTERM:
            # Who asks us to end in order is told that we did: the reactor's own
            # way has twistd end by the signal again, once all is done.
            self.log.info("Received SIGTERM, shutting down.")
            self._soon(self._reactor.stop)
        else:
            previous(number, frame)

    def _soon(self, action: Callable[[], object]) -> None:
        self._reactor.callFromThread(action)
