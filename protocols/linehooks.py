"""What a protocol of lines is told: the hooks that a user overrides."""

from __future__ import annotations

from typing import ClassVar

from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.hooks import Hooked


class LineHooks:
    """The part of L{protocols.lines.LineProtocol} that is there to be overridden.

    None of them owes a C{super()} call.
    """

    log: ClassVar[Logger]

    def lineReceived(self, line: bytes) -> Hooked:
        """A line has come; C{line} is without its delimiter."""
        raise NotImplementedError

    def linesReceived(self, lines: list[bytes]) -> int:
        """Lines have come in one chunk, and may be taken together.

        Who has many lines under way sends them so; what has to be done once for
        all of them, and not for each, costs next to nothing then. It is asked
        once for a chunk, before L{lineReceived} gets any of it.

        @param lines: two or more, none longer than C{maxLength}.
        @return: how many of them have been taken, from the first one on; the others
            go to L{lineReceived}, as all do by default. Should it raise, it must
            have taken none.
        """
        return 0

    def rawDataReceived(self, data: bytes) -> Hooked:
        """One or more octets have come in raw mode."""
        raise NotImplementedError

    def lineLengthExceeded(self, length: int) -> Hooked:
        """A line is longer than C{maxLength}: said once for each such line.

        @param length: the octets seen when the limit was found passed. The
            rest of the line is dropped as it comes.
        """
        self.loseConnection()
        return None

    def hookFailed(self, failure: Failure) -> None:
        """A hook raised, or what it returned failed: log, lose the connection."""
        self.log.failure("A hook of {who!r} failed", failure, who=type(self))
        self.loseConnection()

    def inputEnded(self) -> None:
        """The peer has sent FIN, and all that came before it is handled."""
        self.loseConnection()

    def loseConnection(self) -> None:
        """The protocol's own."""
        raise NotImplementedError
