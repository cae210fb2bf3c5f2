"""C{--workers}: processes that share the ports, and the one that looks after them.

The first process opens the ports and accepts nothing. It starts the workers,
starts those again that die, has all drain and reload together, and writes what
they log.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.logger import Logger, globalLogPublisher

from protocols.ports import ABORT_TIME, CannotServeError, reasonNot
from protocols.workerlaunch import Launch
from protocols.workersockets import SharedPort, openDatagrams, openStream
from protocols.workertask import ABORT, METRICS
from protocols.workerteam import Team

# Seconds that a worker has beyond the drain's own before it is killed: to close a
# store may have to wait for another's lock, 5 s at most.
KILL_AFTER = 6.0


def leaveWith(status: int) -> None:
    """Have the process end with that status once it has ended in good order, which
    C{twistd} has no way to be told.
    """

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)

    atexit.register(leave)


class WorkersService(Service):
    """Opens ports, and has workers serve on them.

    @param name: the service's name.
    @param launch: starts a worker.
    @param streams: endpoint strings to open.
    @param datagrams: descriptions of UDP ports to open.
    @param drainTimeout: seconds that connections have to end when we stop.
    @param leave: takes the exit status when workers can't be kept alive.
    @ivar shared: the L{SharedPort}s, while they are open.
    @ivar team: the workers.
    """

    log = Logger()
    name: str

    def __init__(
        self,
        name: str,
        launch: Launch,
        *,
        streams: Sequence[str] = (),
        datagrams: Sequence[str] = (),
        reactor: Any,
        drainTimeout: float,
        leave: Callable[[int], object] = leaveWith,
    ) -> None:
        self.setName(name)
        self.shared: list[SharedPort] = []
        self.team = Team(launch, reactor, self._gaveUp, globalLogPublisher)
        self._count = launch.count
        self._streams = streams
        self._datagrams = datagrams
        self._reactor = reactor
        self._drainTimeout = drainTimeout
        self._leave = leave
        self._overdue: Any = None

    def privilegedStartService(self) -> None:
        """Open the ports, while we may still take one below 1024.

        @raise CannotServeError: one can't be had.
        """
        super().privilegedStartService()
        self._openAll()

    def startService(self) -> None:
        """Start the workers, as soon as the reactor runs."""
        super().startService()
        self._openAll()
        self._reactor.callWhenRunning(self._startAll)

    def whenReady(self) -> Deferred[Any]:
        """Fires when all workers serve."""
        return self.team.whenReady()

    def stopService(self) -> Deferred[Any]:
        """Nobody listens any more, all drain; fires when all have ended."""
        super().stopService()
        self._closeAll()
        time = self._drainTimeout + ABORT_TIME + KILL_AFTER
        overdue = self._overdue = self._reactor.callLater(time, self.team.kill)
        ended: Deferred[Any] = self.team.end()
        return ended.addCallback(lambda _: overdue.active() and overdue.cancel())

    def reload(self) -> Deferred[Any]:
        """Have all reload; fires when they have, or it took too long."""
        return self.team.reload()

    def abort(self) -> None:
        """Have all end their connections at once; who can't is killed soon."""
        self.team.say(ABORT)
        if self._overdue is not None and self._overdue.active():
            self._overdue.reset(ABORT_TIME + KILL_AFTER)

    def logMetrics(self) -> None:
        """Have each log its metrics."""
        self.team.say(METRICS)

    def _startAll(self) -> None:
        if self.running:
            self.whenReady().addCallback(lambda _: self._allServe())
            self.team.start(self.shared)

    def _allServe(self) -> None:
        self.log.info(
            "{service}: {workers} workers serve",
            service=self.name,
            workers=self._count,
        )

    def _openAll(self) -> None:
        if self.shared:
            return
        for description in self._streams:
            self._open(description, openStream, self._reactor)
        for description in self._datagrams:
            self._open(description, openDatagrams)

    def _open(self, description: str, opening: Any, *first: Any) -> None:
        try:
            self.shared += opening(*first, description, self._count)
        except CannotListenError as error:
            self._closeAll()
            reason = reasonNot(error)
            raise CannotServeError(self.name, description, reason) from None

    def _closeAll(self) -> None:
        shared, self.shared = self.shared, []
        for port in shared:
            port.close()

    def _gaveUp(self, why: str) -> None:
        self.log.critical("{service}: {why}", service=self.name, why=why)
        self._leave(1)
        with suppress(ReactorNotRunning):
            self._reactor.stop()


def serveWorkers(
    name: str,
    options: Any,
    reactor: Any,
    *,
    streams: Sequence[str] = (),
    datagrams: Sequence[str] = (),
) -> WorkersService:
    """What serves with C{--workers}, from parsed L{protocols.workeroptions}.

    @raise SystemExit: it was not C{twistd} that parsed them.
    """
    tapname = getattr(options.parent, "subCommand", None)
    if tapname is None:
        raise SystemExit(f"{name}: --workers needs twistd to start it")
    launch = Launch(
        tapname, options.arguments, options.folder, options["workers"], reactor
    )
    return WorkersService(
        name,
        launch,
        streams=streams,
        datagrams=datagrams,
        reactor=reactor,
        drainTimeout=options["drain-timeout"],
    )
