"""Keeps a chat in one SQLite file, without the reactor ever waiting for the disk.

What is appended waits for a twentieth of a second, and then all of it is written
as one, in a thread. A page is what the file has and what waits, so nobody sees
that it is not there yet. A process that is killed loses that twentieth, and
nothing before it: what is in the file is always the beginning of what was said.

When the disk is full or broken, the chat goes on: what people say waits, in
bounded memory, and is written when the fault has ended; if it was too much, a
posting of the kind C{gap} says so in each room.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from protocols.chat.events import Posting
from protocols.chat.names import key
from protocols.chat.spans import MAX_PAGE, Span, milliseconds
from protocols.chat.storecertificates import (
    addCertificate,
    dropCertificate,
    readCertificates,
    readOwner,
)
from protocols.chat.storeflushing import Flushing
from protocols.chat.storeinterface import (
    FOUND,
    Account,
    Fields,
    Store,
    StoreError,
    targetOf,
)
from protocols.chat.storepages import (
    Unwritten,
    readAccount,
    readFound,
    readKey,
    readKeys,
    readMarker,
    readMarkers,
    readPage,
    readTalks,
)
from protocols.chat.storepruning import Pruning
from protocols.chat.storeretention import Retention
from protocols.chat.storerooms import GLANCE_TIMEOUT, Glance
from protocols.chat.storerows import (
    addAccount,
    changeAccount,
    checked,
    readLast,
    readRooms,
    reserve,
    written,
)
from protocols.chat.storeschema import (
    BUSY_TIMEOUT,
    InUseError,
    Lock,
    SchemaError,
    bringUpToDate,
    connect,
    makePrivate,
)
from protocols.chat.storesearch import MAX_ROOMS
from protocols.chat.storesharing import SHARED_BUSY_TIMEOUT, SharedLock, Turn
from protocols.chat.storespool import Spool
from protocols.chat.storethreads import Threads, Work, faultOf

_T = TypeVar("_T")


class ChatStore(Store):
    """A L{Store} in an SQLite file.

    Opening it blocks, some milliseconds; nothing later does, but L{loadRooms}.

    @param path: of the file; its folder is made if need be, and both are for
        their owner alone.
    @param reactor: an C{IReactorThreads}, C{IReactorFromThreads} and
        C{IReactorTime}.
    @param retention: how much is kept; a million postings, if C{None}.
    @param now: tells the seconds since 1970; the reactor does, if C{None}.
    @param spool: where postings wait.
    @param sharedBy: where the processes meet that have this file together, see
        L{protocols.chat.storesharing}; it is this one's alone, if empty.
    @raise StoreError: it can't be opened, is of a newer version, or another
        process has it.
    """

    def __init__(
        self,
        path: str,
        reactor: Any,
        *,
        retention: Retention | None = None,
        now: Callable[[], float] | None = None,
        spool: Spool | None = None,
        busyTimeout: int = BUSY_TIMEOUT,
        sharedBy: str = "",
    ) -> None:
        if sharedBy:
            busyTimeout = max(busyTimeout, SHARED_BUSY_TIMEOUT)
        self._connect = partial(connect, path, busyTimeout)
        try:
            self._open(path, sharedBy)
        except (InUseError, SchemaError, sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: {faultOf(error)}") from None
        self._glance = Glance(partial(connect, path, min(busyTimeout, GLANCE_TIMEOUT)))
        self._threads = Threads(reactor, self._connect)
        self._spool = Spool() if spool is None else spool
        self._flushing = Flushing(self._spool, self._threads, reactor)
        kept = Retention() if retention is None else retention
        self._pruning = Pruning(
            kept, self._threads, reactor, now or reactor.seconds, self._turn
        )
        self._closing: Deferred[None] | None = None

    def _open(self, path: str, sharedBy: str) -> None:
        makePrivate(path)
        shared = SharedLock(path, sharedBy) if sharedBy else None
        self._turn = Turn(path) if sharedBy else None
        self._lock: Lock | SharedLock = shared or Lock(path)
        try:
            with closing(self._connect()) as connection:
                bringUpToDate(connection)
                self._last = readLast(connection)
                self._highest = reserve(connection)
                self._key = readKey(connection)
            if shared is not None:
                shared.share()
        except BaseException:
            self._lock.release()
            raise

    def append(self, posting: Posting) -> None:
        """See L{Store.append}."""
        if self._closing is None:
            self._spool.add(checked(posting))
            self._flushing.soon()

    def page(self, room: str, span: Span) -> Deferred[list[Posting]]:
        """See L{Store.page}."""
        unwritten = Unwritten(self._spool.waitingIn(room), self._spool.redacted())
        return self._threads.read(partial(readPage, room, span, unwritten))

    def search(
        self, rooms: Iterable[str], words: str, limit: int = FOUND, before: int = 0
    ) -> Deferred[list[Posting]]:
        """See L{Store.search}; what can't be written now is not found."""
        asked = list(islice(rooms, MAX_ROOMS)), words, min(max(limit, 0), MAX_PAGE)

        def read(_: object) -> Deferred[list[Posting]]:
            unwritten = Unwritten(redacted=self._spool.redacted())
            return self._threads.read(partial(readFound, *asked, before, unwritten))

        return self.flush().addBoth(read)

    def talks(self, name: str, limit: int = FOUND) -> Deferred[list[Posting]]:
        """See L{Store.talks}; what can't be written now is not found."""
        work = partial(readTalks, key(name), min(max(limit, 0), MAX_PAGE))
        return self.flush().addBoth(lambda _: self._threads.read(work))

    def redact(self, number: int) -> None:
        """See L{Store.redact}."""
        self._spool.noteRedaction(number)
        self._flushing.soon()

    def saveRoom(self, name: str, fields: Fields | None) -> None:
        """See L{Store.saveRoom}."""
        self._spool.noteRoom(name, written(fields))
        self._flushing.soon()

    def room(self, name: str) -> tuple[str, Fields] | None:
        """See L{Store.room}."""
        if self._closing is not None:
            raise StoreError("the store is closed")
        target = targetOf(name)
        found = self._spool.room(target) or self._glance.room(target)
        return (found[0], json.loads(found[1])) if found and found[1] else None

    def loadRooms(self) -> list[tuple[str, Fields]]:
        """See L{Store.loadRooms}.

        @raise StoreError: the file can't be read.
        """
        waiting = self._spool.rooms().values()
        return self._readNow(lambda connection: readRooms(connection, waiting))

    def highestId(self) -> int:
        """See L{Store.highestId}; some thousand above the last, to be sure."""
        return self._highest

    def lastKept(self) -> int:
        """See L{Store.lastKept}."""
        return self._last

    def setReadMarker(self, account: str, target: str, time: float) -> None:
        """See L{Store.setReadMarker}."""
        self._spool.noteMarker(key(account), targetOf(target), milliseconds(time))
        self._flushing.soon()

    def readMarker(self, account: str, target: str) -> Deferred[float]:
        """See L{Store.readMarker}."""
        place = key(account), targetOf(target)
        waiting = self._spool.markersOf(place[0]).get(place[1], 0)
        found = self._threads.read(partial(readMarker, *place))
        return found.addCallback(lambda time: max(time, waiting) / 1000)

    def readMarkers(self, account: str) -> Deferred[dict[str, float]]:
        """See L{Store.readMarkers}."""
        waiting = self._spool.markersOf(key(account))
        return self._threads.read(partial(readMarkers, key(account), waiting))

    def accountKeys(self) -> set[str]:
        """See L{Store.accountKeys}.

        @raise StoreError: the file can't be read.
        """
        return self._readNow(readKeys)

    def account(self, name: str) -> Deferred[Account | None]:
        """See L{Store.account}."""
        return self._threads.read(partial(readAccount, key(name)))

    def addAccount(self, account: Account, most: int) -> Deferred[bool]:
        """See L{Store.addAccount}."""
        return self._threads.write(partial(addAccount, account, most))

    def changeAccount(self, name: str, secret: str | None) -> Deferred[bool]:
        """See L{Store.changeAccount}."""
        return self._threads.write(partial(changeAccount, key(name), secret))

    def addCertificate(
        self, name: str, fingerprint: str, now: float, most: int
    ) -> Deferred[bool]:
        """See L{Store.addCertificate}."""
        work = partial(addCertificate, key(name), fingerprint, now, most)
        return self._threads.write(work)

    def certificates(self, name: str) -> Deferred[list[str]]:
        """See L{Store.certificates}."""
        return self._threads.read(partial(readCertificates, key(name)))

    def certificateOwner(self, fingerprint: str) -> Deferred[Account | None]:
        """See L{Store.certificateOwner}."""
        return self._threads.read(partial(readOwner, fingerprint))

    def dropCertificate(self, name: str, fingerprint: str) -> Deferred[bool]:
        """See L{Store.dropCertificate}."""
        return self._threads.write(partial(dropCertificate, key(name), fingerprint))

    def secretKey(self) -> bytes:
        """See L{Store.secretKey}."""
        return self._key

    def watch(self, watcher: Callable[[str], None]) -> None:
        """See L{Store.watch}."""
        self._flushing.watchers.append(watcher)

    def flush(self) -> Deferred[None]:
        """See L{Store.flush}."""
        return self._flushing.flush()

    def close(self) -> Deferred[None]:
        """See L{Store.close}; to be called while the reactor still runs."""
        if self._closing is None:
            self._pruning.stop()
            self._glance.close()
            self._closing = self._flushing.close()
            self._closing.addCallback(lambda _: self._threads.close())
            self._closing.addCallback(lambda _: self._lock.release())
        done: Deferred[None] = Deferred()
        self._closing.chainDeferred(done)
        return done

    def _readNow(self, work: Work[_T]) -> _T:
        """What is read before the chat begins may block."""
        try:
            with closing(self._connect()) as connection:
                return work(connection)
        except sqlite3.Error as error:
            raise StoreError(faultOf(error)) from None
