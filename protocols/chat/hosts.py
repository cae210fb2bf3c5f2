"""By which host others see somebody: their account's, or what hides their address.

A host is all that a mask can get hold of besides names that change at will. Who has
logged in is their account, wherever they come from, so their host is the account's;
the one of their address stays with them (L{Source.origin}), so that a mask that was
meant for them before goes on meaning them. Wire.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protocols.chat.names import key

if TYPE_CHECKING:
    from protocols.chat.house import House
    from protocols.chat.people import Person

# What stands behind an account; no address is hidden behind that.
SUFFIX = "account"

# Accounts that stand in a host as they are: of letters of old, and short enough for
# HOSTLEN. The others are hidden like addresses; with a point, so they are never
# somebody's who called an account like that.
_PLAIN = re.compile(r"[A-Za-z0-9_\[\]\\^{}|`-]{1,32}")


# What an option may say of those who have logged in.
ACCOUNT, ADDRESS = "account", "address"


def hostsOf(word: str) -> str:
    """C{account} or C{address}.

    @raise ValueError: it is another word.
    """
    if word not in (ACCOUNT, ADDRESS):
        raise ValueError(f"expected {ACCOUNT} or {ADDRESS}, not {word[:20]}")
    return word


def accountHost(house: House, account: str) -> str:
    """The host of an account."""
    if _PLAIN.fullmatch(account):
        return f"{account}.{SUFFIX}"
    digest = house.hostOf(f"account {key(account)}").partition(".")[0]
    return f"{digest}.hidden.{SUFFIX}"


def showHost(house: House, person: Person) -> None:
    """Have somebody's host be what it should be; who shares a room is told."""
    origin = house.hostOf(person.address)
    isOwn = bool(person.account) and house.showsAccounts
    host = accountHost(house, person.account) if isOwn else origin
    person.origin = origin if isOwn else ""
    person.changed()
    if not person.name:
        person.host = host
    elif host != person.host:
        house.lobby.change(person, "host", host)


def logIn(house: House, person: Person, account: str) -> None:
    """Somebody is that account from now on.

    It may be banned: to be followed by L{House.checkStay}, once they are told.
    """
    if person.name:
        house.lobby.change(person, "account", account)
    else:
        person.account = account
    showHost(house, person)
