"""A delivery that keeps mail in one SQLite file: 250 means that it is on disk."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from functools import partial
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.smtp.interfaces import Envelope, IDelivery, IStored, Message, SMTPError
from protocols.smtp.parameters import MailParameters
from protocols.smtp.replies import Reply
from protocols.smtp.schema import connect
from protocols.smtp.writer import GroupWriter

# Octets that may wait for the writer; more are refused with 452 until it has
# caught up, so that a slow disk costs the senders time and not us memory.
MAX_PENDING = 128 * 1024 * 1024

_INSERT = (
    "INSERT INTO message"
    " (received, sender, peer, helo, parameters, lint, size, content)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_RECIPIENT = "INSERT INTO recipient VALUES (?, ?, ?)"
_SELECT = (
    "SELECT id, received, sender, peer, helo, parameters, size, lint FROM message"
    " ORDER BY id"
)
_SELECT_RECIPIENTS = "SELECT mailbox FROM recipient WHERE message = ? ORDER BY place"


class Stored(NamedTuple):
    """A message in the store, without its content.

    @ivar id: its number; a later message has a higher one.
    @ivar envelope: who sends it to whom.
    @ivar size: octets of its content.
    @ivar lint: what was odd about it.
    """

    id: int
    envelope: Envelope
    size: int
    lint: frozenset[str]


@implementer(IDelivery, IStored)
class SQLiteDelivery:
    """Keeps messages, with their envelopes, in an SQLite file.

    The Deferred of L{messageReceived} fires when the message has been committed
    and the disk has it. A fault of the store (full, read-only, locked) refuses
    the message with 452 4.3.1, so the sender keeps it and tries again; when the
    fault ends, the store works again.

    @param path: of the file; its folder is made if need be, and both are for
        their owner alone.
    @param reactor: an C{IReactorFromThreads}, to fire in.
    @param maxPending: octets that may wait to be written.
    @raise SchemaError: the file is of a newer version.
    @raise sqlite3.Error: it can't be opened.
    @raise OSError: its folder can't be made.
    """

    log = Logger()

    def __init__(
        self, path: str, reactor: Any, *, maxPending: int = MAX_PENDING, **options: Any
    ) -> None:
        self.path = path
        self.closed = False
        self._reactor = reactor
        self._maxPending = maxPending
        self._pending = 0
        _makePrivate(path)
        connect(path, **options).close()
        self._writer = GroupWriter(partial(connect, path, **options))

    def messageReceived(self, message: Message) -> Deferred[Reply]:
        """Write it; fires with the reply once the disk has it.

        @raise SMTPError: too much waits to be written, or we are closing.
        """
        if self.closed or self._pending + message.size > self._maxPending:
            raise _fault("too much is waiting")
        self._pending += message.size
        row = _row(message)
        done: Deferred[Reply] = Deferred()
        answer = partial(self._reactor.callFromThread, self._answer, done, message.size)
        self._writer.put(partial(_insert, message.envelope, row), answer)
        return done

    def close(self) -> Deferred[None]:
        """Write what is pending and close; fires at the end of that."""
        self.closed = True
        self._writer.close()
        return succeed(None)

    # Reading, from any thread

    def messages(self) -> list[Stored]:
        """All messages that the store has, oldest first."""
        with closing(sqlite3.connect(self.path)) as reader:
            return list(_read(reader))

    def content(self, number: int) -> bytes:
        """The content of the message of that number, octet for octet.

        @raise KeyError: there is none.
        """
        with closing(sqlite3.connect(self.path)) as reader:
            select = "SELECT content FROM message WHERE id = ?"
            row = reader.execute(select, (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        content: bytes = row[0]
        return content

    def _answer(self, done: Deferred[Reply], size: int, result: Any) -> None:
        self._pending -= size
        if isinstance(result, Failure):
            self.log.error("The mail store fails: {error}", error=result.value)
            result = Failure(_fault("the mail store fails"))
        else:
            result = Reply(250, f"OK, stored as {result}", "2.0.0")
        done.callback(result)


def _fault(text: str) -> SMTPError:
    """RFC 5321, section 4.2.2; RFC 3463, X.3.1."""
    return SMTPError(452, "4.3.1", f"Not now: {text}")


def _row(message: Message) -> tuple[object, ...]:
    """What is written of a message; read now, for it is closed when we answer."""
    envelope = message.envelope
    return (
        envelope.receivedAt,
        envelope.sender,
        envelope.peer,
        envelope.helo,
        json.dumps(asdict(envelope.parameters)),
        " ".join(sorted(message.lint)),
        message.size,
        message.content,
    )


def _insert(
    envelope: Envelope, row: tuple[object, ...], connection: sqlite3.Connection
) -> int:
    number = connection.execute(_INSERT, row).lastrowid
    assert number is not None
    connection.executemany(
        _INSERT_RECIPIENT,
        [(number, place, to) for place, to in enumerate(envelope.recipients)],
    )
    return number


def _read(reader: sqlite3.Connection) -> Iterator[Stored]:
    for row in reader.execute(_SELECT).fetchall():
        number, received, sender, peer, helo, parameters, size, lint = row
        recipients = tuple(
            to for (to,) in reader.execute(_SELECT_RECIPIENTS, (number,))
        )
        said = MailParameters(**json.loads(parameters))
        envelope = Envelope(sender, recipients, peer, helo, said, received)
        yield Stored(number, envelope, size, frozenset(lint.split()))


def _makePrivate(path: str) -> None:
    """Mail is its owner's: SQLite gives its other files the mode of this one."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
