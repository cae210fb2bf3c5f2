"""A delivery that keeps mail in PostgreSQL, for hosts that share one mailbox."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from secrets import token_hex
from typing import Any

from twisted.internet.defer import Deferred
from zope.interface import implementer

from protocols.smtp.groupdelivery import GroupDelivery
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IDelivery, IStored, SMTPError
from protocols.smtp.message import Message
from protocols.smtp.postgreslistening import Listening
from protocols.smtp.postgresreader import PostgresReader, connect
from protocols.smtp.postgresschema import INSERT
from protocols.smtp.postgresurl import PostgresError
from protocols.smtp.postgreswriter import PostgresTidying, PostgresWriter
from protocols.smtp.reading import Query, Stored
from protocols.smtp.retention import Retention
from protocols.smtp.rows import rowOf
from protocols.smtp.writer import Answer, GroupWriter, Job

# Octets that may wait for the writer. They are in memory, and once more while
# they are sent.
MAX_PENDING = 64 * 1024 * 1024

# Octets of a content: a value of PostgreSQL has 1 GiB at most (its manual,
# appendix K), and libpq has it in memory as a whole.
MAX_CONTENT = 256 * 1024 * 1024

# Contents above these octets are read by the writer, while the reactor goes on.
LARGE = 256 * 1024

# Seconds between two looks for what has become too old.
TIDY_EVERY = 60.0


@implementer(IDelivery, IStored)
class PostgresDelivery(GroupDelivery, PostgresReader):
    """Keeps messages, with their envelopes, in a database of PostgreSQL.

    The Deferred of L{messageReceived} fires when the message has been committed.
    While the server is away messages are refused with 452 4.3.1, so the sender
    keeps them; when it is back, the store works again. A message can be kept twice
    only if the server went while it committed: the sender is told to come back.

    @param url: C{postgresql://USER:PASSWORD@HOST/DATABASE}, see
        L{protocols.smtp.postgresurl.PostgresURL}.
    @param reactor: an C{IReactorFromThreads} and C{IReactorTime}.
    @param inboxes: which inboxes a message is found in.
    @param retention: how much is kept, and for how long; everything if C{None}.
        Of several hosts the narrowest counts.
    @param maxPending: octets that may wait to be written.
    @ivar arrivals: hears of what other hosts have kept as well.
    @raise PostgresError: it can't be used now.
    """

    def __init__(
        self,
        url: str,
        reactor: Any,
        *,
        inboxes: Inboxes | None = None,
        retention: Retention | None = None,
        maxPending: int = MAX_PENDING,
    ) -> None:
        PostgresReader.__init__(self, url)
        self._token = token_hex(8)
        self._last = self.last()
        self._tidying = PostgresTidying(retention or Retention(), reactor)
        GroupDelivery.__init__(self, reactor, maxPending, inboxes, TIDY_EVERY)
        self._listening = Listening(
            partial(connect, self._url), self._began, self._heard, self._explained
        )

    def messageReceived(self, message: Message) -> Deferred[Any]:
        """Write it; fires with the reply once it is committed.

        @raise SMTPError: it is too large for the store, too much waits to be
            written, or we are closing.
        """
        if message.size > MAX_CONTENT:
            raise SMTPError(552, "5.3.4", "Too large for the mail store")
        return GroupDelivery.messageReceived(self, message)

    def close(self) -> Any:
        """Write what is pending and close; fires at the end of that."""
        return GroupDelivery.close(self)

    def _makeWriter(self, call: Any) -> GroupWriter:
        opened = partial(connect, self._url)
        return PostgresWriter(opened, call, self._tidying, self._token)

    def _job(self, message: Message, answer: Answer) -> Job:
        envelope = message.envelope
        row = rowOf(envelope, message.size, message.lint)
        lists = [list(envelope.recipients), list(self._inboxes.of(envelope))]
        contents = [] if message.size > LARGE else [message.content]

        def write(connection: Any) -> int:
            ((number,),) = connection.execute(INSERT, (*row, *contents, *lists))
            return int(number)

        if contents:
            return Job(write, answer)
        file = message.open()
        return Job(write, answer, lambda: contents.append(_whole(file, message.size)))

    def _explained(self, error: BaseException | None) -> str:
        return self._url.explained(error)

    def _end(self, done: Deferred[None]) -> None:
        self._listening.close()
        super()._end(done)

    # In the thread that listens

    def _began(self) -> None:
        """What came while nobody listened."""
        with suppress(PostgresError):  # then it begins once more
            if self.arrivals.waiting:
                self._announceAll(self.find(Query(after=self._last)))
            else:
                self._last = self.last()

    def _heard(self, text: str) -> None:
        token, *words = text.split() or [""]
        try:
            numbers = {number for number in map(int, words) if number > self._last}
        except ValueError:  # whoever else speaks there
            return
        if token != self._token and self.arrivals.waiting and numbers:
            with suppress(PostgresError):  # then it begins once more
                found = self.find(Query(after=min(numbers) - 1))
                self._announceAll([each for each in found if each.id in numbers])
        self._last = max(self._last, *numbers, 0)

    def _announceAll(self, found: list[Stored]) -> None:
        for stored in found:
            self._inReactor(self.arrivals.announce, stored)
            self._last = max(self._last, stored.id)


def _whole(file: Any, size: int) -> bytes:
    content: bytes = file.read()
    if len(content) != size:
        raise ValueError("the content is not whole")
    return content
