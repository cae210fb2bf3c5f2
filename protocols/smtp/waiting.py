"""To wait for mail in place of asking for it again and again."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.threads import deferToThreadPool

from protocols.smtp.reading import EVERYTHING, Query, Stored

# Messages that came in place of the one that was waited for, and are named.
NAMED = 5


class Arrivals:
    """Tells those who wait what has been kept; in the reactor's thread.

    A store announces only while somebody waits: to make a L{Stored} of a message
    costs more than to ask whether that is wanted.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Query, Deferred[Stored]]] = []

    @property
    def waiting(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    def waitFor(self, query: Query) -> Deferred[Stored]:
        """Fires with the next message that is meant; to be cancelled at will."""
        entry: tuple[Query, Deferred[Stored]]
        entry = query, Deferred(lambda _: self._waiting.remove(entry))
        self._waiting.append(entry)
        return entry[1]

    def announce(self, stored: Stored) -> None:
        """A message has been kept."""
        meant = [entry for entry in self._waiting if entry[0].matches(stored)]
        self._waiting = [entry for entry in self._waiting if entry not in meant]
        for _, waiting in meant:
            waiting.callback(stored)


class NothingCameError(TimeoutError):
    """No message came that was meant; the text tells what was, and what came.

    @ivar query: what was waited for.
    @ivar came: the newest messages that are there, oldest first.
    """

    def __init__(self, query: Query, timeout: float, came: list[Stored]) -> None:
        super().__init__(_explained(query, timeout, came))
        self.query = query
        self.came = came[-NAMED:]


async def waitForMail(store: Any, query: Query, reactor: Any, timeout: float) -> Stored:
    """The first message that is meant: one that is there already, or comes.

    @param store: a L{protocols.smtp.reading.MailStore} with C{arrivals}.
    @param reactor: an C{IReactorTime} and C{IReactorThreads}; a store on the disk
        is read in its thread pool.
    @param timeout: in seconds.
    @raise NothingCameError: none came in time.
    """
    # Registered before anybody looks: what comes in between is not missed.
    waiting = store.arrivals.waitFor(query)
    try:
        found = await _look(store, query, reactor)
        if found:
            return found[0]
        stored: Stored = await waiting.addTimeout(timeout, reactor)
    except DeferredTimeoutError:
        came = await _look(store, EVERYTHING, reactor)
        raise NothingCameError(query, timeout, came) from None
    finally:
        if not waiting.called:
            waiting.addErrback(lambda _: None).cancel()
    return stored


def _look(store: Any, query: Query, reactor: Any) -> Deferred[list[Stored]]:
    if getattr(store, "isInMemory", False):
        found: Deferred[list[Stored]] = Deferred()
        found.callback(store.find(query))
        return found
    return deferToThreadPool(reactor, reactor.getThreadPool(), store.find, query)


def _explained(query: Query, timeout: float, came: list[Stored]) -> str:
    """What people see when a test of theirs fails."""
    asked = {name: value for name, value in vars(query).items() if value}
    wanted = ", ".join(f"{name}={value!r}" for name, value in asked.items())
    start = f"no message with {wanted or 'anything'} came within {timeout:g} s"
    if not came:
        return f"{start}; none is there at all"
    lines = [
        f"{each.envelope.sender or '<>'} to {', '.join(each.envelope.recipients)}: "
        f"{each.subject!r}"
        for each in came[-NAMED:]
    ]
    return f"{start}; of {len(came)} the newest are\n  " + "\n  ".join(lines)
