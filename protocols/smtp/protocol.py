"""A mail receiver: the server's side of SMTP (RFC 5321)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from sys import intern
from typing import Any, ClassVar

from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.hooks import Hooked
from protocols.lines import LineProtocol
from protocols.smtp import replies
from protocols.smtp.answering import Answering
from protocols.smtp.chunking import Chunking
from protocols.smtp.commands import (
    COMMANDS,
    FOLLOWED_BY_DATA,
    NOT_ALLOWED,
    NOT_MAIL,
    NOT_OFFERED,
    Command,
    mistakeIn,
)
from protocols.smtp.extension import Extension, commandsOf
from protocols.smtp.extensions import STANDARD
from protocols.smtp.interfaces import SMTPError
from protocols.smtp.message import Session
from protocols.smtp.policy import (
    COMMAND_TIMEOUT,
    MAX_AUTH_LINE,
    MAX_COMMAND,
    MAX_JUNK,
    MAX_SKIPPED,
)
from protocols.smtp.receiving import Receiving
from protocols.smtp.replies import Reply
from protocols.smtp.securing import Securing
from protocols.smtp.transaction import Transaction


@implementer(IHandshakeListener)
class SMTPProtocol(Answering, Receiving, Chunking, Securing, LineProtocol):
    """Receives mail (RFC 5321), and gives it to its factory's delivery.

    To decide about mail needs no subclass: see L{protocols.smtp.interfaces}. A
    subclass adds extensions (C{extensions}), or says another greeting.

    @cvar extensions: what is offered; a subclass may leave some out, or add
        L{Extension}s of its own.
    @cvar commands: what each verb does: the base commands, and those of the
        extensions.
    @ivar session: who the client is.
    @ivar transaction: how far it has come.
    @ivar dialog: takes the next line (C{lineReceived}, C{lineLengthExceeded},
        C{abandoned}), which is no command but an answer to us.
    @ivar verb: of the command that came last, in upper case.
    @ivar failedLogins: of this connection.
    """

    maxLength = MAX_AUTH_LINE - 2
    maxSkipped = MAX_SKIPPED
    lineTimeout = COMMAND_TIMEOUT
    extensions: ClassVar[tuple[Extension, ...]] = STANDARD
    commands: ClassVar[dict[str, Command]] = {**COMMANDS, **commandsOf(STANDARD)}
    factory: Any
    session: Session
    transaction: Transaction

    dialog: Any = None
    failedLogins = 0
    verb = ""
    _junk = 0

    def __init_subclass__(cls) -> None:
        """A subclass that names its extensions has their commands, and no others."""
        super().__init_subclass__()
        if "extensions" in cls.__dict__ and "commands" not in cls.__dict__:
            dropped = commandsOf(e for e in STANDARD if e not in cls.extensions)
            kept = {k: v for k, v in cls.commands.items() if k not in dropped}
            cls.commands = {**kept, **commandsOf(cls.extensions)}

    # What a subclass may say otherwise

    def greeting(self) -> Reply:
        """The first reply (section 4.2.4)."""
        return Reply(220, f"{self.policy.hostname} ESMTP")

    def keywords(self) -> Sequence[str]:
        """What EHLO offers."""
        lines = (each.offered(self) for each in self.extensions)
        return [line for line in lines if line]

    # For commands to call

    def greet(self, name: str, usual: Reply, *, extended: bool = False) -> Hooked:
        """HELO, EHLO or LHLO has come."""
        self.session = replace(self.session, helo=name, extended=extended)
        self.forget()
        hook = self.factory.asked.validateHello
        return self.ask(hook, (self.session,), usual, self._greeted)

    def obey(self, command: Command, argument: str) -> Hooked:
        """Do what the client wants: the line is right, and it is its time."""
        return command.run(self, argument)

    def forget(self) -> None:
        """Forget the transaction, and what has come of its message."""
        self.giveUp()
        self.transaction.reset()

    def refusalToMail(self, octets: int) -> Reply | None:
        """Why a message of C{octets} can't be sent now; C{None} if it can."""
        policy, session = self.policy, self.session
        if policy.requireTLS and not session.tls:
            return replies.TLS_FIRST
        if policy.requireLogin and not session.login:
            return replies.LOGIN_FIRST
        if octets > policy.maxSize:
            return replies.MESSAGE_TOO_LARGE
        return None if self.factory.asked.hasRoom(octets) else replies.NO_ROOM

    def logout(self) -> None:
        """Called at the end; a login puts the realm's own in its place."""

    # What the floor calls

    def makeConnection(self, transport: Any) -> None:
        """Greet, unless somebody objects."""
        self.session = self.newSession(transport)
        self.transaction = Transaction()
        super().makeConnection(transport)
        self.watchHandshake()
        self.begin()

    def lineReceived(self, line: bytes) -> Hooked:
        """One command, or an answer to a question of ours."""
        if self.dialog is not None:
            hooked: Hooked = self.dialog.lineReceived(line)
            return hooked
        if b"\r" in line or b"\n" in line or b"\0" in line:
            self.reply(replies.BARE_LINE_END)
            return None
        try:
            verb, _, argument = line.decode().partition(" ")
        except UnicodeDecodeError:
            self.reply(replies.NOT_A_COMMAND)
            return None
        self.verb = verb.upper()
        command = self.commands.get(self.verb)
        octets = len(line) + len(self.delimiter)
        if command is None:
            self._unknown(self.verb, octets)
            return None
        self.verb = intern(self.verb)
        argument = argument.strip(" ")
        refusal = command.refusal(argument, octets)
        return self._run(command, argument, refusal)

    def lineLengthExceeded(self, length: int) -> None:
        """A line too long for any; the rest of it is dropped."""
        if self.dialog is not None:
            self.dialog.lineLengthExceeded()
        elif self.transaction.outOfOrder("BDAT") is None:
            # It may have been one, and then its octets are no commands.
            self.loseCount(replies.LINE_TOO_LONG)
        else:
            self.reply(replies.LINE_TOO_LONG)

    def hookFailed(self, failure: Failure) -> None:
        """Answer with what was raised if it is ours; say nothing of any other."""
        error = failure.value
        if isinstance(error, SMTPError):
            self.reply(error.reply)
        elif isinstance(error, Exception) and (reply := mistakeIn(self.verb, error)):
            self.reply(reply)
        else:
            self.log.failure("A hook of {who!r} failed", failure, who=type(self))
            self.reply(replies.TEMPORARY_FAILURE)

    def lineTimedOut(self) -> None:
        """No command, or not enough of a message, in time."""
        if self.shakingHands:
            self._transport.abortConnection()
        elif not self.keepsPace():
            self.leave(replies.TOO_SLOW)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, perhaps in the middle of a message."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.abandoned()
        self.giveUp()
        self.logout()

    def idledOut(self) -> None:
        """The guard's time is up."""
        self.leave(replies.TOO_SLOW)

    def drainRequested(self) -> None:
        """The server is stopping: finish the message in hand, if there is one."""
        self.draining = True
        if not (self.isWaiting or self.inHand):
            self.leave(replies.STOPPING)

    def mailTaken(self) -> None:
        """A message was taken: the client is here for a reason."""
        self._junk = self.errors = 0

    def newSession(self, transport: Any) -> Session:
        """What is known of a client that has only just connected."""
        peer, host = transport.getPeer(), transport.getHost()
        return Session(str(getattr(peer, "host", "") or ""), listener=_placeOf(host))

    def _greeted(self, value: object) -> None:
        self.transaction.greet()

    def _run(self, command: Command, argument: str, refusal: Reply | None) -> Hooked:
        if not command.offered(self):
            refusal = replies.NOT_OFFERED
        elif command.drains:
            refusal = None
        else:
            refusal = refusal or self.transaction.outOfOrder(self.verb)
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
        return self.obey(command, argument)

    def _unknown(self, verb: str, octets: int) -> None:
        if octets > MAX_COMMAND:
            self.reply(replies.LINE_TOO_LONG)
        elif verb in NOT_MAIL:
            self.leave(replies.NOT_MAIL)
        elif verb in NOT_ALLOWED:
            self.reply(replies.NOT_ALLOWED)
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


def _placeOf(address: Any) -> str:
    """Where a client reached us: C{ADDRESS:PORT}, or the path of a UNIX socket."""
    host = getattr(address, "host", None)
    if host is None:
        name = getattr(address, "name", b"") or b""
        return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return _listenerAt(host, address.port)


@lru_cache(64)
def _listenerAt(host: str, port: int) -> str:
    """One text for all connections of a listener."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
