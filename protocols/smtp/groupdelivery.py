"""What deliveries share that keep mail through a writer in a thread of its own."""

from __future__ import annotations

from functools import partial
from threading import Thread
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import SMTPError
from protocols.smtp.message import Message
from protocols.smtp.reading import HEADER_ROOM, Stored, subjectOf
from protocols.smtp.replies import Reply
from protocols.smtp.waiting import Arrivals
from protocols.smtp.writer import Answer, GroupWriter, Job


class GroupDelivery:
    """Hands messages to a L{GroupWriter}, and answers when they are kept.

    A subclass makes the writer and says what is written of a message.

    @param reactor: an C{IReactorFromThreads} and C{IReactorTime}.
    @param maxPending: octets that may wait to be written; a message that is
        larger by itself waits alone.
    @param inboxes: which inboxes a message is found in.
    @param tidyEvery: seconds between two looks for what has to go; 0 for none.
    @ivar arrivals: L{Arrivals}, for those who wait for mail.
    """

    log = Logger()

    def __init__(
        self, reactor: Any, maxPending: int, inboxes: Inboxes | None, tidyEvery: float
    ) -> None:
        self.closed = False
        self.arrivals = Arrivals()
        self._reactor = reactor
        self._maxPending = maxPending
        self._pending = 0
        self._gathered: list[Job] = []
        self._inboxes = inboxes or Inboxes()
        self._tidyEvery = tidyEvery
        self._writer = self._makeWriter(self._inReactor)
        self._timer: Any = None
        if tidyEvery:
            self._timer = reactor.callLater(0, self._tidyLater)

    def messageReceived(self, message: Message) -> Deferred[Reply]:
        """Write it; fires with the reply once it is kept.

        @raise SMTPError: too much waits to be written, or we are closing.
        """
        tooMuch = self._pending and self._pending + message.size > self._maxPending
        if self.closed or tooMuch:
            raise fault("too much is waiting")
        done: Deferred[Reply] = Deferred()
        job = self._job(message, partial(self._answer, done, message))
        self._pending += message.size
        if not self._gathered:
            self._reactor.callLater(0, self._handOver)
        self._gathered.append(job)
        return done

    def close(self) -> Deferred[None]:
        """Write what is pending and close; fires at the end of that."""
        self._shut()
        done: Deferred[None] = Deferred()
        Thread(target=self._end, args=(done,), name="mail store", daemon=True).start()
        return done

    def _handOver(self) -> None:
        """What has come in one turn of the reactor goes to the writer together, so
        that it is committed together.
        """
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._writer.putAll(gathered)

    # For subclasses

    def _shut(self) -> None:
        """Take nothing more."""
        self.closed = True
        self._handOver()
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _makeWriter(self, call: Any) -> GroupWriter:
        raise NotImplementedError

    def _job(self, message: Message, answer: Answer) -> Job:
        raise NotImplementedError

    def _tidyJob(self) -> Job:
        """What is done now and then."""
        return Job(lambda _: None, lambda _: None)

    def _explained(self, error: BaseException | None) -> str:
        """A fault of the store, for the log."""
        return str(error)

    def _end(self, done: Deferred[None]) -> None:
        """In a thread, since what is pending may wait for a slow store."""
        self._writer.close()
        self._inReactor(done.callback, None)

    def _inReactor(self, function: Any, *args: object) -> None:
        self._reactor.callFromThread(function, *args)

    def _answer(self, done: Deferred[Reply], message: Message, result: Any) -> None:
        self._pending -= message.size
        if isinstance(result, Failure):
            error = self._explained(result.value)
            self.log.error("The mail store fails: {error}", error=error)
            done.callback(Failure(fault("the mail store fails")))
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
        self.arrivals.announce(
            Stored(number, envelope, message.size, message.lint, boxes, subject)
        )

    def _tidyLater(self) -> None:
        self._writer.put(self._tidyJob())
        self._timer = self._reactor.callLater(self._tidyEvery, self._tidyLater)


def fault(text: str) -> SMTPError:
    """RFC 5321, section 4.2.2; RFC 3463, X.3.1."""
    return SMTPError(452, "4.3.1", f"Not now: {text}")
