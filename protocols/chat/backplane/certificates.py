"""Certificates of accounts that are those of all nodes. Wire."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from protocols.chat.backplane.interface import Ledger, LedgerFullError
from protocols.chat.names import key
from protocols.chat.storeinterface import CertificatesFullError

# The book that says whose a certificate is, and those of each account's.
_OWNERS, _OF = "certificates", "certificates:"


class LedgerCertificates:
    """Which certificates accounts have.

    An account's book is written first: if a node ends between the two, the
    certificate is nobody's, and can be added again.

    @param ledger: where they are kept.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def add(self, name: str, fingerprint: str, now: float, most: int) -> bool:
        """See L{Store.addCertificate}; there is such an account."""
        place, book = key(name), _OF + key(name)
        owner = await self._ledger.get(_OWNERS, fingerprint)
        if owner is not None:
            return owner == place.encode()
        try:
            await self._ledger.put(book, fingerprint, b"%r" % now, None, most)
        except LedgerFullError as error:
            raise CertificatesFullError(str(error)) from None
        if await self._ledger.put(_OWNERS, fingerprint, place.encode(), None):
            return True
        await self._drop(book, fingerprint)
        return False

    def of(self, name: str) -> Deferred[list[str]]:
        """See L{Store.certificates}."""

        def inOrder(found: dict[str, bytes]) -> list[str]:
            return sorted(found, key=lambda each: (float(found[each]), each))

        return self._ledger.scan(_OF + key(name)).addCallback(inOrder)

    def owner(self, fingerprint: str) -> Deferred[bytes | None]:
        """The key of the account that has it."""
        return self._ledger.get(_OWNERS, fingerprint)

    async def drop(self, name: str, fingerprint: str) -> bool:
        """See L{Store.dropCertificate}."""
        mine = key(name).encode()
        isTheirs = await self._ledger.put(_OWNERS, fingerprint, None, mine)
        await self._drop(_OF + key(name), fingerprint)
        return isTheirs

    async def dropAll(self, name: str) -> None:
        """The account is no more."""
        for fingerprint in await self.of(name):
            await self.drop(name, fingerprint)

    async def _drop(self, book: str, fingerprint: str) -> None:
        found = await self._ledger.get(book, fingerprint)
        if found is not None:
            await self._ledger.put(book, fingerprint, None, found)
