"""A mail receiver: the server's side of SMTP (RFC 5321)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from twisted.internet.protocol import Factory, connectionDone
from twisted.python.failure import Failure

from protocols.hooks import Hooked, waitFor
from protocols.lines import LineProtocol
from protocols.smtp import replies
from protocols.smtp.commands import (
    COMMANDS,
    FOLLOWED_BY_DATA,
    NOT_MAIL,
    NOT_OFFERED,
    Command,
    mistakeIn,
)
from protocols.smtp.interfaces import (
    IConnectPolicy,
    IRecipientPolicy,
    ISenderPolicy,
    Session,
    SMTPError,
)
from protocols.smtp.policy import (
    COMMAND_TIMEOUT,
    MAX_ERRORS,
    MAX_EXTENDED_COMMAND,
    MAX_JUNK,
    MAX_SKIPPED,
    Policy,
)
from protocols.smtp.receiving import Receiving
from protocols.smtp.replies import Reply
from protocols.smtp.transaction import Transaction


class SMTPProtocol(Receiving, LineProtocol):
    """Receives mail (RFC 5321), and gives it to its factory's delivery.

    To decide about mail needs no subclass: see L{protocols.smtp.interfaces}. A
    subclass adds commands (C{commands}) and EHLO keywords (C{keywords}), or says
    another greeting.

    @cvar commands: what each verb does; a subclass extends it with L{Command}s.
    @ivar session: who the client is.
    @ivar transaction: how far it has come.
    """

    maxLength = MAX_EXTENDED_COMMAND - 2
    maxSkipped = MAX_SKIPPED
    lineTimeout = COMMAND_TIMEOUT
    commands: ClassVar[dict[str, Command]] = COMMANDS
    factory: Any
    session: Session
    transaction: Transaction

    _verb = ""
    _errors = 0
    _junk = 0
    _draining = False

    # What a subclass may say otherwise

    def greeting(self) -> Reply:
        """The first reply (section 4.2.4)."""
        return Reply(220, f"{self.policy.hostname} ESMTP")

    def keywords(self) -> Sequence[str]:
        """What EHLO offers."""
        return (
            "PIPELINING",
            f"SIZE {self.policy.maxSize}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "HELP",
        )

    # For commands to call

    @property
    def policy(self) -> Policy:
        """The receiver's limits."""
        policy: Policy = self.factory.policy
        return policy

    def reply(self, reply: Reply) -> None:
        """Answer the command, or hang up on a client that makes only errors."""
        if reply.code >= 500:
            self._errors += 1
            if self._errors > MAX_ERRORS:
                self.leave(replies.TOO_MANY_ERRORS)
                return
        self._transport.write(reply.encode())
        if self._draining and not self._inHand:
            self.leave(replies.STOPPING)

    def leave(self, reply: Reply) -> None:
        """Say a last word and close; a 421 names the host (section 4.2.3)."""
        self._draining = False
        if reply.code == 421:
            reply = replace(reply, text=f"{self.policy.hostname} {reply.text}")
        self._transport.write(reply.encode())
        self.loseConnection()

    def ask(
        self,
        hook: Callable[..., Any],
        args: tuple[object, ...],
        usual: Reply,
        accepted: Callable[[], None] | None = None,
    ) -> Hooked:
        """Ask a policy or the delivery, and answer the command with what it says.

        @param usual: the reply when it says nothing.
        @param accepted: is called before a reply that is no error.
        """
        answer = hook(*args)
        if answer is None or isinstance(answer, Reply):
            self._answer(answer, usual, accepted)
            return None
        return waitFor(answer).addCallback(self._answer, usual, accepted)

    def greet(self, name: str, usual: Reply, *, extended: bool = False) -> Hooked:
        """HELO or EHLO has come."""
        self.session = Session(self.session.peer, name, extended)
        self.transaction.reset()
        hook = self.factory.validateClient
        return self.ask(hook, (self.session,), usual, self.transaction.greet)

    # What the floor calls

    def makeConnection(self, transport: Any) -> None:
        """Greet."""
        peer = transport.getPeer()
        self.session = Session(str(getattr(peer, "host", "") or ""))
        self.transaction = Transaction()
        super().makeConnection(transport)
        self.reply(self.greeting())

    def lineReceived(self, line: bytes) -> Hooked:
        """One command."""
        if b"\r" in line or b"\n" in line or b"\0" in line:
            self.reply(replies.BARE_LINE_END)
            return None
        try:
            verb, _, argument = line.decode().partition(" ")
        except UnicodeDecodeError:
            self.reply(replies.NOT_A_COMMAND)
            return None
        self._verb = verb.upper()
        command = self.commands.get(self._verb)
        if command is None:
            self._unknown(self._verb)
            return None
        argument = argument.strip(" ")
        refusal = command.refusal(argument, len(line) + 2)
        return self._run(command, argument, refusal)

    def lineLengthExceeded(self, length: int) -> None:
        """A command too long for any; the rest of it is dropped."""
        self.reply(replies.LINE_TOO_LONG)

    def hookFailed(self, failure: Failure) -> None:
        """Answer with what was raised if it is ours; say nothing of any other."""
        error = failure.value
        if isinstance(error, SMTPError):
            self.reply(error.reply)
        elif isinstance(error, Exception) and (reply := mistakeIn(self._verb, error)):
            self.reply(reply)
        else:
            self.log.failure("A hook of {who!r} failed", failure, who=type(self))
            self.reply(replies.TEMPORARY_FAILURE)

    def lineTimedOut(self) -> None:
        """No command, or not enough of a message, in time."""
        if not self.keepsPace():
            self.leave(replies.TOO_SLOW)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, perhaps in the middle of a message."""
        self.giveUp()

    def idledOut(self) -> None:
        """The guard's time is up."""
        self.leave(replies.TOO_SLOW)

    def drainRequested(self) -> None:
        """The server is stopping: finish the message in hand, if there is one."""
        self._draining = True
        if not (self.isWaiting or self._inHand):
            self.leave(replies.STOPPING)

    @property
    def _inHand(self) -> bool:
        """Whether a message is on its way, so that we stop behind it."""
        return self.receiving or self.transaction.isOpen

    def _run(self, command: Command, argument: str, refusal: Reply | None) -> Hooked:
        refusal = refusal or self.transaction.outOfOrder(self._verb)
        if refusal is not None:
            self.reply(refusal)
            return None
        if command.last and self.pipelined and self.policy.isStrict:
            self.leave(replies.NOT_YET_ASKED)
            return None
        self._junk += command.junk
        if self._junk > MAX_JUNK:
            self.leave(replies.TOO_MUCH_TALK)
            return None
        return command.run(self, argument)

    def _unknown(self, verb: str) -> None:
        if verb in NOT_MAIL:
            self.leave(replies.NOT_MAIL)
        elif not verb:
            self.reply(replies.NOT_A_COMMAND)
        elif verb in FOLLOWED_BY_DATA:
            self.leave(replies.NOT_OFFERED)
        else:
            known = verb in NOT_OFFERED
            self.reply(replies.NOT_OFFERED if known else self._unknownReply(verb))

    def _unknownReply(self, verb: str) -> Reply:
        """Words are commands that we do not know; anything else is none."""
        return replies.UNKNOWN_COMMAND if verb.isalnum() else replies.NOT_A_COMMAND

    def _answer(
        self, answer: Any, usual: Reply, accepted: Callable[[], None] | None
    ) -> None:
        reply = usual if answer is None else answer
        if accepted is not None and not reply.isError:
            accepted()
        self.reply(reply)

    def mailTaken(self) -> None:
        """A message was taken: the client is here for a reason."""
        self._junk = self._errors = 0


