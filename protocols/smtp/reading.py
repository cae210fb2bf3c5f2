"""Reading mail that was kept: what every store offers, and how to ask for some. Pure.

All of it may block, and may be called from any thread; who reads in the reactor's
thread does so in its thread pool.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from fnmatch import fnmatchcase
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from protocols.smtp.interfaces import Envelope

# Octets of a message that are searched for its header: Postfix takes no header
# that is longer (header_size_limit is 102,400).
HEADER_ROOM = 102_400

# Where mail is that no rule sends elsewhere.
INBOX = "inbox"


class StoreError(Exception):
    """A store can't be opened or read; the text is one line, and shows no secret."""


@dataclass(frozen=True)
class Stored:
    """A message that is kept, without its content.

    @ivar id: its number; one that came later has a higher one.
    @ivar envelope: who sends it to whom.
    @ivar size: octets of its content.
    @ivar lint: what was odd about it.
    @ivar inboxes: where it is found.
    @ivar subject: its Subject, decoded (RFC 2047); empty if it has none.
    """

    id: int
    envelope: Envelope
    size: int
    lint: frozenset[str] = frozenset()
    inboxes: tuple[str, ...] = (INBOX,)
    subject: str = ""


@dataclass(frozen=True)
class Query:
    """Which messages are meant: those that are all that is said here.

    Addresses are patterns with C{*} and C{?}; letters match in either case.

    @ivar to: one recipient of the envelope.
    @ivar sender: the sender of the envelope.
    @ivar subject: stands somewhere in the subject.
    @ivar inbox: the name of an inbox.
    @ivar after: the id is higher than this.
    """

    to: str | None = None
    sender: str | None = None
    subject: str | None = None
    inbox: str | None = None
    after: int = 0

    def matches(self, stored: Stored) -> bool:
        """Whether C{stored} is meant."""
        envelope = stored.envelope
        return (
            stored.id > self.after
            and (self.inbox is None or self.inbox in stored.inboxes)
            and _isLike(self.sender, (envelope.sender,))
            and _isLike(self.to, envelope.recipients)
            and (self.subject or "").casefold() in stored.subject.casefold()
        )


EVERYTHING = Query()


class MailStore(Protocol):
    """What can be read, and what can be read from, of a store of mail."""

    def find(self, query: Query = ...) -> list[Stored]:
        """The messages that are meant, oldest first."""

    def open(self, number: int) -> IO[bytes]:
        """The content of a message as a file, to be closed.

        @raise KeyError: there is none of that number.
        """

    def delete(self, numbers: Iterable[int]) -> int:
        """Forget messages for good; how many there were of them."""

    def close(self) -> Any:
        """Let go of it; C{None}, or a Deferred that fires when that is done."""


def subjectOf(start: bytes) -> str:
    """The decoded Subject of a message.

    @param start: its first octets, up to L{HEADER_ROOM}.
    """
    head, _, _ = start[:HEADER_ROOM].partition(b"\r\n\r\n")
    if b"subject:" not in head.lower():
        return ""
    raw = BytesHeaderParser(policy=compat32).parsebytes(head)["subject"]
    try:
        text = str(make_header(decode_header(raw or "")))
    except (LookupError, ValueError):
        text = str(raw)
    return " ".join(text.split())


def _isLike(pattern: str | None, mailboxes: Iterable[str]) -> bool:
    if pattern is None:
        return True
    lowered = pattern.lower()
    return any(fnmatchcase(mailbox.lower(), lowered) for mailbox in mailboxes)
