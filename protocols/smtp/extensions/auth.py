"""AUTH (RFC 4954): who the client is, by SASL.

The mechanisms and where logins are checked are L{protocols.sasl}'s; here are the
lines that carry them.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

from twisted.cred.error import LoginFailed
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.hooks import Hooked
from protocols.sasl import Challenge, SASLError, UnknownMechanismError
from protocols.sasl.base64 import decodeBase64
from protocols.smtp import replies
from protocols.smtp.commands import Command
from protocols.smtp.extension import Extension
from protocols.smtp.parameters import Parameter, decodeXtext
from protocols.smtp.policy import MAX_AUTH_LINE, MAX_FAILED_LOGINS
from protocols.smtp.replies import Reply


def auth(protocol: Any, argument: str) -> Hooked:
    """AUTH mechanism [initial-response] (section 4)."""
    refusal = _refusal(protocol)
    if refusal is not None:
        protocol.reply(refusal)
        return None
    name, _, initial = argument.partition(" ")
    try:
        exchange = protocol.factory.authenticator.begin(name)
    except UnknownMechanismError:
        protocol.reply(replies.NO_MECHANISM)
        return None
    dialog = Dialog(protocol, exchange)
    if not initial:
        return dialog.step(None)
    return dialog.answered(b"" if initial == "=" else initial.encode())


def _refusal(protocol: Any) -> Reply | None:
    """Why this client may not log in now."""
    factory, session = protocol.factory, protocol.session
    if session.login:
        return replies.LOGGED_IN_ALREADY
    if not (session.tls or protocol.policy.loginInClear):
        return replies.LOGIN_NEEDS_TLS
    if not factory.backoff.mayTry(session.peer, _now(protocol)):
        return replies.LOGINS_PAUSED
    return None


class Dialog:
    """The lines that a client and a mechanism exchange.

    @param exchange: a L{protocols.sasl.Exchange}.
    """

    def __init__(self, protocol: Any, exchange: Any) -> None:
        self._protocol = protocol
        self._exchange = exchange

    def lineReceived(self, line: bytes) -> Hooked:
        """An answer to a challenge; C{*} gives up (section 4)."""
        self._protocol.dialog = None
        if line == b"*":
            self._exchange.cancel()
            self._protocol.reply(replies.LOGIN_CANCELLED)
            return None
        return self.answered(line)

    def lineLengthExceeded(self) -> None:
        """An answer that is too long (section 4.1)."""
        self._protocol.dialog = None
        self._exchange.cancel()
        self._protocol.reply(replies.LOGIN_TOO_LONG)

    def abandoned(self) -> None:
        """The client has gone."""
        self._exchange.cancel()

    def answered(self, encoded: bytes) -> Hooked:
        """The client's response, in base64 (RFC 4648, section 4)."""
        try:
            response = decodeBase64(encoded)
        except ValueError:
            self._exchange.cancel()
            self._protocol.reply(replies.LOGIN_MALFORMED)
            return None
        return self.step(response)

    def step(self, response: bytes | None) -> Hooked:
        """One step of the mechanism."""
        try:
            outcome = self._exchange.step(response)
        except Exception:  # noqa: BLE001 - a checker may raise anything
            self._failed(Failure())
            return None
        if isinstance(outcome, Deferred):
            return outcome.addCallbacks(self._went, self._failed)
        return self._went(outcome)

    def _went(self, outcome: Any) -> Hooked:
        protocol = self._protocol
        if isinstance(outcome, Challenge):
            protocol.sendLine(b"334 " + b64encode(outcome.data))
            protocol.dialog = self
            return None
        session = replace(protocol.session, login=outcome.login)

        def loggedIn(value: object) -> None:
            protocol.session = session
            protocol.logout = outcome.logout

        hook = protocol.factory.asked.validateLogin
        hooked: Hooked = protocol.ask(hook, (session,), replies.LOGGED_IN, loggedIn)
        return hooked

    def _failed(self, failure: Failure) -> None:
        """A wrong password counts against the client; a fault of ours does not."""
        protocol = self._protocol
        if failure.check(SASLError):
            protocol.reply(replies.LOGIN_MALFORMED)
        elif failure.check(LoginFailed):
            protocol.factory.backoff.failed(protocol.session.peer, _now(protocol))
            protocol.failedLogins += 1
            tired = protocol.failedLogins >= MAX_FAILED_LOGINS
            if tired:
                protocol.leave(replies.TOO_MANY_LOGINS)
            else:
                protocol.reply(replies.WRONG_LOGIN)
        else:
            protocol.log.failure("A login can't be checked", failure)
            protocol.reply(replies.LOGIN_FAULT)


def readAuth(value: str | None) -> str:
    """AUTH= of MAIL (section 5): a mailbox, or C{<>} for nobody in particular."""
    return decodeXtext("AUTH", value)


def _offer(protocol: Any) -> str:
    """Section 4: where passwords would be readable, none is asked for."""
    authenticator, session = protocol.factory.authenticator, protocol.session
    if authenticator is None or not (session.tls or protocol.policy.loginInClear):
        return ""
    return " ".join(("AUTH", *authenticator.mechanisms))


def _now(protocol: Any) -> float:
    clock = protocol.factory.clock
    return 0.0 if clock is None else float(clock.seconds())


AUTH = Extension(
    _offer,
    commands={
        "AUTH": Command(
            auth,
            "needed",
            last=True,
            junk=True,
            maxLength=MAX_AUTH_LINE,
            offered=lambda p: p.factory.authenticator is not None,
        )
    },
    mail={"AUTH": Parameter(readAuth, "auth")},
)
