"""One guarded connection: it steps aside when it can, and watches the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from twisted.internet.error import (
    ConnectionAborted,
    ConnectionClosed,
    ConnectionDone,
)
from twisted.internet.interfaces import IHalfCloseableProtocol, IProtocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure
from zope.interface import alsoProvides

from protocols.immediate import sendAtOnce
from protocols.kernel import Stats, queuedInput, readStats, socketTransport, tune

if TYPE_CHECKING:
    from protocols.guard import GuardFactory

# Seconds that a connection has to say its last word and close after its time is
# up; then it is aborted.
CLOSING_TIME = 5.0

# Seconds without an octet, and none waiting to be read, after which a draining
# server takes what a connection had to do for done.
QUIET = 0.5

_REASONS = (
    (ConnectionDone, "closed"),
    (ConnectionAborted, "aborted"),
    (ConnectionClosed, "lost"),
)


def reasonOf(failure: Failure) -> str:
    """C{closed}, C{aborted}, C{lost}, C{tls}, or C{error}: an exception of ours."""
    for kind, name in _REASONS:
        if failure.check(kind):
            return name
    return "tls" if str(failure.type.__module__).startswith("OpenSSL") else "error"


class Guard(ProtocolWrapper):
    """What a listener holds of one connection.

    @ivar reason: why we ended it (C{idle}, C{lifetime}, C{drain}), else empty.
    """

    factory: Any
    transport: Any
    reason = ""
    _socketTransport: Any = None
    _lastActive: float | None = None
    _bytesIn = _bytesOut = 0
    _settled = (0, 0)

    def __init__(self, factory: GuardFactory, wrapped: IProtocol, host: str) -> None:
        super().__init__(cast(Any, factory), wrapped)
        self.host = host
        self._started = factory.clock.seconds()

    # The beginning

    def makeConnection(self, transport: Any) -> None:
        """Count the connection in, and hand the transport over if possible."""
        self.transport = transport
        aside = self._stepAside(transport)
        self.factory.entered(self)
        if aside:
            self.wrappedProtocol.makeConnection(transport)
        else:
            super().makeConnection(transport)
            if IHalfCloseableProtocol.providedBy(self.wrappedProtocol):
                alsoProvides(self, IHalfCloseableProtocol)

    def _stepAside(self, transport: Any) -> bool:
        inner = socketTransport(transport)
        if inner is None:
            return False
        tune(inner.socket)
        sendAtOnce(inner)
        place = _placeOf(self, transport)
        if place is None or readStats(inner.socket) is None:
            return False
        setattr(transport, place, self.wrappedProtocol)
        self._socketTransport = inner
        inner.connectionLost = self
        return True

    # As a plain wrapper

    def dataReceived(self, data: bytes) -> None:
        """Count, and pass on."""
        self._bytesIn += len(data)
        self._lastActive = self.factory.clock.seconds()
        super().dataReceived(data)

    def write(self, data: bytes) -> None:
        """Count, and pass on."""
        self._bytesOut += len(data)
        self._lastActive = self.factory.clock.seconds()
        super().write(data)

    def writeSequence(self, data: Any) -> None:
        """Count, and pass on."""
        self.write(b"".join(data))

    def readConnectionLost(self) -> None:
        """FIN, for a protocol that wants to know."""
        self.wrappedProtocol.readConnectionLost()  # type: ignore[attr-defined]

    def writeConnectionLost(self) -> None:
        """The end of our half-close, likewise."""
        self.wrappedProtocol.writeConnectionLost()  # type: ignore[attr-defined]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The end of a wrapped connection."""
        self._ended(reason)
        super().connectionLost(reason)

    def __call__(self, reason: Failure) -> None:
        """The end of the others: asked of the socket while it is still open.

        The guard stands in place of the transport's C{connectionLost}: a method of it
        would be 64 octets more for each connection.
        """
        inner, self._socketTransport = self._socketTransport, None
        del inner.connectionLost
        self._ended(reason, readStats(inner.socket))
        inner.connectionLost(reason)

    # Watching

    def stats(self) -> Stats:
        """What has gone over the connection, from the kernel or our own count."""
        inner = self._socketTransport
        known = readStats(inner.socket) if inner is not None else None
        if known is not None:
            return known
        last = self._started if self._lastActive is None else self._lastActive
        idle = self.factory.clock.seconds() - last
        return Stats(self._bytesIn, self._bytesOut, idle)

    def settle(self, stats: Stats | None = None) -> None:
        """Bring the listener's byte counters up to date."""
        stats = stats or self.stats()
        bytesIn, bytesOut = self._settled
        self._settled = stats.bytesIn, stats.bytesOut
        self.factory.metrics.count("bytesIn", stats.bytesIn - bytesIn)
        self.factory.metrics.count("bytesOut", stats.bytesOut - bytesOut)

    def nextDeadline(self, now: float) -> float | None:
        """End the connection if its time is up, else say when to look again.

        @return: seconds on the factory's clock; C{None} for a connection
            without any limit of time.
        """
        if self.reason:
            self.transport.abortConnection()
            return None
        limits = self.factory.limits
        dues: dict[str, float] = {}
        if limits.idleTimeout:
            idle = min(self.stats().idle, now - self._started)
            dues["idle"] = now - idle + limits.idleTimeout
        if limits.lifetime:
            dues["lifetime"] = self._started + limits.lifetime
        reason = min(dues, key=dues.__getitem__, default="")
        if not reason:
            return None
        if dues[reason] <= now:
            self.timeOut(reason)
            return now + CLOSING_TIME
        return dues[reason]

    def timeOut(self, reason: str) -> None:
        """End the connection because of a limit; the protocol may say so."""
        self.reason = reason
        self.factory.metrics.count(f"timedOut.{reason}")
        self._ask("idledOut")

    def drain(self) -> None:
        """The server is stopping: let the protocol end in its own way, if any."""
        if hasattr(self.wrappedProtocol, "drainRequested"):
            self._ask("drainRequested")
        else:
            self.closeIfQuiet()

    def closeIfQuiet(self) -> None:
        """While draining, close a connection on which nothing happens."""
        if self.reason or hasattr(self.wrappedProtocol, "drainRequested"):
            return
        if self.stats().idle >= QUIET and not self._inputQueued():
            self.reason = "drain"
            self._ask("loseConnection")

    def abort(self) -> None:
        """End at once; what was not sent yet is lost."""
        self.transport.abortConnection()

    def _inputQueued(self) -> bool:
        inner = self._socketTransport or socketTransport(self.transport)
        return inner is not None and queuedInput(inner.socket) > 0

    def _ask(self, hook: str) -> None:
        """Call a hook of the protocol, or close in its place."""
        close = self.transport.loseConnection
        close = getattr(self.wrappedProtocol, "loseConnection", close)
        try:
            getattr(self.wrappedProtocol, hook, close)()
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.factory.log.failure("{hook} of a protocol failed", hook=hook)
            self.transport.abortConnection()

    def _ended(self, failure: Failure, stats: Stats | None = None) -> None:
        self.settle(stats or self.stats())
        bytesIn, bytesOut = self._settled
        seconds = self.factory.clock.seconds() - self._started
        self.factory.left(
            self,
            reason=self.reason or reasonOf(failure),
            seconds=seconds,
            bytesIn=bytesIn,
            bytesOut=bytesOut,
        )


def _placeOf(guard: Guard, transport: Any) -> str | None:
    """The attribute under which C{transport} keeps its protocol, if it is known.

    TCP transports call it C{protocol}; TLS and PROXY, which wrap another
    transport and are a protocol themselves, C{wrappedProtocol}.
    """
    for name in ("wrappedProtocol", "protocol"):
        if getattr(transport, name, None) is guard:
            return name
    return None
