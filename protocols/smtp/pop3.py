"""POP3 (RFC 1939) over the mail that was kept, with Twisted's own server.

Not imported by the package or a tap: Twisted's module installs the reactor.
"""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any, ClassVar

from twisted.cred.error import LoginFailed, UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Factory
from twisted.internet.task import Cooperator
from twisted.logger import Logger
from twisted.mail.pop3 import POP3, POP3Error
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.backoff import LoginBackoff
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.inboxmail import InboxRealm

# RFC 1939, section 3: ten minutes at least.
IDLE_TIMEOUT = 600

# Failed logins of a connection.
MAX_FAILED_LOGINS = 3

# Octets of a command: RFC 2449, section 4, has 255; a pass phrase may be long.
MAX_COMMAND = 1000

# Least and most arguments of each command (RFC 1939, RFC 2449, RFC 2595).
_ARGUMENTS = {
    **dict.fromkeys((b"CAPA", b"NOOP", b"QUIT", b"RSET", b"STAT", b"STLS"), (0, 0)),
    **dict.fromkeys((b"DELE", b"RETR", b"USER"), (1, 1)),
    **dict.fromkeys((b"LIST", b"UIDL"), (0, 1)),
    **dict.fromkeys((b"APOP", b"TOP"), (2, 2)),
    b"PASS": (1, 100),
}


@implementer(IHandshakeListener)
class InboxPOP3(POP3):
    """Twisted's server, made to give every octet back, and to say what is wrong."""

    AUTH_CMDS = [  # noqa: RUF012 - Twisted's own name
        *(b"CAPA", b"USER", b"PASS", b"APOP", b"QUIT", b"STLS"),
    ]
    MAX_LENGTH = MAX_COMMAND
    timeOut = IDLE_TIMEOUT
    log: ClassVar[Logger] = Logger()
    factory: Any
    transport: Any
    mbox: Any = None

    _failed = 0

    def connectionMade(self) -> None:
        """Greet."""
        clock = self.factory.clock
        self.schedule = Cooperator(
            scheduler=lambda step: clock.callLater(0, step)
        ).coiterate
        super().connectionMade()

    def generateMagic(self) -> bytes:
        """A challenge for APOP (RFC 1939, section 7)."""
        magic: bytes = self.factory.challenge()
        return magic

    def callLater(self, period: float, function: Any) -> Any:
        """Time-outs are counted on the factory's clock."""
        return self.factory.clock.callLater(period, function)

    def listCapabilities(self) -> list[bytes]:
        """CAPA (RFC 2449)."""
        offered = [b"TOP", b"UIDL", b"RESP-CODES", b"PIPELINING"]
        offered += [b"USER"] * self._mayLogIn + [b"STLS"] * self._maySecure
        return offered

    def state_COMMAND(self, line: bytes) -> None:
        """One command; whatever is wrong with it is said."""
        try:
            self.processCommand(*line.split(b" "))
        except POP3Error as error:
            self.failResponse(error.args[0])

    def state_SECURING(self, line: bytes) -> None:
        """What was said in the clear behind STLS is not obeyed (RFC 2595, 4)."""

    def processCommand(self, command: bytes, *args: bytes) -> Any:
        """Do it, if it has as many arguments as it should."""
        least, most = _ARGUMENTS.get(command.upper(), (-1, -1))
        if least < 0:
            raise POP3Error(b"Command not known")
        if not least <= len(args) <= most or b"" in args:
            raise POP3Error(b"Syntax: so many arguments are not allowed")
        return super().processCommand(command, *args)

    def transformChunk(self, chunk: bytes) -> bytes:
        """The inbox has done so already (L{protocols.smtp.inboxmail})."""
        return chunk

    # Logins

    def do_USER(self, user: bytes) -> None:
        """USER (RFC 1939, section 7)."""
        if self._mayLogIn:
            super().do_USER(user)
        else:
            self.failResponse(b"Say STLS first")

    def authenticateUserPASS(self, user: bytes, password: bytes) -> Deferred[Any]:
        """PASS; what is sent behind it waits."""
        return self._counted(super().authenticateUserPASS, user, password)

    def authenticateUserAPOP(self, user: bytes, digest: bytes) -> Deferred[Any]:
        """APOP; likewise. Twisted's credentials compare the digest as text."""
        text = digest.decode("ascii", "replace").lower()
        return self._counted(super().authenticateUserAPOP, user, text)

    def _counted(self, authenticate: Any, *args: object) -> Deferred[Any]:
        if self.mbox or not self._mayLogIn or not self._mayTry():
            raise UnauthorizedLogin("not now")
        self.blocked = []
        asked: Deferred[Any] = maybeDeferred(authenticate, *args)
        asked.addErrback(self._loginFailed)
        self.factory.clock.callLater(0, asked.addBoth, self._goOn)
        return asked

    def _goOn(self, result: object) -> object:
        self._unblock(None)
        return result

    def _loginFailed(self, failure: Failure) -> Failure:
        if failure.check(LoginFailed):
            self._failed += 1
            self.factory.backoff.failed(self._host, self.factory.clock.seconds())
            if self._failed >= MAX_FAILED_LOGINS:
                self.factory.clock.callLater(0, self.transport.loseConnection)
        return failure

    def _mayTry(self) -> bool:
        backoff, clock = self.factory.backoff, self.factory.clock
        return bool(backoff.mayTry(self._host, clock.seconds()))

    @property
    def _host(self) -> str:
        return str(getattr(self.transport.getPeer(), "host", "") or "")

    @property
    def _mayLogIn(self) -> bool:
        return self.factory.loginInClear or self._isSecure

    # Deleting

    def do_DELE(self, i: bytes) -> None:
        """DELE (RFC 1939, section 5)."""
        try:
            self.mbox.deleteMessage(int(i) - 1)
        except ValueError:
            self.failResponse(b"No such message")
        else:
            self.successResponse()

    def do_QUIT(self) -> None:
        """QUIT: now what is marked is deleted (RFC 1939, section 6)."""
        self.blocked = []
        synced = maybeDeferred(self.mbox.sync if self.mbox else list)
        synced.addCallbacks(lambda _: self.successResponse(), self._notSynced)
        synced.addCallback(lambda _: self.transport.loseConnection())

    def _notSynced(self, failure: Failure) -> None:
        self.log.failure("An inbox can't be changed", failure)
        self.failResponse(b"[SYS/TEMP] Not all marked messages were removed")

    # TLS

    def do_STLS(self) -> None:
        """STLS (RFC 2595, section 4)."""
        if not self._maySecure or self.mbox:
            self.failResponse(b"Not now")
            return
        self.successResponse(b"Go ahead")
        self.state = "SECURING"
        self.transport.startTLS(self.factory.tls.options)

    def handshakeCompleted(self) -> None:
        """From now on it is secure; the rest of a line in the clear is dropped."""
        self._buffer = b""
        self.state = "COMMAND"

    @property
    def _isSecure(self) -> bool:
        return bool(ISSLTransport.providedBy(self.transport))

    @property
    def _maySecure(self) -> bool:
        return self.factory.tls is not None and not self._isSecure


