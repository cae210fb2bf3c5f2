"""C{/register}, C{/login}, C{/oper}: who somebody is, at the line door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.chat.accounts import Accounts
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
    return made.addCallback(protocol.loggedIn).addErrback(_failed)


def login(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """Say whose account one is: C{/login [NAME] PASSWORD}."""
    accounts = _accounts(protocol)
    name, _, password = rest.partition(" ")
    if not password:
        name, password = protocol.name, rest
    if not password:
        raise RefusedError("with which password? Type /login NAME PASSWORD")
    found = accounts.login(name, password, protocol.address)
    return found.addCallback(protocol.loggedIn).addErrback(_failed)


def oper(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """Keep order in the whole chat: C{/oper NAME PASSWORD}."""
    name, _, password = rest.partition(" ")
    checked = protocol.factory.house.checkOperator(name, password.strip())
    if checked is None:
        raise RefusedError("nobody keeps order here")

    def known(isOne: bool) -> None:
        if not isOne:
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


def _failed(failure: Failure) -> None:
    if failure.check(StoreError):
        raise RefusedError("that can't be kept just now; try again later")
    failure.raiseException()
