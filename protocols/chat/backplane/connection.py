"""A connection to Redis: many commands under way, answered in order. Wire."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from protocols.chat.backplane.interface import BackplaneError
from protocols.chat.backplane.places import Place
from protocols.chat.backplane.resp import (
    Parser,
    RefusedByServerError,
    RespError,
    command,
)

# Commands under way at most: some milliseconds' work of the server.
MAX_PIPELINE = 4000

# Seconds for an answer. A server that stands still for longer, for instance to
# write everything to its disk, is taken for one that is not there.
REPLY_TIMEOUT = 5.0

# Seconds after which a connection was a good one: the next is then made at once. Who
# is not let in is told so within milliseconds, and would ask ten times a second.
LASTING = 10.0


class RedisConnection(Protocol):
    """One connection; made by L{RedisFactory}.

    @ivar underWay: commands without an answer so far.
    """

    factory: RedisFactory

    def connectionMade(self) -> None:
        """Say who we are, and which database."""
        self._parser = Parser()
        self._waiting: deque[tuple[float, Deferred[Any]]] = deque()
        self._out: list[bytes] = []
        self._timer: Any = None
        self._lost = ""
        self._began = self.factory.clock.seconds()
        place = self.factory.place
        said = maybeDeferred(self._sayWho)
        said.addCallback(lambda _: self.send("SELECT", place.database))
        said.addCallbacks(self._ready, self._refused)

    def _sayWho(self) -> Deferred[Any] | None:
        place = self.factory.place
        secret = place.secret()
        if not secret:
            return None
        return self.send("AUTH", *([place.user] if place.user else []), secret)

    @property
    def underWay(self) -> int:
        """How many commands wait for their answer."""
        return len(self._waiting)

    def send(self, *words: bytes | str | int, wait: float = 0.0) -> Deferred[Any]:
        """Send a command; all of a turn together.

        @param wait: seconds that the server may take on purpose.
        @return: its answer. Fails with L{RefusedByServerError}, if that is one,
            and with L{BackplaneError} if it does not come, or too many wait.
        """
        if self._lost or len(self._waiting) >= MAX_PIPELINE:
            return fail(BackplaneError(self._lost or "too many commands are under way"))
        if not self._out:
            self.factory.clock.callLater(0, self._flush)
        self._out.append(command(*words))
        answer: Deferred[Any] = Deferred()
        now = self.factory.clock.seconds()
        self._waiting.append((now + REPLY_TIMEOUT + wait, answer))
        if self._timer is None:
            self._watch()
        return answer

    def dataReceived(self, data: bytes) -> None:
        """Hand out the answers."""
        try:
            answers = self._parser.feed(data)
        except RespError as error:
            self.abandon(str(error))
            return
        for answer in answers:
            if not self._waiting:
                self.abandon("an answer to nothing")
                return
            _, deferred = self._waiting.popleft()
            if isinstance(answer, RefusedByServerError):
                deferred.errback(answer)
            else:
                deferred.callback(answer)

    def abandon(self, reason: str) -> None:
        """Have it be lost, now."""
        if not self._lost:
            self._end(reason)
            transport: Any = self.transport
            transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing that waits will be answered."""
        self._end(reason.getErrorMessage())
        hasLasted = self.factory.clock.seconds() - self._began >= LASTING
        self.factory.failures = 0 if hasLasted else self.factory.failures + 1
        self.factory.gone(self)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if out and not self._lost:
            transport: Any = self.transport
            transport.write(b"".join(out))

    def _watch(self) -> None:
        """Look again when the oldest one's time is up."""
        self._timer = None
        if not self._waiting:
            return
        left = self._waiting[0][0] - self.factory.clock.seconds()
        if left <= 0:
            self.abandon("no answer in time")
        else:
            self._timer = self.factory.clock.callLater(left, self._watch)

    def _end(self, reason: str) -> None:
        self._lost = self._lost or reason
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, deque()
        for _, deferred in waiting:
            deferred.errback(BackplaneError(self._lost))

    def _ready(self, _: object) -> None:
        self.factory.ready(self)

    def _refused(self, failure: Failure) -> None:
        """What the server says may have a name in it, but no password."""
        self.factory.refused(failure.getErrorMessage())
        self.abandon("refused")


class RedisFactory(Factory):
    """Makes L{RedisConnection}s; one after the other.

    @param clock: an C{IReactorTime}.
    @param ready: called with a connection that can be used.
    @param gone: called with one that no longer can; also if it never could.
    @param refused: called with what the server says to who we are.
    @ivar failures: connections in a row that have not lasted; so is the wait for the
        next one.
    """

    protocol: Any = RedisConnection
    noisy = False

    def __init__(
        self,
        place: Place,
        clock: Any,
        ready: Callable[[RedisConnection], None],
        gone: Callable[[RedisConnection], None],
        refused: Callable[[str], None],
    ) -> None:
        self.place = place
        self.clock = clock
        self.ready = ready
        self.gone = gone
        self.refused = refused
        self.failures = 0
