"""Connect to the first server that answers, and wait no longer than was said.

An attempt has one limit for everything: looking up the name, and each address
that it stands for. Within a round a failure leads to the next address at once;
after a round in which all of them failed comes a random wait, so that clients
that lost a server together do not come back together.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar, Union

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
)
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from protocols.hooks import waitFor

_T = TypeVar("_T")

Address = Union[tuple[str, int], IStreamClientEndpoint]  # noqa: UP007 - a value
"""A host (name or literal address) and a port, or any client endpoint."""

# Seconds for one attempt. A lost SYN is sent again after 1 and 3 seconds (RFC
# 6298, section 2.1, doubled each time): two may be lost, and most of a third wait.
CONNECT_TIMEOUT = 10.0

# Rounds over all addresses: what a restarting server needs, and no more than an
# interactive caller waits for.
ATTEMPTS = 3

# Seconds: the longest wait after the first round, doubled after each further one
# up to MAX_BACKOFF. A server that restarts is back within a second or so.
BACKOFF = 0.5
MAX_BACKOFF = 30.0

# What one address may say without ending the search. A cancelled attempt is none
# of these, and neither is a fault in the caller's factory.
_REFUSALS = (ConnectError, ConnectionClosed, OSError)


class ReplyTimeoutError(TimeoutError):
    """What was waited for did not come in time.

    @ivar what: what was waited for.
    @ivar seconds: for how long.
    """

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"{what}: not within {seconds:g} s")
        self.what = what
        self.seconds = seconds


class ConnectFailedError(ConnectionError):
    """No address took the connection, in any round.

    @ivar failures: the address, as text, and what it said, for each attempt in
        the order in which they were made.
    """

    def __init__(self, failures: Sequence[tuple[str, Exception]]) -> None:
        self.failures = tuple(failures)
        said = Counter(f"{where}: {why}" for where, why in self.failures)
        texts = (f"{text} ({n} times)" if n > 1 else text for text, n in said.items())
        super().__init__("; ".join(texts))


async def withTimeout(
    clock: Any,
    seconds: float,
    awaitable: Deferred[_T] | Coroutine[Any, Any, _T],
    what: str,
) -> _T:
    """The result of C{awaitable}, or an error after C{seconds}.

    When time is up, or the caller is cancelled, C{awaitable} is cancelled, and
    whatever it makes of that does not matter: the caller goes on at once.

    @param clock: an C{IReactorTime}.
    @param seconds: 0 or more.
    @param what: what is waited for, as the error names it.
    @raise ReplyTimeoutError: time was up.
    @raise CancelledError: the caller was cancelled.
    @raise TypeError: C{awaitable} is neither a Deferred nor a coroutine.
    """
    work = waitFor(awaitable)
    verdict: list[Exception] = []

    def settle(result: Any) -> None:
        if not outcome.called:
            outcome.callback(Failure(verdict[0]) if verdict else result)

    def end(error: Exception) -> None:
        verdict.append(error)
        work.cancel()
        settle(None)

    outcome: Deferred[_T] = Deferred(lambda _: end(CancelledError()))
    timer = clock.callLater(seconds, lambda: end(ReplyTimeoutError(what, seconds)))
    work.addBoth(settle)
    try:
        return await outcome
    finally:
        if timer.active():
            timer.cancel()


def waits(
    first: float, most: float, jitter: Callable[[], float] = random.random
) -> Iterator[float]:
    """Endless waits in seconds: exponential backoff with full jitter.

    The n-th is C{jitter()} times the smaller of C{most} and C{first * 2**n}. Full
    jitter, from 0 up, spreads clients that failed together furthest.
    """
    while True:
        first = min(first, most)
        yield jitter() * first
        first *= 2


async def connectAny(
    reactor: Any,
    factory: Any,
    addresses: Sequence[Address],
    *,
    connectTimeout: float = CONNECT_TIMEOUT,
    attempts: int = ATTEMPTS,
    backoff: float = BACKOFF,
    maxBackoff: float = MAX_BACKOFF,
    jitter: Callable[[], float] = random.random,
) -> Any:
    """Connect to the first of C{addresses} that takes us.

    @param reactor: an C{IReactorTime}, and whatever its endpoints need.
    @param factory: the C{IProtocolFactory} of our side.
    @param addresses: one or more, the preferred one first.
    @param connectTimeout: seconds for each attempt.
    @param attempts: rounds over all addresses, 1 or more.
    @param backoff: seconds, the longest wait after the first round; see L{waits}.
    @param maxBackoff: seconds, the longest wait after any round.
    @param jitter: a random number from 0 to 1.
    @return: the connected protocol.
    @raise ConnectFailedError: nobody took us.
    @raise ValueError: there is no address, no attempt, or a name can't be one.
    """
    if not addresses or attempts < 1:
        raise ValueError("connecting takes an address and an attempt, at the least")
    endpoints = [_endpoint(reactor, each, connectTimeout) for each in addresses]
    failures: list[tuple[str, Exception]] = []
    pauses = waits(backoff, maxBackoff, jitter)
    for last in range(attempts):
        if last:
            await deferLater(reactor, next(pauses))
        for where, endpoint in endpoints:
            attempt = endpoint.connect(factory)
            try:
                return await withTimeout(reactor, connectTimeout, attempt, "connecting")
            except _REFUSALS as error:
                failures.append((where, error))
    raise ConnectFailedError(failures)


def _endpoint(reactor: Any, address: Address, timeout: float) -> tuple[str, Any]:
    """How it is called, and the endpoint.

    A literal address has one of its own that needs no look-up in a thread.
    Twisted's own limit stays behind ours, so that it is ours that is told.
    """
    timeout *= 2
    if not isinstance(address, tuple):
        return repr(address), address
    host, port = address
    try:
        version = ip_address(host).version
    except ValueError:
        named = HostnameEndpoint(reactor, host, port, timeout)
        return f"{host}:{port}", named
    if version == 6:
        return f"[{host}]:{port}", TCP6ClientEndpoint(reactor, host, port, timeout)
    return f"{host}:{port}", TCP4ClientEndpoint(reactor, host, port, timeout)
