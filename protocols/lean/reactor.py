"""The lean reactor: C{twistd --reactor=lean}."""

from __future__ import annotations

from twisted.logger import Logger
from twisted.python import context

try:
    from protocols.lean.listening import LeanListening
    from protocols.lean.polling import LeanPolling
except ImportError as error:  # pragma: no cover - not on Linux
    raise ImportError("the lean reactor needs epoll, which only Linux has") from error

_log = Logger()
_turnFailures = _log.failureHandler("Unexpected error in main loop.")

# The longest that a reactor sleeps, in seconds: as in Twisted, what epoll_wait can
# hold in milliseconds (2 ** 31 / 1000).
_LONGEST = 2147483


class LeanReactor(LeanPolling, LeanListening):
    """Twisted's epoll reactor, with transports that send once a turn."""

    def mainLoop(self) -> None:
        """Turn until the reactor is stopped."""
        context.call(self._logContext, self._turnUntilStopped)
        _log.info("Main loop terminated.")

    def _turnUntilStopped(self) -> None:
        while self._started:
            with _turnFailures:
                while self._started:
                    self._turn()

    def _turn(self) -> None:
        """Run what is due, if anything is, and then a round of polling."""
        timed = self._pendingTimedCalls
        timeout = timed[0].time - self.seconds() if timed else None
        if (
            self._newTimedCalls
            or self.written
            or self.threadCallQueue
            or self._justStopped
            or (timeout is not None and timeout <= 0)
        ):
            self.runUntilCurrent()
            timeout = self.timeout()
        elif timeout is not None:
            timeout = min(timeout, _LONGEST)
        self.round(timeout if self.running else 0)

    def discard(self) -> None:
        """Close what belongs to a reactor that will not run (again)."""
        for reader in list(self._internalReaders):
            self._removeInternalReader(reader)
            reader.connectionLost(None)
        self._poller.close()

    def runUntilCurrent(self) -> None:
        """Run what is due, and send what was written meanwhile."""
        super().runUntilCurrent()
        self.sendWritten()


class UnusableError(RuntimeError):
    """The lean reactor does not do what it should here; the message says what."""


def install() -> None:
    """Make it the reactor of this process.

    @raise UnusableError: L{protocols.lean.selfcheck} has found a fault.
    @raise twisted.internet.error.ReactorAlreadyInstalledError: there is one.
    """
    from twisted.internet.main import installReactor

    from protocols.lean.selfcheck import fault

    found = fault()
    if found:
        raise UnusableError(f"the lean reactor can not be used: {found}")
    installReactor(LeanReactor())
