"""How a message comes in after DATA: its pace, its end, its delivery."""

from __future__ import annotations

from typing import Any

from protocols.hooks import Hooked, waitFor
from protocols.smtp import replies
from protocols.smtp.body import Body
from protocols.smtp.interfaces import Envelope, Message
from protocols.smtp.policy import DATA_TIMEOUT, MIN_RATE, RATE_WINDOW
from protocols.smtp.replies import Reply

# A message that is too large is taken to its end all the same, so that its rest
# is not read as commands (RFC 1870, section 6.3); up to so many times the limit,
# and these octets at least.
_PATIENCE = 2
_AT_LEAST = 1 << 20

# A fault, and how a message with it is refused; the first that is there counts.
_REFUSALS = (
    ("size", replies.MESSAGE_TOO_LARGE),
    ("storage", replies.NO_ROOM),
    ("bare-cr", replies.BAD_LINE_ENDS),
    ("bare-lf", replies.BAD_LINE_ENDS),
    ("long-line", replies.TEXT_LINE_TOO_LONG),
)
_REFUSED_ALWAYS = frozenset(("size", "storage"))


def refusalOf(faults: set[str], *, strict: bool) -> Reply | None:
    """How a message with these faults is refused; C{None} if it is taken."""
    for fault, reply in _REFUSALS:
        if fault in faults and (strict or fault in _REFUSED_ALWAYS):
            return reply
    return None


def _closing(result: object, message: Message) -> object:
    message.close()
    return result


class Receiving:
    """The part of the protocol that receives the text of a message."""

    _body: Body | None = None
    _taken = 0
    _takenBefore = 0
    _windows = 0

    @property
    def receiving(self) -> bool:
        """Whether a message is coming in."""
        return self._body is not None

    def beginBody(self: Any) -> None:
        """DATA was accepted."""
        self._body = Body(self.policy.maxSize, self.policy.maxTextLine)
        self._taken = self._takenBefore = self._windows = 0
        self.reply(replies.GO_AHEAD)
        self.setRawMode()
        self.setTimeout(RATE_WINDOW)

    def rawDataReceived(self: Any, data: bytes) -> Hooked:
        """Octets of the message, and perhaps of commands behind it."""
        self._taken += len(data)
        rest = self._body.feed(data)
        if rest is None:
            if self._taken > max(_AT_LEAST, _PATIENCE * self.policy.maxSize):
                self.leave(replies.ENDLESS)
            return None
        body, self._body = self._body, None
        self.setTimeout(self.lineTimeout)
        self.setLineMode(rest)
        hooked: Hooked = self.bodyReceived(body)
        return hooked

    def bodyReceived(self: Any, body: Body) -> Hooked:
        """The whole message is there: one reply, whatever it is."""
        envelope = Envelope(
            self.transaction.sender,
            tuple(self.transaction.recipients),
            self.session.peer,
            self.session.helo,
            self.transaction.parameters,
            0.0 if self.factory.clock is None else self.factory.clock.seconds(),
        )
        self.transaction.reset()
        body.flush()
        refusal = refusalOf(body.faults, strict=self.policy.isStrict)
        if refusal is not None:
            body.close()
            self.reply(refusal)
            return None
        lint = frozenset(body.faults)
        hooked: Hooked = self.handOver(
            Message(envelope, body.finished(), size=body.size, lint=lint)
        )
        return hooked

    def handOver(self: Any, message: Message) -> Hooked:
        """Ask the delivery; the message is closed when it has answered."""
        hook = self.factory.delivery.messageReceived
        try:
            hooked: Hooked = self.ask(hook, (message,), replies.OK, self.mailTaken)
        except BaseException:
            message.close()
            raise
        if hooked is None:
            message.close()
            return None
        return waitFor(hooked).addBoth(_closing, message)

    def giveUp(self) -> None:
        """The connection is gone: what has come of a message is no message."""
        if self._body is not None:
            self._body.close()

    def keepsPace(self: Any) -> bool:
        """Whether the message comes fast enough to go on; asked each window."""
        came, self._takenBefore = self._taken - self._takenBefore, self._taken
        self._windows += 1
        if not self.receiving or came < MIN_RATE * RATE_WINDOW:
            return False
        if self._windows * RATE_WINDOW >= DATA_TIMEOUT:
            return False
        self.setTimeout(RATE_WINDOW)
        return True
