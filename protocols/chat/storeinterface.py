"""What a store of a chat offers, whatever it keeps things in. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from protocols.chat.events import Posting
from protocols.chat.names import key
from protocols.chat.spans import Span

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from protocols.chat.room import Room

Fields = dict[str, Any]
"""What there is to know about a room; goes through JSON and back."""

# Postings that a search finds unless it is asked for more or fewer.
FOUND = 50

# Rooms whose key is remembered; what it saves is some 10 us for each posting.
_REMEMBERED = 4096


class StoreError(Exception):
    """Something can't be kept or found; the text is one line for a log."""


class StoreBusyError(StoreError):
    """Too many ask at once: later."""


class AccountsFullError(StoreError):
    """There are as many accounts as there may be."""


class CertificatesFullError(StoreError):
    """An account has as many certificates as it may have."""


@dataclass(frozen=True)
class Account:
    """Somebody's account.

    @ivar name: as it was registered.
    @ivar secret: what a password is checked with.
    @ivar made: seconds since 1970.
    """

    name: str
    secret: str = field(repr=False)
    made: float = 0.0

    @property
    def key(self) -> str:
        """What makes it unique."""
        return key(self.name)


@lru_cache(_REMEMBERED)
def targetOf(room: str) -> str:
    """What a room's history is found by, however its name is written.

    What does not begin with C{#} is the caller's own, and taken as it is.
    """
    return f"#{key(room[1:])}" if room.startswith("#") else room


class Keeping(Protocol):
    """Remembers a lobby's rooms."""

    def roomChanged(self, room: Room) -> None:
        """A room is as it is now, from now on."""

    def find(self, name: str) -> Room | None:
        """A room that is not in memory, as it was; it is in memory then.

        @return: C{None} if there never was one, or memory is full.
        @raise protocols.chat.people.RefusedError: nobody can tell just now.
        """


class Store(Protocol):
    """Keeps what was said, rooms, accounts, and how far people have read."""

    def append(self, posting: Posting) -> None:
        """Keep a posting, soon; never waits, and nothing is raised for a disk.

        A posting whose id is there already is not kept again.

        @raise ValueError: its id is below 1 or too high, or its time no number.
        """

    def page(self, room: str, span: Span) -> Deferred[list[Posting]]:
        """A page of a room's history, with all that was appended before.

        @return: oldest first; their C{room} is C{room}. Fails with
            L{StoreError}.
        """

    def search(
        self, rooms: Iterable[str], words: str, limit: int = FOUND, before: int = 0
    ) -> Deferred[list[Posting]]:
        """The last postings that have all the words.

        Letters match in either case, with or without diacritics. A word with
        signs in it, such as C{e-mail}, is looked for as the words next to each
        other that it consists of.

        @param rooms: where to look; in the first
            L{protocols.chat.storesearch.MAX_ROOMS} of them.
        @param words: what somebody typed, with blanks between words.
        @param limit: postings at most, 0 to L{protocols.chat.history.MAX_PAGE}.
        @param before: only those of lower ids; all, if 0.
        @return: oldest first. Fails with L{StoreError}.
        """

    def talks(self, name: str, limit: int = FOUND) -> Deferred[list[Posting]]:
        """The last posting of each of somebody's private talks.

        They are those whose C{room} is two keys with a bar between them, one of
        them that of C{name}.

        @return: of the last C{limit} talks, oldest first; their C{room} is that
            of the talk. Fails with L{StoreError}.
        """

    def redact(self, number: int) -> None:
        """Forget a posting for good, soon; it is not shown from now on."""

    def saveRoom(self, name: str, fields: Fields | None) -> None:
        """Keep what there is to know about a room, soon; nothing, if C{None}.

        @raise ValueError: it is no JSON, or too much.
        """

    def room(self, name: str) -> tuple[str, Fields] | None:
        """What was saved of one room, and its name as it was saved; at once.

        @raise StoreError: it can't be read.
        """

    def loadRooms(self) -> list[tuple[str, Fields]]:
        """All that was saved of rooms, what was saved last behind; blocks."""

    def highestId(self) -> int:
        """The highest id that may have been given away before this start."""

    def lastKept(self) -> int:
        """The highest id of a posting that was kept before this start.

        All that was said before it is kept, as far as it is to be.
        """

    def setReadMarker(self, account: str, target: str, time: float) -> None:
        """Somebody has read up to a time, in seconds; it never goes back."""

    def readMarker(self, account: str, target: str) -> Deferred[float]:
        """Up to when somebody has read; 0 if nothing. Fails with L{StoreError}."""

    def readMarkers(self, account: str) -> Deferred[dict[str, float]]:
        """All of somebody's, by L{targetOf} what they read. Fails as L{page}."""

    def accountKeys(self) -> set[str]:
        """The keys of all accounts; blocks."""

    def account(self, name: str) -> Deferred[Account | None]:
        """The account of that name. Fails with L{StoreError}."""

    def addAccount(self, account: Account, most: int) -> Deferred[bool]:
        """Keep a new account; fires when it is kept.

        @return: false if the name is taken. Fails with L{AccountsFullError} if
            there are C{most} already, and with L{StoreError}.
        """

    def changeAccount(self, name: str, secret: str | None) -> Deferred[bool]:
        """Give an account another secret, or delete it if C{None}.

        @return: false if there is none. Fails with L{StoreError}.
        """

    def addCertificate(
        self, name: str, fingerprint: str, now: float, most: int
    ) -> Deferred[bool]:
        """Keep that a client certificate is an account's; fires when it is kept.

        @param fingerprint: in one spelling; here it is a text like any other.
        @param now: seconds since 1970.
        @return: true if it is the account's now, or was already; false if it is
            another's, or there is no such account. Fails with
            L{CertificatesFullError} if it has C{most} already, and with
            L{StoreError}.
        """

    def certificates(self, name: str) -> Deferred[list[str]]:
        """The fingerprints of an account, the oldest first. Fails as L{account}."""

    def certificateOwner(self, fingerprint: str) -> Deferred[Account | None]:
        """The account that a certificate is of. Fails with L{StoreError}."""

    def dropCertificate(self, name: str, fingerprint: str) -> Deferred[bool]:
        """Forget an account's certificate; with the account all of them are.

        @return: false if it has none such. Fails with L{StoreError}.
        """

    def secretKey(self) -> bytes:
        """Octets that nobody else knows; the same after a restart."""

    def watch(self, watcher: Callable[[str], None]) -> None:
        """Have C{watcher} told of faults of the disk.

        It is called with what is wrong when one begins, in a line that is not for
        strangers, and with an empty text when it is over.
        """

    def flush(self) -> Deferred[None]:
        """Write what has been appended so far. Fails with L{StoreError}."""

    def close(self) -> Deferred[None]:
        """Write everything and let go; what is appended then is not kept."""
