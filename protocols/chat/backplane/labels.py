"""Answers that wait for what was said to come back from the bus. Wire.

What somebody says has no number until then, so neither has its echo; but it belongs
into the answer to a label (IRCv3's labeled-response).
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TookTooLongError
from twisted.python.failure import Failure

from protocols.chat.events import Posting
from protocols.chat.irc.protocol import IRCProtocol
from protocols.chat.irc.wire import Message
from protocols.hooks import Hooked, waitFor

# Seconds that an answer waits: without the backplane what is said is told after 2;
# a client whose words did not fit into the spool has its ACK then.
ECHO_WAIT = 5.0


class Labelled(IRCProtocol):
    """A client whose labelled words are answered with their echo.

    @ivar awaited: the serials of what it has said under a label, and wants to see.
    """

    awaited: frozenset[int] = frozenset()
    _echoed: Deferred[None] | None = None

    def send(self, line: bytes) -> None:
        """See L{IRCProtocol.send}; a draft is nothing to be sent."""
        if line:
            super().send(line)

    def awaitEcho(self, serial: int) -> None:
        """The client has said something; under a label, its answer waits for it."""
        if self._collected is not None and self.has("echo-message"):
            self.awaited |= {serial}

    def cameBack(self, serial: int, posting: Posting) -> None:
        """It has come back."""
        self.awaited -= {serial}
        self.send(self.dialect.write(posting))
        if not self.awaited and self._echoed is not None:
            echoed, self._echoed = self._echoed, None
            echoed.callback(None)

    def _run(self, message: Message) -> Hooked:
        done = super()._run(message)
        if done is None:
            return self._untilEchoed(None) if self.awaited else None
        return waitFor(done).addCallback(self._untilEchoed)

    def _untilEchoed(self, result: object) -> Hooked:
        if not self.awaited:
            return None
        echoed = self._echoed = Deferred()
        echoed.addTimeout(ECHO_WAIT, self.factory.clock)
        return echoed.addErrback(self._notEchoed)

    def _notEchoed(self, failure: Failure) -> None:
        """It is told like all else, should it come back."""
        failure.trap(TookTooLongError)
        self.awaited, self._echoed = frozenset(), None
