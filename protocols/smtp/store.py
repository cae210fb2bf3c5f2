"""A delivery that keeps mail in one SQLite file: 250 means that it is on disk."""

from __future__ import annotations

import os
import sqlite3
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from protocols.smtp.bodyfiles import BodyFiles
from protocols.smtp.groupdelivery import GroupDelivery
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IDelivery, IRoom, IStored
from protocols.smtp.message import Envelope, Message
from protocols.smtp.reader import SQLiteReader, filesOf
from protocols.smtp.retention import Retention
from protocols.smtp.rows import COLUMNS, rowOf
from protocols.smtp.schema import connect
from protocols.smtp.tidying import Tidying
from protocols.smtp.writer import Answer, GroupWriter, Job

# Octets that may wait for the writer; more are refused with 452 until it has
# caught up, so that a slow disk costs the senders time and not us memory.
MAX_PENDING = 128 * 1024 * 1024

# Contents above these octets are files of their own: SQLite reads larger values
# faster from files (SQLite, "Internal Versus External BLOBs"), and they would be
# written twice, to the WAL and to the file.
BODY_FILE_ABOVE = 256 * 1024

# Octets of the disk that are left to others: less is no room for mail.
RESERVE = 16 * 1024 * 1024

# Seconds for which the room that was found on the disk is believed: no disk takes
# more than the reserve meanwhile, and should one, the commit finds out.
LOOK_EVERY = 0.1

# Seconds between two looks for what has become too old.
TIDY_EVERY = 60.0

_INSERT = (
    f"INSERT INTO message ({', '.join(COLUMNS)}, content, file)"
    f" VALUES ({', '.join('?' * (len(COLUMNS) + 2))})"
)
_INSERT_RECIPIENT = "INSERT INTO recipient VALUES (?, ?, ?)"
_INSERT_INBOX = "INSERT INTO inbox VALUES (?, ?)"


@implementer(IDelivery, IStored, IRoom)
class SQLiteDelivery(GroupDelivery, SQLiteReader):
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
        SQLiteReader.__init__(self, path)
        self._files = BodyFiles(filesOf(path))
        self._tidying = Tidying(retention or Retention(), self._files, reactor)
        self._connect = partial(connect, path, **options)
        self._looked, self._free = -LOOK_EVERY, 0
        every = TIDY_EVERY if retention else 0
        GroupDelivery.__init__(self, reactor, maxPending, inboxes, every)

    def hasRoom(self, octets: int) -> bool:
        """Whether the disk has room for C{octets} beside all that waits."""
        now = self._reactor.seconds()
        if not 0 <= now - self._looked < LOOK_EVERY:
            disk = os.statvfs(os.path.dirname(os.path.abspath(self.path)))
            self._free, self._looked = disk.f_bavail * disk.f_frsize, now
        return self._free - self._pending - octets > RESERVE

    def close(self) -> Deferred[None]:
        """Write what is pending and close; done when it returns."""
        self._shut()
        self._writer.close()
        return succeed(None)

    def _makeWriter(self, call: Any) -> GroupWriter:
        return GroupWriter(self._connect, call, self._tidying)

    def _job(self, message: Message, answer: Answer) -> Job:
        """What is written of a message; a small content is read now."""
        envelope = message.envelope
        row = rowOf(envelope, message.size, message.lint)
        inboxes = self._inboxes.of(envelope)
        if message.size <= BODY_FILE_ABOVE:
            row += (message.content, "")
            return Job(partial(_insert, envelope, row, inboxes), answer)
        name = self._files.newName()
        row += (b"", name)
        keep = partial(self._files.keep, name, message.open(), message.size)
        undo = partial(self._files.delete, name)
        return Job(partial(_insert, envelope, row, inboxes), answer, keep, undo)


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
