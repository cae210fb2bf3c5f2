"""Where endpoint, guard, factory and metrics meet, and how all that stops."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from twisted.application.service import IService, MultiService, Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.admission import Admission
from protocols.guard import GuardFactory
from protocols.limits import Limits
from protocols.listening import datagramListen, inheritedSocket, streamEndpoint
from protocols.logfile import LogFileService
from protocols.metrics import Metrics, PartMetrics
from protocols.options import DRAIN_TIMEOUT
from protocols.process import ProcessService
from protocols.proxied import ProxiedFactory
from protocols.tls import RenewableTLSEndpoint

# After the drain's time is up connections are aborted, which takes the reactor a
# turn or two; whatever has not ended then, in seconds, is not waited for.
ABORT_TIME = 1.0

DEFAULT_LIMITS = Limits()


class CannotServeError(SystemExit):
    """A service can't listen where it should.

    A C{SystemExit}, because that is how C{twistd} takes it: one line on standard
    error, status 1, and no traceback.

    @ivar service: the service's name.
    @ivar description: where it should have listened.
    @ivar reason: why it can't.
    """

    def __init__(self, service: str, description: str, reason: str) -> None:
        super().__init__(f"{service}: can't listen on {description}: {reason}")
        self.service = service
        self.description = description
        self.reason = reason


def reasonNot(error: CannotListenError) -> str:
    """Why a port can't be had, naming the port and the option to change it."""
    where = f"port {error.port}" if isinstance(error.port, int) else str(error.port)
    why = getattr(error.socketError, "strerror", None) or error.socketError
    return f"{where}: {why}; choose another with --listen"


class ListeningService(Service):
    """A service that listens, and drains when it stops.

    @ivar metrics: what it counts.
    @ivar descriptions: where it listens, as it was told.
    @ivar ports: the C{IListeningPort}s, once it listens, in the same order.
    """

    log = Logger()
    name: str

    def __init__(self, name: str, descriptions: Sequence[str], reactor: Any) -> None:
        self.setName(name)
        self.metrics = Metrics()
        self.ports: list[Any] = []
        self.descriptions = list(descriptions)
        self._reactor = reactor

    def privilegedStartService(self) -> None:
        """Listen now, while we may still take a port below 1024."""
        super().privilegedStartService()
        self._listenOnAll()

    def startService(self) -> None:
        """Listen, unless we do."""
        super().startService()
        self._listenOnAll()

    def stopService(self) -> Deferred[Any]:
        """Stop to listen; fires when that is done."""
        super().stopService()
        ports, self.ports = self.ports, []
        return DeferredList([maybeDeferred(port.stopListening) for port in ports])

    def snapshot(self) -> dict[str, object]:
        """A plain copy of the metrics."""
        return self.metrics.snapshot()

    def _listenOnAll(self) -> None:
        if self.ports:
            return
        for description in self.descriptions:
            try:
                self._listen(description)
            except CannotListenError as error:
                self.stopService()
                raise CannotServeError(
                    self.name, description, reasonNot(error)
                ) from None

    def _listen(self, description: str) -> None:
        raise NotImplementedError


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
    reactor = _theReactor() if reactor is None else reactor
    service = StreamService(
        name,
        factory,
        options["listen"],
        reactor=reactor,
        limits=options.limits,
        drainTimeout=options["drain-timeout"],
        proxies=options.proxies,
    )
    return _withProcess(service, options, reactor)


def serveDatagrams(
    name: str, protocol: Any, options: Any, reactor: Any = None
) -> IService:
    """A service of datagrams, from L{protocols.options.DatagramOptions}."""
    reactor = _theReactor() if reactor is None else reactor
    service = DatagramService(name, protocol, options["listen"], reactor=reactor)
    return _withProcess(service, options, reactor)


def _withProcess(service: Service, options: Any, reactor: Any) -> IService:
    together = MultiService()
    together.setName(f"{service.name} and its process")
    if options["log-json"]:
        LogFileService(options["log-json"], reactor).setServiceParent(together)
    ProcessService(reactor).setServiceParent(together)
    service.setServiceParent(together)
    return together


def _theReactor() -> Any:
    from twisted.internet import reactor

    return reactor
