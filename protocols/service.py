"""Where endpoint, guard, factory and metrics meet, and how all that stops."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from twisted.application.service import IService, MultiService, Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.python.failure import Failure

from protocols.accepting import pauseWhenFull
from protocols.admission import Admission
from protocols.guard import GuardFactory
from protocols.limits import Limits
from protocols.listening import datagramListen, inheritedSocket, streamEndpoint
from protocols.logfile import LogFileService
from protocols.metrics import PartMetrics
from protocols.options import DRAIN_TIMEOUT
from protocols.ports import ABORT_TIME, CannotServeError, ListeningService
from protocols.process import ProcessService
from protocols.proxied import ProxiedFactory
from protocols.tls import RenewableTLSEndpoint
from protocols.workers import serveWorkers

__all__ = [
    "ABORT_TIME",
    "CannotServeError",
    "DatagramService",
    "StreamService",
    "isFirst",
    "serveDatagrams",
    "serveStreams",
    "withProcess",
]

DEFAULT_LIMITS = Limits()


class StreamService(ListeningService):
    """Serves a factory on stream endpoints, each behind a guard.

    @param factory: an C{IProtocolFactory}; its C{clock} is set if it has one.
    @param descriptions: endpoint strings.
    @param drainTimeout: seconds that connections have to end when we stop.
    @param proxies: networks whose connections begin with a header of the PROXY
        protocol (L{protocols.proxied}).
    """

    def __init__(
        self,
        name: str,
        factory: Any,
        descriptions: Sequence[str],
        *,
        reactor: Any,
        limits: Limits = DEFAULT_LIMITS,
        drainTimeout: float = DRAIN_TIMEOUT,
        proxies: Sequence[Any] = (),
    ) -> None:
        super().__init__(name, descriptions, reactor)
        self.factory = factory
        self._proxies = proxies
        self.guards: list[GuardFactory] = []
        self._endpoints: list[Any] = []
        self._limits = limits
        self._admission = Admission(limits)
        self._drainTimeout = drainTimeout
        takeClock(factory, reactor)

    def setLimits(self, limits: Limits) -> None:
        """Go by C{limits} from now on; who is connected stays."""
        self._limits = limits
        for guard in self.guards:
            guard.setLimits(limits)

    def reload(self) -> None:
        """Read certificates anew, and have the factory reload if it can."""
        for endpoint in self._endpoints:
            if isinstance(endpoint, RenewableTLSEndpoint):
                endpoint.renew()
        getattr(self.factory, "reload", lambda: None)()

    def abort(self) -> None:
        """End all connections at once."""
        for guard in self.guards:
            guard.abort()

    def snapshot(self) -> dict[str, object]:
        """The metrics, with what is counted of open connections; and beside the
        whole, as C{listeners}, those of each description that we listen on.
        """
        for guard in self.guards:
            guard.settle()
        each = zip(self.descriptions, self.guards, strict=False)
        listeners = {text: guard.metrics.snapshot() for text, guard in each}
        return {**super().snapshot(), "listeners": listeners}

    def stopService(self) -> Deferred[Any]:
        """Stop to listen, let connections end, abort those that take too long."""
        ended = [super().stopService(), *(guard.drain() for guard in self.guards)]
        overdue = self._reactor.callLater(self._drainTimeout, self.abort)
        stopped = DeferredList(ended, consumeErrors=True)
        stopped.addTimeout(self._drainTimeout + ABORT_TIME, self._reactor)
        stopped.addErrback(self._giveUp)
        stopped.addCallback(lambda _: overdue.active() and overdue.cancel())
        return stopped.addCallback(lambda _: self._drained())

    def _complainOf(self, failures: list[Failure]) -> None:
        """An endpoint that takes its time has failed after all."""
        for failure in failures:
            self.log.failure("{service} can't listen", failure, service=self.name)

    def _drained(self) -> Any:
        return maybeDeferred(getattr(self.factory, "drained", lambda: None))

    def _giveUp(self, failure: Failure) -> None:
        left = sum(len(guard.guards) for guard in self.guards)
        self.log.warn("{service}: {left} did not end", service=self.name, left=left)

    def _listen(self, description: str) -> None:
        endpoint = streamEndpoint(self._reactor, description)
        if isinstance(endpoint, RenewableTLSEndpoint):
            endpoint.asks = getattr(self.factory, "asksForCertificates", False)
        guard = GuardFactory(
            self.factory,
            self._limits,
            clock=self._reactor,
            name=self.name,
            metrics=PartMetrics(self.metrics),
            admission=self._admission,
        )
        listening = self._behindProxies(endpoint, guard)
        self._endpoints.append(endpoint)
        self.guards.append(guard)
        failures: list[Failure] = []
        listening.addCallback(pauseWhenFull, self.name, self._reactor)
        listening.addCallbacks(self.ports.append, failures.append)
        for failure in failures:
            failure.raiseException()
        listening.addCallback(lambda _: self._complainOf(failures))

    def _behindProxies(self, endpoint: Any, guard: GuardFactory) -> Any:
        """Listen; the header of a proxy comes before TLS does."""
        if not self._proxies:
            return endpoint.listen(guard)
        inFront = partial(ProxiedFactory, networks=self._proxies, clock=self._reactor)
        if isinstance(endpoint, RenewableTLSEndpoint):
            endpoint.inFront = inFront
            return endpoint.listen(guard)
        return endpoint.listen(inFront(guard))


class DatagramService(ListeningService):
    """Serves a datagram protocol.

    @param protocol: a C{DatagramProtocol}; its C{clock} is set if it has one, and
        it may say its C{maxPacketSize}.
    """

    def __init__(
        self, name: str, protocol: Any, descriptions: Sequence[str], *, reactor: Any
    ) -> None:
        super().__init__(name, descriptions, reactor)
        self.protocol = protocol
        self.metrics = getattr(protocol, "metrics", None) or self.metrics
        takeClock(protocol, reactor)

    def _listen(self, description: str) -> None:
        where = datagramListen(description)
        largest = getattr(self.protocol, "maxPacketSize", 65535)
        if where.inherited:
            with inheritedSocket(where.inherited) as inherited:
                port = self._reactor.adoptDatagramPort(
                    inherited.fileno(), inherited.family, self.protocol, largest
                )
        else:
            port = self._reactor.listenUDP(
                where.port, self.protocol, where.interface, largest
            )
        self.ports.append(port)


def takeClock(holder: Any, reactor: Any) -> None:
    """Give a factory or protocol the time, if it asks for it and has none."""
    if getattr(holder, "clock", reactor) is None:
        holder.clock = reactor


def serveStreams(
    name: str, factory: Any, options: Any, reactor: Any = None
) -> IService:
    """A service of streams, from parsed L{protocols.options.ListenOptions}."""
    reactor = theReactor() if reactor is None else reactor
    if isFirst(options):
        workers = serveWorkers(name, options, reactor, streams=options["listen"])
        return withProcess(workers, options, reactor)
    service = StreamService(
        name,
        factory,
        options["listen"],
        reactor=reactor,
        limits=options.limits,
        drainTimeout=options["drain-timeout"],
        proxies=options.proxies,
    )
    return withProcess(service, options, reactor)


def serveDatagrams(
    name: str, protocol: Any, options: Any, reactor: Any = None
) -> IService:
    """A service of datagrams, from L{protocols.options.DatagramOptions}."""
    reactor = theReactor() if reactor is None else reactor
    if isFirst(options):
        workers = serveWorkers(name, options, reactor, datagrams=options["listen"])
        return withProcess(workers, options, reactor)
    service = DatagramService(name, protocol, options["listen"], reactor=reactor)
    return withProcess(service, options, reactor)


def withProcess(service: Service, options: Any, reactor: Any) -> IService:
    """A service with what belongs to its process: log, signals, systemd."""
    together = MultiService()
    together.setName(f"{service.name} and its process")
    worker = getattr(options, "worker", None)
    if worker is not None:
        worker.processService(reactor).setServiceParent(together)
    else:
        if options["log-json"]:
            LogFileService(options["log-json"], reactor).setServiceParent(together)
        ProcessService(reactor).setServiceParent(together)
    service.setServiceParent(together)
    return together


def isFirst(options: Any) -> bool:
    """Whether this is the process that only looks after those who serve."""
    return options.get("workers", 1) > 1 and options.worker is None


def theReactor() -> Any:
    """The reactor of the process."""
    from twisted.internet import reactor

    return reactor
