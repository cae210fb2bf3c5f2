"""The guard at the door: how many connections, for how long, from whom.

It stands at the door and not in the corridor. When the kernel can tell how much
has gone over a connection and when (L{protocols.kernel}), the L{Guard} hands the
real transport to the protocol that it guards and steps aside: from then on no
octet passes through it, and only the end of the connection comes back to it.
Where the kernel can't tell (UNIX sockets, other systems, string transports) the
guard stays between the two as a plain wrapper that counts.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall
from twisted.logger import Logger
from twisted.protocols.policies import WrappingFactory

from protocols.admission import Admission
from protocols.guarded import Guard
from protocols.limits import Limits
from protocols.metrics import Metrics
from protocols.refusal import Refusal
from protocols.wheel import TICK, DeadlineWheel

__all__ = ["Guard", "GuardFactory", "Limits"]

# A drain looks so often whether a connection has fallen quiet, in seconds: a
# tenth of the silence that it looks for.
DRAIN_TICK = 0.05

# Refused connections that may be waiting at the same time for their last word
# to be read; one more is aborted without a word.
MAX_REFUSALS = 100


class GuardFactory(WrappingFactory):
    """Guards the connections of a factory.

    @param factory: what builds the protocols; it may have C{lastWord}.
    @param limits: L{Limits}; may be replaced while connections are open.
    @param name: of the service, for log events.
    @param metrics: counts C{accepted}, C{refused.REASON}, C{timedOut.REASON},
        C{bytesIn}, C{bytesOut}, C{errors}; gauge C{open}.
    @param clock: an C{IReactorTime}.
    @param admission: who is in; to be shared by the listeners of one service.
    """

    noisy = False
    log = Logger()

    def __init__(
        self,
        factory: Any,
        limits: Limits,
        *,
        clock: Any,
        name: str = "stream",
        metrics: Metrics | None = None,
        admission: Admission | None = None,
    ) -> None:
        super().__init__(factory)
        self.name = name
        self.clock = clock
        self.limits = limits
        self.metrics = Metrics() if metrics is None else metrics
        self.guards: dict[Guard, None] = {}
        self.refusals: set[Refusal] = set()
        self.draining = False
        self._admission = Admission(limits) if admission is None else admission
        self._wheel: DeadlineWheel[Guard] = DeadlineWheel()
        self._timer: IDelayedCall | None = None
        self._emptied: list[Deferred[None]] = []

    def setLimits(self, limits: Limits) -> None:
        """Go by C{limits} from now on.

        The deadlines of connections that are open are looked at anew at once.
        """
        self.limits = limits
        self._admission.setLimits(limits)
        for guard in self.guards:
            self._wheel.put(guard, self.clock.seconds())
        self._wind()

    # Coming in

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A guarded protocol, or one that says why there is none."""
        host = str(getattr(addr, "host", "") or "")
        reason = self._refusalOf(host)
        if reason is not None:
            return self._refuse(reason)
        wrapped = self.wrappedFactory.buildProtocol(addr)
        if wrapped is None:
            return self._refuse("factory")
        return Guard(self, wrapped, host)

    def _refusalOf(self, host: str) -> str | None:
        if self.draining:
            return "draining"
        return self._admission.refusal(host, self.clock.seconds())

    def _refuse(self, reason: str) -> Refusal:
        self.metrics.count(f"refused.{reason}")
        return Refusal(self._lastWord(reason), self.clock, self.refusals)

    def _lastWord(self, reason: str) -> bytes:
        if len(self.refusals) >= MAX_REFUSALS:
            return b""
        lastWord = getattr(self.wrappedFactory, "lastWord", None)
        try:
            return b"" if lastWord is None else bytes(lastWord(reason))
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.log.failure("lastWord of a factory failed")
            return b""

    def entered(self, guard: Guard) -> None:
        """C{guard} has its transport."""
        self._admission.enter(guard.host)
        self.guards[guard] = None
        self.metrics.count("accepted")
        self.metrics.gauge("open", 1)
        self._look(guard, self.clock.seconds())

    # Going out

    def left(self, guard: Guard, *, reason: str, **facts: float) -> None:
        """C{guard}'s connection has ended; its one log event is this."""
        self._admission.leave(guard.host)
        self.guards.pop(guard, None)
        self._wheel.remove(guard)
        self.metrics.gauge("open", -1)
        if reason == "error":
            self.metrics.count("errors")
        self.log.info(
            "{service}: {peer} ended after {seconds:.3f} s ({reason}), "
            "{bytesIn} octets in, {bytesOut} out",
            event="connectionEnded",
            service=self.name,
            peer=guard.host or "local",
            reason=reason,
            **facts,
        )
        if not self.guards:
            self._callEmptied()

    def drain(self) -> Deferred[None]:
        """Let everybody finish; fires when nobody is left.

        Who comes now is refused. A protocol with C{drainRequested} ends in its
        own way; any other is closed once nothing has come or gone for half a
        second. For those that take too long there is L{abort}.
        """
        self.draining = True
        emptied: Deferred[None] = Deferred()
        self._emptied.append(emptied)
        for guard in list(self.guards):
            guard.drain()
        if self.guards:
            self.clock.callLater(DRAIN_TICK, self._drainQuiet)
        else:
            self._callEmptied()
        return emptied

    def abort(self) -> None:
        """End all connections at once."""
        for guard in list(self.guards):
            guard.abort()
        for refusal in list(self.refusals):
            refusal.abort()

    def _drainQuiet(self) -> None:
        for guard in list(self.guards):
            guard.closeIfQuiet()
        if self.guards:
            self.clock.callLater(DRAIN_TICK, self._drainQuiet)

    def _callEmptied(self) -> None:
        if self.draining and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        emptied, self._emptied = self._emptied, []
        for deferred in emptied:
            deferred.callback(None)

    # Watching

    def settle(self) -> None:
        """Count the octets of connections that are still open."""
        for guard in self.guards:
            guard.settle()

    def _look(self, guard: Guard, now: float) -> None:
        due = guard.nextDeadline(now)
        if due is not None and guard in self.guards:
            self._wheel.put(guard, due)
            self._wind()

    def _wind(self) -> None:
        if self._timer is None and self._wheel:
            self._timer = self.clock.callLater(TICK, self._turn)

    def _turn(self) -> None:
        self._timer = None
        now = self.clock.seconds()
        for guard in self._wheel.turn(now):
            self._look(guard, now)
        self._wind()
