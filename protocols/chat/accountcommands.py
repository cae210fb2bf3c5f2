"""C{/register}, C{/login}, C{/certificate}, C{/oper}: who somebody is.

At the line door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.chat.accounts import Accounts
from protocols.chat.certificates import fingerprintOf, tend
from protocols.chat.people import RefusedError
from protocols.chat.storeinterface import StoreError

if TYPE_CHECKING:
    from protocols.chat.protocol import ChatProtocol


def register(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """Have one's name belong to who knows a password."""
    accounts = _accounts(protocol)
    if not rest:
        raise RefusedError("with which password? Type /register PASSWORD")
    if protocol.account:
        raise RefusedError(f"you are logged in as {protocol.account}")
    made = accounts.register(protocol.name, rest, protocol.address)
    return made.addCallback(_loggedIn, protocol).addErrback(_failed)


def login(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """Say whose account one is: C{/login [NAME] PASSWORD}.

    Nothing need be said by who came with a certificate of that account.
    """
    accounts = _accounts(protocol)
    name, _, password = rest.partition(" ")
    if not password:
        name, password = protocol.name, rest
    fingerprint = "" if password else fingerprintOf(protocol)
    if fingerprint:
        found = accounts.loginWith(fingerprint, protocol.address)
    elif password:
        found = accounts.login(name, password, protocol.address)
    else:
        raise RefusedError("with which password? Type /login NAME PASSWORD")
    return found.addCallback(_loggedIn, protocol).addErrback(_failed)


def atTheDoor(protocol: ChatProtocol, said: str) -> Deferred[str] | None:
    """Whose account it is that somebody names who is not in yet.

    @param said: C{NAME PASSWORD}; a name alone, if they came with a certificate.
    @return: the account; C{None} if it is none, or nothing shows that it is theirs.
        Fails with L{RefusedError}.
    """
    name, _, password = said.partition(" ")
    accounts: Accounts | None = protocol.factory.house.accounts
    if accounts is None or not accounts.owns(name):
        return None
    if password:
        return accounts.login(name, password.strip(), protocol.address)
    fingerprint = fingerprintOf(protocol)
    if not fingerprint:
        return None
    return accounts.loginWith(fingerprint, protocol.address, name)


async def certificate(protocol: ChatProtocol, rest: str) -> None:
    """The certificates of one's account."""
    try:
        lines = await tend(protocol, _accounts(protocol).certificates, rest)
    except StoreError:
        raise RefusedError("that can't be kept just now; try again later") from None
    for line in lines:
        protocol.tell(line)


def oper(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """Keep order in the whole chat: C{/oper NAME PASSWORD}."""
    name, _, password = rest.partition(" ")
    backoff, clock = protocol.factory.backoff, protocol.factory.clock
    if not backoff.mayTry(protocol.address, clock.seconds()):
        raise RefusedError("too many logins failed; try again later")
    checked = protocol.factory.house.checkOperator(name, password.strip())
    if checked is None:
        raise RefusedError("nobody keeps order here")
    if not password:
        raise RefusedError("who are you? Type /oper NAME PASSWORD")

    def known(isOne: bool) -> None:
        if not isOne:
            backoff.failed(protocol.address, clock.seconds())
            raise RefusedError("the name or password is wrong")
        protocol.isOperator = True
        protocol.tell("You keep order here now.")

    done: Deferred[None] = checked.addCallback(known)
    return done


def _accounts(protocol: ChatProtocol) -> Accounts:
    accounts: Accounts | None = protocol.factory.house.accounts
    if accounts is None:
        raise RefusedError("there are no accounts here")
    return accounts


def _loggedIn(account: str, protocol: ChatProtocol) -> None:
    protocol.loggedIn(account)
    protocol.factory.house.checkStay(protocol)


def _failed(failure: Failure) -> None:
    if failure.check(StoreError):
        raise RefusedError("that can't be kept just now; try again later")
    failure.raiseException()
