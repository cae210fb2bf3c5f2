"""What a protocol of lines does while its peer does not read."""

from __future__ import annotations

WAITING, UNREAD, PAUSED, CLOSING = 1, 2, 4, 8
"""The reasons to hold: a hook, the peer, the protocol itself, the end."""


class LinePressure:
    """The part of L{protocols.lines.LineProtocol} that is a producer."""

    _hold = 0

    def pauseProducing(self) -> None:
        """The peer does not read: say no more, and so hear no more."""
        self._hold |= UNREAD

    def resumeProducing(self) -> None:
        """The peer has read what was written."""
        self._release(UNREAD)

    def stopProducing(self) -> None:
        """C{connectionLost} follows."""

    def writeConnectionLost(self) -> None:
        """Our own half-close is done; the peer may go on sending."""

    def _release(self, reason: int) -> None:
        """The protocol's own."""
        raise NotImplementedError
