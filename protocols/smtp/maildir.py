"""A delivery that keeps mail in a Maildir, where every mail program finds it."""

from __future__ import annotations

import os
import socket
from functools import partial
from io import BytesIO
from typing import Any

from zope.interface import implementer

from protocols.smtp.groupdelivery import GroupDelivery
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IDelivery, IRoom, IStored
from protocols.smtp.maildirfolders import Folders
from protocols.smtp.maildirnames import Names, receivedAt
from protocols.smtp.maildirreader import MaildirReader
from protocols.smtp.maildirwriter import Letter, MaildirWriter
from protocols.smtp.message import Message
from protocols.smtp.retention import Retention
from protocols.smtp.writer import Answer, GroupWriter, Job

# Octets that may wait for the writer, as in the SQLite store.
MAX_PENDING = 128 * 1024 * 1024

# Contents above these octets are copied before their group is begun.
LARGE = 256 * 1024

# Octets of the disk that are left to others: less is no room for mail.
RESERVE = 16 * 1024 * 1024

# Seconds between two looks for what is too old: of messages, and, where all are
# kept, of what was abandoned in tmp.
TIDY_EVERY = 60.0
SWEEP_EVERY = 3600.0


@implementer(IDelivery, IStored, IRoom)
class MaildirDelivery(GroupDelivery, MaildirReader):
    """Keeps messages in a Maildir, octet for octet, with their envelopes beside.

    The Deferred of L{messageReceived} fires when the message and its envelope are
    on the disk, with their folders. A fault of the disk refuses the message with
    452 4.3.1, and nothing of it is left; when it ends, the store works again.

    @param folder: of the Maildir, made if need be, for its owner alone. Inboxes
        other than the first are subfolders, C{.NAME} (Maildir++).
    @param reactor: an C{IReactorFromThreads} and C{IReactorTime}.
    @param inboxes: which inboxes a message is found in.
    @param retention: how much is kept, and for how long; everything if C{None}.
        It counts what other programs have put there as well.
    @param maxPending: octets that may wait to be written.
    @raise OSError: the folder can't be made.
    """

    def __init__(
        self,
        folder: str,
        reactor: Any,
        *,
        inboxes: Inboxes | None = None,
        retention: Retention | None = None,
        maxPending: int = MAX_PENDING,
    ) -> None:
        Folders(folder).make()
        MaildirReader.__init__(self, folder)
        entries = self._folders.entries()
        last = entries[-1].number if entries else 0
        self._names = Names(socket.gethostname(), os.getpid(), last)
        self._retention = retention or Retention()
        every = TIDY_EVERY if retention else SWEEP_EVERY
        GroupDelivery.__init__(self, reactor, maxPending, inboxes, every)

    def hasRoom(self, octets: int) -> bool:
        """Whether the disk has room for C{octets} beside all that waits."""
        disk = os.statvfs(self.path)
        free = disk.f_bavail * disk.f_frsize
        return free - self._pending - octets > RESERVE

    def close(self) -> Any:
        """Write what is pending and close; fires at the end of that."""
        return GroupDelivery.close(self)

    def _makeWriter(self, call: Any) -> GroupWriter:
        return MaildirWriter(self._folders, call, self._keepBounds)

    def _job(self, message: Message, answer: Answer) -> Job:
        """What is written of a message; a small content is read now."""
        letter = Letter(self._folders, message, self._inboxes.of(message.envelope))

        def name(connection: object) -> Letter:
            letter.name(self._names, self._reactor.seconds())
            return letter

        if message.size > LARGE:
            return Job(name, answer, partial(letter.copy, message.open()), letter.undo)
        content = BytesIO(message.content)

        def write(connection: object) -> Letter:
            letter.copy(content)
            return name(connection)

        return Job(write, answer, undo=letter.undo)

    def _tidyJob(self) -> Job:
        sweep = self._folders.sweep
        return Job(lambda _: sweep(self._reactor.seconds()), lambda _: None)

    def _keepBounds(self) -> None:
        """What is too much or too old goes; in the writer's thread."""
        if not self._retention:
            return
        every = self._folders.entries()
        octets = sum(each.size for each in every)
        oldest = ((each.number, receivedAt(each.number), each.size) for each in every)
        now = self._reactor.seconds()
        surplus = self._retention.surplus(oldest, len(every), octets, now)
        for entry in every[: len(surplus)]:
            self._folders.remove(entry)
