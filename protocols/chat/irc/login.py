"""AUTHENTICATE and REGISTER: whose account a client is for.

IRCv3's sasl-3.2 and account-registration; the mechanisms are L{protocols.sasl}'s.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from twisted.cred.error import LoginFailed
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from protocols.chat.certificates import fingerprintOf
from protocols.chat.events import Changed, Source
from protocols.chat.hosts import logIn
from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import (
    RPL_LOGGEDIN,
    RPL_SASLMECHS,
    RPL_SASLSUCCESS,
    RPL_VISIBLEHOST,
)
from protocols.chat.irc.wire import Message
from protocols.chat.names import key
from protocols.chat.people import RefusedError
from protocols.chat.storeinterface import StoreError
from protocols.hooks import Hooked
from protocols.sasl import MAX_RESPONSE, Challenge, SASLError, UnknownMechanismError
from protocols.sasl.base64 import decodeBase64

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Octets of one AUTHENTICATE (sasl-3.1): as long as they are so many, more come.
CHUNK = 400

# Refused logins of one connection; as for mail.
MAX_FAILED = 3


def authenticate(irc: IRCProtocol, message: Message) -> Hooked:
    """Begin to log in, or go on."""
    said = message[0]
    if irc.factory.authenticator is None or not irc.has("sasl"):
        irc.error("904")
    elif irc.login is not None:
        return _goOn(irc, said)
    elif said == "*":
        irc.error("906")
    elif irc.account:
        irc.error("907")
    else:
        return _begin(irc, said)
    return None


def _begin(irc: IRCProtocol, name: str) -> Hooked:
    factory = irc.factory
    if not factory.backoff.mayTry(irc.address, factory.clock.seconds()):
        irc.error("904", text="Too many logins were refused; try again later")
        return None
    fingerprint = fingerprintOf(irc)
    try:
        exchange = factory.authenticator.begin(name, fingerprint)
    except UnknownMechanismError:
        mechanisms = ",".join(factory.authenticator.mechanismsFor(fingerprint))
        irc.numeric(RPL_SASLMECHS, mechanisms, "are available SASL mechanisms")
        irc.error("904")
        return None
    irc.login = Login(exchange)
    if not exchange.clientFirst:
        return _step(irc, None)
    _ask(irc, b"")
    return None


def _goOn(irc: IRCProtocol, said: str) -> Hooked:
    login = irc.login
    if said == "*":
        _end(irc)
        irc.error("906")
        return None
    if len(said) > CHUNK:
        _end(irc)
        irc.error("905")
        return None
    try:
        response = login.take(said)
    except ValueError:
        _end(irc)
        irc.error("904")
        return None
    return None if response is None else _step(irc, response)


# The words of a refusal, and the codes of account-registration.
_CODES = {
    "name": "BAD_ACCOUNT_NAME",
    "password": "UNACCEPTABLE_PASSWORD",
    "taken": "ACCOUNT_EXISTS",
}


class Login:
    """A login under way: what has come of a response, and the mechanism."""

    def __init__(self, exchange: Any) -> None:
        self.exchange = exchange
        self._chunks = ""

    def take(self, chunk: str) -> bytes | None:
        """A response, once it is whole.

        @raise ValueError: it is too long, or no base64.
        """
        self._chunks += "" if chunk == "+" else chunk
        if len(self._chunks) > MAX_RESPONSE // 3 * 4:
            raise ValueError("too long")
        if len(chunk) == CHUNK:
            return None
        whole, self._chunks = self._chunks, ""
        return decodeBase64(whole.encode())


def _step(irc: IRCProtocol, response: bytes | None) -> Hooked:
    try:
        outcome = irc.login.exchange.step(response)
    except Exception:  # noqa: BLE001 - a checker may raise anything
        _failed(Failure(), irc)
        return None
    if isinstance(outcome, Deferred):
        return outcome.addCallbacks(_went, _failed, (irc,), {}, (irc,), {})
    return _went(outcome, irc)


def _went(outcome: Any, irc: IRCProtocol) -> Hooked:
    if isinstance(outcome, Challenge):
        _ask(irc, outcome.data)
        return None
    irc.login = None
    return loggedIn(irc, outcome.login)


def _ask(irc: IRCProtocol, data: bytes) -> None:
    text = b64encode(data).decode()
    chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    if not chunks or len(chunks[-1]) == CHUNK:
        chunks.append("+")
    for chunk in chunks:
        irc.send(f"AUTHENTICATE {chunk}\r\n".encode())


def loggedIn(irc: IRCProtocol, account: str) -> Hooked:
    """The client is for that account from now on."""
    before = irc.source
    logIn(irc.factory.house, irc, account)
    mask = irc.source.mask if irc.isRegistered else f"{irc.nick}!{irc.user}@{irc.host}"
    irc.numeric(RPL_LOGGEDIN, mask, account, f"You are now logged in as {account}")
    irc.numeric(RPL_SASLSUCCESS, "SASL authentication successful")
    tellHost(irc, before)
    irc.factory.house.checkStay(irc)
    return irc.records.loadMarks(irc)


def tellHost(irc: IRCProtocol, before: Source) -> None:
    """By which host others see the client from now on (chghost; 396)."""
    if irc.host == before.host or not irc.isRegistered:
        return
    event = Changed("", before, "host", irc.host, irc.lobby.now())
    irc.send(irc.dialect.write(event))
    if irc.has("chghost") or irc.has("draft/multiline"):
        # It keeps track of its mask; others would take this for an answer.
        irc.numeric(RPL_VISIBLEHOST, irc.host, "is your displayed host now")


def _failed(failure: Failure, irc: IRCProtocol) -> None:
    """A wrong password counts against the client; a fault of ours does not."""
    _end(irc)
    if failure.check(CancelledError):
        # They have gone meanwhile.
        return
    irc.error("904")
    if failure.check(LoginFailed):
        loginFailed(irc)
    elif not failure.check(SASLError, StoreError):
        # The store, or the backplane, logs its faults once, not at each login.
        irc.log.failure("A login can't be checked", failure)


def loginFailed(irc: IRCProtocol) -> None:
    """A name or password was wrong, and that has been said."""
    irc.factory.backoff.failed(irc.address, irc.factory.clock.seconds())
    irc.failedLogins += 1
    if irc.failedLogins >= MAX_FAILED:
        irc.goAway("Too many failed logins")


def _end(irc: IRCProtocol) -> None:
    login, irc.login = irc.login, None
    if login is not None:
        login.exchange.cancel()


def register(irc: IRCProtocol, message: Message) -> Hooked:
    """Make an account: C{REGISTER account email password}; C{*} is one's name."""
    accounts = irc.factory.accounts
    name = irc.name or irc.wantedName if message[0] == "*" else message[0]
    if accounts is None:
        irc.fail("REGISTER", "TEMPORARILY_UNAVAILABLE", name or "*", "None are made")
        return None
    if irc.account:
        irc.fail("REGISTER", "ALREADY_AUTHENTICATED", irc.account, "You have one")
        return None
    if name != (irc.name or irc.wantedName):
        text = "An account has the name that you have"
        irc.fail("REGISTER", "ACCOUNT_NAME_MUST_BE_NICK", name or "*", text)
        return None
    if irc.lobby.people.get(key(name), irc) is not irc:
        irc.fail("REGISTER", "ACCOUNT_EXISTS", name, "Somebody is here by that name")
        return None
    made = accounts.register(name, message[2], irc.address)
    done: Hooked = made.addCallbacks(
        _registered, _notRegistered, (irc,), {}, (irc, name), {}
    )
    return done


def _registered(name: str, irc: IRCProtocol) -> Hooked:
    irc.fromServer("REGISTER", "SUCCESS", name, "The account was made")
    return loggedIn(irc, name)


def _notRegistered(failure: Failure, irc: IRCProtocol, name: str) -> None:
    failure.trap(RefusedError, StoreError)
    code = _CODES.get(getattr(failure.value, "why", ""), "TEMPORARILY_UNAVAILABLE")
    irc.fail("REGISTER", code, name or "*", failure.getErrorMessage())


COMMANDS = {
    "AUTHENTICATE": Command(authenticate, 1, isEarly=True),
    "REGISTER": Command(register, 3, isEarly=True),
}
