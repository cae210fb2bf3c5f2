"""A delivery that keeps mail in one SQLite file: 250 means that it is on disk."""

from __future__ import annotations

import os
import sqlite3
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.smtp.bodyfiles import BodyFiles
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IDelivery, IRoom, IStored, SMTPError
from protocols.smtp.message import Envelope, Message
from protocols.smtp.reader import SQLiteReader, filesOf
from protocols.smtp.reading import HEADER_ROOM, Stored, subjectOf
from protocols.smtp.replies import Reply
from protocols.smtp.retention import Retention
from protocols.smtp.rows import COLUMNS, rowOf
from protocols.smtp.schema import connect
from protocols.smtp.tidying import Tidying
from protocols.smtp.waiting import Arrivals
from protocols.smtp.writer import GroupWriter, Job

# Octets that may wait for the writer; more are refused with 452 until it has
# caught up, so that a slow disk costs the senders time and not us memory.
MAX_PENDING = 128 * 1024 * 1024

# Contents above these octets are files of their own: SQLite reads larger values
# faster from files (SQLite, "Internal Versus External BLOBs"), and they would be
# written twice, to the WAL and to the file.
BODY_FILE_ABOVE = 256 * 1024

# Octets of the disk that are left to others: less is no room for mail.
RESERVE = 16 * 1024 * 1024

# Seconds between two looks for what has become too old.
TIDY_EVERY = 60.0

_INSERT = (
    f"INSERT INTO message ({', '.join(COLUMNS)}, content, file)"
    f" VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"
)
_INSERT_RECIPIENT = "INSERT INTO recipient VALUES (?, ?, ?)"
_INSERT_INBOX = "INSERT INTO inbox VALUES (?, ?)"


@implementer(IDelivery, IStored, IRoom)
class SQLiteDelivery(SQLiteReader):
    """Keeps messages, with their envelopes, in an SQLite file.

    The Deferred of L{messageReceived} fires when the message has been committed
    and the disk has it. A fault of the store (full, read-only, locked) refuses
    the message with 452 4.3.1, so the sender keeps it and tries again; when the
    fault ends, the store works again.

    @param path: of the file; its folder is made if need be, and both are for
        their owner alone.
    @param reactor: an C{IReactorFromThreads} and C{IReactorTime}.
    @param maxPending: octets that may wait to be written.
    @param inboxes: which inboxes a message is found in.
    @param retention: how much is kept, and for how long; everything if C{None}.
    @ivar arrivals: L{Arrivals}, for those who wait for mail.
    @raise SchemaError: the file is of a newer version.
    @raise sqlite3.Error: it can't be opened.
    @raise OSError: its folder can't be made.
    """

    log = Logger()

    def __init__(
        self,
        path: str,
        reactor: Any,
        *,
        maxPending: int = MAX_PENDING,
        inboxes: Inboxes | None = None,
        retention: Retention | None = None,
        **options: Any,
    ) -> None:
        _makePrivate(path)
        super().__init__(path)
        self.closed = False
        self.arrivals = Arrivals()
        self._reactor = reactor
        self._maxPending = maxPending
        self._pending = 0
        self._inboxes = inboxes or Inboxes()
        self._files = BodyFiles(filesOf(path))
        self._tidying = Tidying(retention or Retention(), self._files, reactor)
        self._writer = GroupWriter(
            partial(connect, path, **options), self._inReactor, self._tidying
        )
        self._timer = self._tidyLater(0) if retention else None

    def messageReceived(self, message: Message) -> Deferred[Reply]:
        """Write it; fires with the reply once the disk has it.

        @raise SMTPError: too much waits to be written, or we are closing.
        """
        if self.closed or self._pending + message.size > self._maxPending:
            raise _fault("too much is waiting")
        self._pending += message.size
        done: Deferred[Reply] = Deferred()
        self._writer.put(self._job(message, done))
        return done

    def hasRoom(self, octets: int) -> bool:
        """Whether the disk has room for C{octets} beside all that waits."""
        disk = os.statvfs(os.path.dirname(os.path.abspath(self.path)))
        free = disk.f_bavail * disk.f_frsize
        return free - self._pending - octets > RESERVE

    def close(self) -> Deferred[None]:
        """Write what is pending and close; fires at the end of that."""
        self.closed = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._writer.close()
        return succeed(None)

    def _inReactor(self, function: Any, *args: object) -> None:
        self._reactor.callFromThread(function, *args)

    def _job(self, message: Message, done: Deferred[Reply]) -> Job:
        """What is written of a message; a small content is read now."""
        envelope = message.envelope
        row = rowOf(envelope, message.size, message.lint)
        inboxes = self._inboxes.of(envelope)
        answer = partial(self._answer, done, message)
        if message.size <= BODY_FILE_ABOVE:
            row += (message.content, "")
            return Job(partial(_insert, envelope, row, inboxes), answer)
        name = self._files.newName()
        row += (b"", name)
        keep = partial(self._files.keep, name, message.open(), message.size)
        undo = partial(self._files.delete, name)
        return Job(partial(_insert, envelope, row, inboxes), answer, keep, undo)

    def _answer(self, done: Deferred[Reply], message: Message, result: Any) -> None:
        self._pending -= message.size
        if isinstance(result, Failure):
            self.log.error("The mail store fails: {error}", error=result.value)
            done.callback(Failure(_fault("the mail store fails")))
            return
        if self.arrivals.waiting:
            self._announce(result, message)
        done.callback(Reply(250, f"OK, stored as {result}", "2.0.0"))

    def _announce(self, number: int, message: Message) -> None:
        envelope = message.envelope
        try:
            subject = subjectOf(message.open().read(HEADER_ROOM))
        except ValueError:  # the client has gone, and its message with it
            subject = ""
        boxes = self._inboxes.of(envelope)
        stored = Stored(number, envelope, message.size, message.lint, boxes, subject)
        self.arrivals.announce(stored)

    def _tidyLater(self, seconds: float) -> Any:
        return self._reactor.callLater(seconds, self._tidy)

    def _tidy(self) -> None:
        """What has become too old goes even if nothing new comes."""
        self._writer.put(Job(lambda _: None, lambda _: None))
        self._timer = self._tidyLater(TIDY_EVERY)


def _fault(text: str) -> SMTPError:
    """RFC 5321, section 4.2.2; RFC 3463, X.3.1."""
    return SMTPError(452, "4.3.1", f"Not now: {text}")


def _insert(
    envelope: Envelope,
    row: tuple[object, ...],
    inboxes: tuple[str, ...],
    connection: sqlite3.Connection,
) -> int:
    number = connection.execute(_INSERT, row).lastrowid
    assert number is not None
    for place, to in enumerate(envelope.recipients):
        connection.execute(_INSERT_RECIPIENT, (number, place, to))
    for name in inboxes:
        connection.execute(_INSERT_INBOX, (name, number))
    return number


def _makePrivate(path: str) -> None:
    """Mail is its owner's: SQLite gives its other files the mode of this one."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
