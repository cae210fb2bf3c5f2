"""A service that listens: what streams and datagrams have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from protocols.metrics import Metrics

# After the drain's time is up connections are aborted, which takes the reactor a
# turn or two; whatever has not ended then, in seconds, is not waited for.
ABORT_TIME = 1.0


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