class POP3Factory(Factory):
    """Makes L{InboxPOP3}s over one store.

    @param store: a L{protocols.smtp.reading.MailStore}.
    @param checkers: C{twisted.cred} checkers of names and passwords.
    @param clock: the reactor: an C{IReactorTime} and C{IReactorThreads}.
    @param inboxes: the rules of the store; a login sees the inbox of its name, or
        everything where there are no rules.
    @param tls: for STLS, as in L{protocols.smtp.SMTPFactory}.
    @param loginInClear: logins are taken without TLS too.
    """

    protocol = InboxPOP3
    noisy = False

    def __init__(
        self,
        store: Any,
        checkers: Any,
        *,
        clock: Any,
        inboxes: Inboxes | None = None,
        tls: Any = None,
        loginInClear: bool = False,
        hostname: str = "localhost",
    ) -> None:
        self.clock = clock
        self.tls = tls
        self.loginInClear = loginInClear
        self.backoff = LoginBackoff()
        self._hostname = hostname
        self._realm = InboxRealm(store, clock, inboxes or Inboxes())
        self.portal = Portal(self._realm, checkers)

    def buildProtocol(self, addr: Any) -> Any:
        """One with the portal."""
        protocol = super().buildProtocol(addr)
        if protocol is not None:
            protocol.portal = self.portal  # type: ignore[attr-defined]
        return protocol

    def challenge(self) -> bytes:
        """A message-id that nobody can guess."""
        return f"<{token_urlsafe(18)}@{self._hostname}>".encode()

    def lastWord(self, reason: str) -> bytes:
        """What a client that can't be served is told."""
        return b"-ERR [SYS/TEMP] Not now; try again later\r\n"

    def reload(self) -> None:
        """Read the certificate anew."""
        if self.tls is not None:
            self.tls.renew()
