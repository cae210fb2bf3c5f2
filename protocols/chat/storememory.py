"""Keeps a chat in memory, as much of it as rings hold; for who gives no file."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from secrets import token_bytes
from typing import TypeVar

from twisted.internet.defer import Deferred, fail, succeed

from protocols.chat.events import Posting
from protocols.chat.history import Ring
from protocols.chat.names import key
from protocols.chat.spans import MAX_ID, Span, inRoom, milliseconds
from protocols.chat.storeinterface import (
    FOUND,
    Account,
    AccountsFullError,
    CertificatesFullError,
    Fields,
    Store,
    targetOf,
)
from protocols.chat.storerows import MAX_ROOMS, checked, written
from protocols.chat.storesearch import MAX_ROOMS as MAX_SEARCHED
from protocols.chat.storesearch import has, wordsIn

# Postings of a room, octets of their texts, and rooms, the last ones in which
# something was said: 64 MiB of texts at the most.
MAX_POSTINGS = 500
MAX_OCTETS = 64 * 1024
MAX_TARGETS = 1000

# Read markers: a thousand people's, in all rooms that they may be in.
MAX_MARKERS = 20_000

_KEY_OCTETS = 32
_K = TypeVar("_K")
_V = TypeVar("_V")


class MemoryStore(Store):
    """A L{Store} that is empty after a restart.

    @param most: postings that are kept of a room.
    @param maxOctets: octets of their texts.
    """

    def __init__(self, most: int = MAX_POSTINGS, maxOctets: int = MAX_OCTETS) -> None:
        self._most = most
        self._maxOctets = maxOctets
        self._rings: OrderedDict[str, Ring] = OrderedDict()
        self._rooms: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._markers: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._accounts: dict[str, Account] = {}
        self._owners: dict[str, str] = {}
        self._certificates: dict[str, list[str]] = {}
        self._key = token_bytes(_KEY_OCTETS)

    def append(self, posting: Posting) -> None:
        """See L{Store.append}."""
        checked(posting)
        target = targetOf(posting.room)
        ring = self._rings.get(target)
        if ring is None:
            ring = Ring(self._most, self._maxOctets)
        if posting.id > ring.highest:
            ring.append(posting)
        _put(self._rings, target, ring, MAX_TARGETS)

    def ringOf(self, room: str) -> Ring | None:
        """What was said in a room, for somebody who goes on with it."""
        return self._rings.get(targetOf(room))

    def share(self, target: str, ring: Ring) -> None:
        """Keep what is in C{ring} now, and will be, for C{target}."""
        _put(self._rings, target, ring, MAX_TARGETS)

    def page(self, room: str, span: Span) -> Deferred[list[Posting]]:
        """See L{Store.page}."""
        ring = self._rings.get(targetOf(room))
        found = ring.page(span) if ring is not None else []
        return succeed([inRoom(room, posting) for posting in found])

    def search(
        self, rooms: Iterable[str], words: str, limit: int = FOUND, before: int = 0
    ) -> Deferred[list[Posting]]:
        """See L{Store.search}."""
        wanted = wordsIn(words)
        if not wanted:
            return succeed([])
        where = {targetOf(room): room for room in islice(rooms, MAX_SEARCHED)}
        found = [
            inRoom(room, posting)
            for target, room in where.items()
            if target in self._rings
            for posting in self._rings[target].last(self._most)
            if posting.id < (before or MAX_ID) and has(posting.text, wanted)
        ]
        found.sort(key=lambda posting: posting.id)
        return succeed(found[max(len(found) - max(limit, 0), 0) :])

    def talks(self, name: str, limit: int = FOUND) -> Deferred[list[Posting]]:
        """See L{Store.talks}."""
        mine = key(name)
        last = [
            inRoom(target, posting)
            for target, ring in self._rings.items()
            if target.startswith(f"{mine}|") or target.endswith(f"|{mine}")
            for posting in ring.last(1)
        ]
        last.sort(key=lambda posting: posting.id)
        return succeed(last[max(len(last) - max(limit, 0), 0) :])

    def redact(self, number: int) -> None:
        """See L{Store.redact}."""
        for ring in self._rings.values():
            ring.redact(number)

    def saveRoom(self, name: str, fields: Fields | None) -> None:
        """See L{Store.saveRoom}."""
        text = written(fields)
        if text is None:
            self._rooms.pop(targetOf(name), None)
        else:
            _put(self._rooms, targetOf(name), (name, text), MAX_ROOMS)

    def room(self, name: str) -> tuple[str, Fields] | None:
        """See L{Store.room}."""
        found = self._rooms.get(targetOf(name))
        return None if found is None else (found[0], json.loads(found[1]))

    def loadRooms(self) -> list[tuple[str, Fields]]:
        """See L{Store.loadRooms}."""
        return [(name, json.loads(text)) for name, text in self._rooms.values()]

    def highestId(self) -> int:
        """See L{Store.highestId}."""
        return 0

    def lastKept(self) -> int:
        """See L{Store.lastKept}."""
        return 0

    def setReadMarker(self, account: str, target: str, time: float) -> None:
        """See L{Store.setReadMarker}."""
        place = key(account), targetOf(target)
        latest = max(milliseconds(time), self._markers.get(place, 0))
        _put(self._markers, place, latest, MAX_MARKERS)

    def readMarker(self, account: str, target: str) -> Deferred[float]:
        """See L{Store.readMarker}."""
        place = key(account), targetOf(target)
        return succeed(self._markers.get(place, 0) / 1000)

    def readMarkers(self, account: str) -> Deferred[dict[str, float]]:
        """See L{Store.readMarkers}."""
        marks = self._markers.items()
        mine = {place[1]: at / 1000 for place, at in marks if place[0] == key(account)}
        return succeed(mine)

    def accountKeys(self) -> set[str]:
        """See L{Store.accountKeys}."""
        return set(self._accounts)

    def account(self, name: str) -> Deferred[Account | None]:
        """See L{Store.account}."""
        return succeed(self._accounts.get(key(name)))

    def addAccount(self, account: Account, most: int) -> Deferred[bool]:
        """See L{Store.addAccount}."""
        if len(self._accounts) >= most:
            return fail(AccountsFullError(f"there are {most} accounts already"))
        kept = self._accounts.setdefault(account.key, account)
        return succeed(kept is account)

    def changeAccount(self, name: str, secret: str | None) -> Deferred[bool]:
        """See L{Store.changeAccount}."""
        account = self._accounts.pop(key(name), None)
        if account is not None and secret is not None:
            self._accounts[key(name)] = replace(account, secret=secret)
        if account is not None and secret is None:
            for place in [each for each in self._markers if each[0] == key(name)]:
                del self._markers[place]
            for fingerprint in self._certificates.pop(key(name), ()):
                del self._owners[fingerprint]
        return succeed(account is not None)

    def addCertificate(
        self, name: str, fingerprint: str, now: float, most: int
    ) -> Deferred[bool]:
        """See L{Store.addCertificate}."""
        if fingerprint not in self._owners and key(name) in self._accounts:
            theirs = self._certificates.setdefault(key(name), [])
            if len(theirs) >= most:
                text = f"an account has {most} certificates"
                return fail(CertificatesFullError(text))
            theirs.append(fingerprint)
            self._owners[fingerprint] = key(name)
        return succeed(self._owners.get(fingerprint) == key(name))

    def certificates(self, name: str) -> Deferred[list[str]]:
        """See L{Store.certificates}."""
        return succeed(list(self._certificates.get(key(name), ())))

    def certificateOwner(self, fingerprint: str) -> Deferred[Account | None]:
        """See L{Store.certificateOwner}."""
        return succeed(self._accounts.get(self._owners.get(fingerprint, "")))

    def dropCertificate(self, name: str, fingerprint: str) -> Deferred[bool]:
        """See L{Store.dropCertificate}."""
        isTheirs = self._owners.get(fingerprint) == key(name)
        if isTheirs:
            del self._owners[fingerprint]
            self._certificates[key(name)].remove(fingerprint)
        return succeed(isTheirs)

    def secretKey(self) -> bytes:
        """See L{Store.secretKey}."""
        return self._key

    def watch(self, watcher: Callable[[str], None]) -> None:
        """See L{Store.watch}; there is no disk."""

    def flush(self) -> Deferred[None]:
        """See L{Store.flush}; there is nothing to be written."""
        return succeed(None)

    def close(self) -> Deferred[None]:
        """See L{Store.close}; nothing is kept any longer."""
        self._rings.clear()
        return succeed(None)


def _put(kept: OrderedDict[_K, _V], place: _K, value: _V, most: int) -> None:
    """Keep something, and forget what was put there longest ago if it is too much."""
    kept[place] = value
    kept.move_to_end(place)
    if len(kept) > most:
        kept.popitem(last=False)
