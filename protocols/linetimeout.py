"""How long a peer may take to send a line."""

from __future__ import annotations

from typing import Any

from twisted.protocols.policies import TimeoutMixin


class LineTimeout(TimeoutMixin):
    """The part of L{protocols.lines.LineProtocol} that watches the time.

    @cvar lineTimeout: seconds in which the next whole line must come, or
        C{None}; the factory's C{clock} (an C{IReactorTime}) counts them. The
        time that a hook of ours takes is not the peer's.
    """

    lineTimeout: float | None = None
    factory: Any

    def lineTimedOut(self) -> None:
        """No whole line came within C{lineTimeout} seconds."""
        self.loseConnection()

    def loseConnection(self) -> None:
        """The protocol's own."""
        raise NotImplementedError

    @property
    def timeStands(self) -> bool:
        """Whether the peer waits for us, and not we for it."""
        raise NotImplementedError

    def callLater(self, period: float, function: Any) -> Any:
        """L{TimeoutMixin} counts on the factory's clock."""
        clock: Any = getattr(self.factory, "clock", None)
        if clock is None:
            raise RuntimeError("a time limit needs the factory's clock to be set")
        return clock.callLater(period, function)

    def timeoutConnection(self) -> None:
        """L{TimeoutMixin}'s event; it counts only while we are waiting."""
        if self.timeStands:
            self.setTimeout(self.lineTimeout)
        else:
            self.lineTimedOut()
