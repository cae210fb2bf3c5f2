"""How a message comes in, behind DATA or in chunks: its pace, its end, its fate."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from protocols.hooks import Hooked, waitFor
from protocols.smtp import replies
from protocols.smtp.body import Body
from protocols.smtp.content import Content
from protocols.smtp.interfaces import SMTPError
from protocols.smtp.message import Envelope, Message
from protocols.smtp.policy import DATA_TIMEOUT, MIN_RATE, RATE_WINDOW
from protocols.smtp.replies import Reply
from protocols.smtp.transaction import NO_PARAMETERS

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
    """The part of the protocol that receives the content of a message.

    @ivar content: what has come of it; C{None} without one.
    @ivar receiving: whether octets that come belong to a message.
    """

    content: Content | None = None
    receiving = False
    _refused: Reply | None = None
    _taken = 0
    _takenBefore = 0
    _windows = 0
    _isPaced = False

    def envelope(self: Any) -> Envelope:
        """The envelope of the message that is coming, now."""
        session, transaction = self.session, self.transaction
        parameters = transaction.recipientParameters
        said = any(each is not NO_PARAMETERS for each in parameters)
        clock = self.factory.clock
        return Envelope(
            transaction.sender,
            tuple(transaction.recipients),
            session.peer,
            session.helo,
            transaction.parameters,
            0.0 if clock is None else clock.seconds(),
            tuple(parameters) if said else (),
            session.login,
            session.listener,
            session.protocol,
        )

    def beginContent(self: Any, content: Content) -> None:
        """A message begins to come."""
        self.content = content
        self._refused = None
        if self.factory.asked.observesContent:
            content.observed = []

    def beginBody(self: Any) -> Hooked:
        """DATA was said; its answer is 354 if nobody objects."""
        if not self.factory.asked.observesContent:
            self.reply(replies.GO_AHEAD)
            self._expectBody(None)
            return None
        hook = self.factory.asked.contentBegan
        args = (self.session, self.envelope())
        return self.ask(hook, args, replies.GO_AHEAD, self._expectBody)

    def _expectBody(self: Any, value: object) -> None:
        policy, isKept = self.policy, self.factory.asked.keepsContent
        self.beginContent(Body(policy.maxSize, policy.maxTextLine, isKept=isKept))
        self.expectOctets()

    def expectOctets(self: Any) -> None:
        """What comes next is content."""
        self.receiving = True
        self._taken = self._takenBefore = self._windows = 0
        self.setRawMode()

    def expectCommands(self: Any, rest: bytes) -> None:
        """The content has ended; C{rest} stands behind it."""
        self.receiving = False
        if self._isPaced:
            self._isPaced = False
            self.setTimeout(self.lineTimeout)
        else:
            self.resetTimeout()
        self.setLineMode(rest)

    def watchPace(self: Any) -> None:
        """From now on it has to come at some pace: it did not come at once.

        Most does, and to shorten a time limit costs Twisted a search through all.
        """
        if not self._isPaced:
            self._isPaced = True
            self.setTimeout(RATE_WINDOW)

    def rawDataReceived(self: Any, data: bytes) -> Hooked:
        """Octets of the message, and perhaps of commands behind it."""
        self._taken += len(data)
        if self.chunk is not None:
            return self.chunkReceived(data)
        body = self.content
        rest = body.feed(data)
        shown = self.show(body)
        if rest is None:
            self.watchPace()
            self.checkPatience()
            return shown
        self.expectCommands(rest)
        return self.finish() if shown is None else self.finishAfter(shown)

    def checkPatience(self: Any) -> None:
        """Hang up on a message that goes on and on after it was refused."""
        if self._taken > max(_AT_LEAST, _PATIENCE * self.policy.maxSize):
            self.leave(replies.ENDLESS)

    def show(self: Any, content: Content) -> Coroutine[Any, Any, None] | None:
        """Let whoever observes the content see what has come of it."""
        pieces = content.observed
        if not pieces:
            return None
        piece = b"".join(pieces)
        pieces.clear()
        return self._show(content, piece)

    async def _show(self: Any, content: Content, piece: bytes) -> None:
        refusal = await self.objection(
            self.factory.asked.chunkReceived, self.session, piece
        )
        if refusal is not None:
            self._refused = self._refused or refusal
            content.drop("refused")
            content.observed = None

    async def objection(self: Any, hook: Any, *args: object) -> Reply | None:
        """Ask a hook whose answer is told later; the refusal, if it is one."""
        try:
            answer = hook(*args)
            if hasattr(answer, "__await__"):
                answer = await answer
        except SMTPError as error:
            return error.reply
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.log.failure("A hook of {who!r} failed", who=type(self))
            return replies.TEMPORARY_FAILURE
        return answer if isinstance(answer, Reply) and answer.isError else None

    async def finishAfter(self: Any, shown: Any) -> None:
        """The whole message is there, and somebody still looks at its end."""
        await shown
        hooked = self.finish()
        if hooked is not None:
            await waitFor(hooked)

    def finish(self: Any) -> Hooked:
        """The whole message is there, whatever it is."""
        envelope, content = self.envelope(), self.content
        self.content = None
        lint, resolved = self.transaction.lint, tuple(self.transaction.resolved)
        self.transaction.reset()
        content.flush()
        binary = envelope.parameters.body == "BINARYMIME"
        strict = self.policy.isStrict and not binary
        refusal = self._refused or refusalOf(content.faults, strict=strict)
        if refusal is not None:
            content.close()
            self.refuse(refusal, envelope)
            return None
        lint = frozenset(content.faults | lint)
        file, size = content.finished(), content.size
        return self.handOver(
            Message(envelope, file, size=size, lint=lint, resolved=resolved)
        )

    def refuse(self: Any, refusal: Reply, envelope: Envelope) -> None:
        """Say that a message is refused: one reply, whatever was wrong."""
        self.reply(refusal)

    def handOver(self: Any, message: Message) -> Hooked:
        """Ask the delivery; the message is closed when it has answered."""
        hook = self.factory.delivery.messageReceived
        try:
            hooked: Hooked = self.ask(hook, (message,), replies.OK, self._accepted)
        except BaseException:
            message.close()
            raise
        if hooked is None:
            message.close()
            return None
        return waitFor(hooked).addBoth(_closing, message)

    def _accepted(self: Any, value: object) -> None:
        self.mailTaken()

    def giveUp(self) -> None:
        """What has come of a message is no message."""
        content, self.content = self.content, None
        if content is not None:
            content.close()

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
