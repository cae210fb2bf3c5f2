"""A store whose accounts and marks are those of all nodes. Wire.

All else is kept by a store of the node's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.backplane.certificates import LedgerCertificates
from protocols.chat.backplane.interface import (
    BackplaneError,
    Ledger,
    LedgerFullError,
)
from protocols.chat.names import key
from protocols.chat.storeinterface import (
    Account,
    AccountsFullError,
    Store,
    StoreError,
    targetOf,
)

# Books of the ledger; marks are in one for each account.
_ACCOUNTS, _SECRETS, _MARKS = "accounts", "secrets", "marks:"

# Who changes an account at the same time as others tries again so often.
_TRIES = 5

# Marks of an account, and marks that wait until the backplane is back: a hundred
# people's in ten rooms.
MAX_MARKS = 1000
MAX_WAITING = 1000


class SharedStore:
    """A L{Store}, as far as accounts and marks go; the rest is C{inner}'s.

    The keys of accounts are known when the backplane has been reached; those that
    C{inner} has, and no other node, are brought along then.

    @ivar tell: publishes that something has changed.
    """

    log = Logger()

    def __init__(self, inner: Store, ledger: Ledger) -> None:
        self.inner = inner
        self.tell: Callable[..., None] = lambda what, *items: None
        self._ledger = ledger
        self._key = inner.secretKey()
        self._keys: set[str] = set(inner.accountKeys())
        self._waiting: dict[tuple[str, str], float] = {}
        self._certificates = LedgerCertificates(ledger)
        # Accounts of which nobody knows whether the others have been told.
        self._untold: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        """What is not shared."""
        return getattr(self.inner, name)

    async def meet(self) -> None:
        """Read what there is.

        @raise BackplaneError: it can't be read.
        """
        own = self._key.hex().encode()
        await self._ledger.put(_SECRETS, "hosts", own, None)
        found = await self._ledger.get(_SECRETS, "hosts")
        self._key = bytes.fromhex((found or own).decode())
        await self._bringAlong()
        keys = await self._ledger.names(_ACCOUNTS)
        # The same set: who has asked for the keys sees them change.
        self._keys.clear()
        self._keys.update(keys)

    async def _bringAlong(self) -> None:
        """Accounts of a node that was alone; unless others have such names."""
        for place in self.inner.accountKeys():
            account = await self.inner.account(place)
            if account is None:
                continue
            if not await self._isIn(place, _written(account)):
                self.log.warn("The account {name} is another's", name=account.name)
                continue
            self.tell("account", place, True)
            for target, time in (await self.inner.readMarkers(place)).items():
                await self._setMark(place, target, time)
            for fingerprint in await self.inner.certificates(place):
                await self._certificates.add(place, fingerprint, account.made, 0)
            await self.inner.changeAccount(place, None)

    async def _isIn(self, place: str, account: bytes) -> bool:
        """Whether an account is everybody's now, or has been brought along before."""
        if await self._ledger.put(_ACCOUNTS, place, account, None):
            return True
        return await self._ledger.get(_ACCOUNTS, place) == account

    def accountTold(self, place: str) -> None:
        """What we have told has come back."""
        self._untold.discard(place)

    def accountChanged(self, place: str, isThere: bool) -> None:
        """Another node has told that."""
        (self._keys.add if isThere else self._keys.discard)(place)

    # What Store says

    def secretKey(self) -> bytes:
        """See L{Store.secretKey}; the same at all nodes, once they have met."""
        return self._key

    def accountKeys(self) -> set[str]:
        """See L{Store.accountKeys}; a set that changes as they do."""
        return self._keys

    def account(self, name: str) -> Deferred[Account | None]:
        """See L{Store.account}."""
        found = self._ledger.get(_ACCOUNTS, key(name)).addCallback(_read)
        return found.addErrback(_cantBe)

    def addAccount(self, account: Account, most: int) -> Deferred[bool]:
        """See L{Store.addAccount}."""
        put = self._ledger.put(_ACCOUNTS, account.key, _written(account), None, most)
        self._untold.add(account.key)

        def told(isNew: bool) -> bool:
            if isNew:
                self.tell("account", account.key, True)
            return isNew

        return put.addCallback(told).addErrback(_cantBe)

    def changeAccount(self, name: str, secret: str | None) -> Deferred[bool]:
        """See L{Store.changeAccount}."""

        def changed(account: Account) -> Account | None:
            return None if secret is None else replace(account, secret=secret)

        return self._change(key(name), changed)

    def _change(
        self, place: str, change: Callable[[Account], Account | None]
    ) -> Deferred[bool]:
        changed = Deferred.fromCoroutine(self._changeNow(place, change))
        return changed.addErrback(_cantBe)

    async def _changeNow(
        self, place: str, change: Callable[[Account], Account | None]
    ) -> bool:
        """Again, should another node have changed it meanwhile."""
        for _ in range(_TRIES):
            found = await self._ledger.get(_ACCOUNTS, place)
            account = _read(found)
            if account is None:
                return False
            new = change(account)
            value = None if new is None else _written(new)
            if new is None:
                # First: else, should we end here, they would log in to an account
                # that somebody else makes by that name.
                await self._certificates.dropAll(place)
            if await self._ledger.put(_ACCOUNTS, place, value, found):
                if new is None:
                    await self._dropped(place)
                return True
        raise StoreError("an account changes all the time")

    async def _dropped(self, place: str) -> None:
        self._untold.add(place)
        self.tell("account", place, False)
        await self._certificates.dropAll(place)
        book = _MARKS + place
        for target, value in (await self._ledger.scan(book)).items():
            await self._ledger.put(book, target, None, value)

    def addCertificate(
        self, name: str, fingerprint: str, now: float, most: int
    ) -> Deferred[bool]:
        """See L{Store.addCertificate}."""

        async def add() -> bool:
            if await self._ledger.get(_ACCOUNTS, key(name)) is None:
                return False
            return await self._certificates.add(name, fingerprint, now, most)

        return Deferred.fromCoroutine(add()).addErrback(_cantBe)

    def certificates(self, name: str) -> Deferred[list[str]]:
        """See L{Store.certificates}."""
        return self._certificates.of(name).addErrback(_cantBe)

    def certificateOwner(self, fingerprint: str) -> Deferred[Account | None]:
        """See L{Store.certificateOwner}."""

        def account(owner: bytes | None) -> Deferred[Account | None] | None:
            return None if owner is None else self.account(owner.decode())

        found: Any = self._certificates.owner(fingerprint)
        done: Deferred[Account | None] = found.addCallback(account)
        return done.addErrback(_cantBe)

    def dropCertificate(self, name: str, fingerprint: str) -> Deferred[bool]:
        """See L{Store.dropCertificate}."""
        dropped = Deferred.fromCoroutine(self._certificates.drop(name, fingerprint))
        return dropped.addErrback(_cantBe)

    def setReadMarker(self, account: str, target: str, time: float) -> None:
        """See L{Store.setReadMarker}."""
        place = key(account), targetOf(target)
        self._waiting[place] = max(time, self._waiting.get(place, 0.0))
        while len(self._waiting) > MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._keepMark(*place)

    def readMarker(self, account: str, target: str) -> Deferred[float]:
        """See L{Store.readMarker}."""
        found = self._ledger.get(_MARKS + key(account), targetOf(target))
        return found.addCallback(_timeOf).addErrback(_cantBe)

    def readMarkers(self, account: str) -> Deferred[dict[str, float]]:
        """See L{Store.readMarkers}."""
        found = self._ledger.scan(_MARKS + key(account))

        def times(marks: dict[str, bytes]) -> dict[str, float]:
            return {target: _timeOf(value) for target, value in marks.items()}

        return found.addCallback(times).addErrback(_cantBe)

    def tellAll(self) -> None:
        """Keep the marks that have waited for the backplane, and tell of accounts
        of which the others may not know."""
        for place in list(self._waiting):
            self._keepMark(*place)
        for name in self._untold:
            self.tell("account", name, name in self._keys)

    def _keepMark(self, account: str, target: str) -> None:
        time = self._waiting.get((account, target), 0.0)
        kept = Deferred.fromCoroutine(self._setMark(account, target, time))

        def told(_: object) -> None:
            if self._waiting.get((account, target)) == time:
                del self._waiting[account, target]
            self.tell("mark", account, target, time)

        # If not, it waits until the backplane is back.
        kept.addCallbacks(told, lambda failure: failure.trap(BackplaneError))

    async def _setMark(self, account: str, target: str, time: float) -> None:
        """It never goes back, whoever else sets it."""
        book, value = _MARKS + account, b"%d" % round(time * 1000)
        for _ in range(_TRIES):
            found = await self._ledger.get(book, target)
            if found is not None and int(found) >= int(value):
                return
            if await self._ledger.put(book, target, value, found, MAX_MARKS):
                return


def _written(account: Account) -> bytes:
    named = {each.name: getattr(account, each.name) for each in fields(Account)}
    return json.dumps(named).encode()


def _read(found: bytes | None) -> Account | None:
    """What was added to accounts later has its default."""
    if found is None:
        return None
    named = json.loads(found)
    known: dict[str, Any] = {
        each.name: named[each.name] for each in fields(Account) if each.name in named
    }
    return Account(**known)


def _timeOf(value: bytes | None) -> float:
    return int(value or 0) / 1000


def _cantBe(failure: Failure) -> Any:
    """A fault of the backplane is one of the store, for who asks it."""
    failure.trap(BackplaneError, LookupError, TypeError, ValueError)
    text = failure.getErrorMessage()
    if failure.check(LedgerFullError):
        raise AccountsFullError(text)
    raise StoreError(text)