class SMTPFactory(Factory):
    """Makes L{SMTPProtocol}s that share a delivery and a policy.

    @param delivery: an L{protocols.smtp.interfaces.IDelivery}, perhaps with
        add-ons.
    @param clock: an C{IReactorTime}; set by the service if C{None}.
    @param policy: the receiver's limits; any of them may be given by its name
        instead, such as C{maxSize=1000}.
    """

    protocol = SMTPProtocol
    noisy = False

    def __init__(
        self,
        delivery: Any,
        *,
        clock: Any = None,
        policy: Policy | None = None,
        **limits: Any,
    ) -> None:
        self.delivery = delivery
        self.clock = clock
        self.policy = Policy(**limits) if policy is None else policy
        self.validateClient = _hook(IConnectPolicy, delivery, "validateClient")
        self.validateSender = _hook(ISenderPolicy, delivery, "validateSender")
        self.validateRecipient = _hook(IRecipientPolicy, delivery, "validateRecipient")

    def lastWord(self, reason: str) -> bytes:
        """What a client that can't be served is told (RFC 5321, section 3.8)."""
        if reason == "draining":
            return replies.STOPPING.encode()
        text = f"{self.policy.hostname} Too many connections; try again later"
        return Reply(421, text, "4.7.0").encode()

    def drained(self) -> Any:
        """The last connection has ended: the delivery may close."""
        return getattr(self.delivery, "close", lambda: None)()


def _hook(interface: Any, delivery: Any, name: str) -> Callable[..., Any]:
    """A method of an add-on, or one that never objects."""
    addOn = interface(delivery, None)
    return _fine if addOn is None else getattr(addOn, name)


def _fine(*args: object) -> None:
    return None
