"""Reactors beside the global one, each for the thread that it runs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from twisted.protocols import tls

_ofThisThread = local()


def makeReactor() -> Any:
    """A reactor that is not the global one, which the main thread may be using.

    select(2) can't watch descriptors above 1023, so it is second choice.
    """
    try:
        from twisted.internet.epollreactor import EPollReactor as Reactor
    except ImportError:
        from twisted.internet.selectreactor import SelectReactor as Reactor
    reactor = Reactor()
    # The thread of the global reactor stays the one for I/O.
    reactor._registerAsIOThread = False
    return reactor


def run(reactor: Any) -> None:
    """Run it in this thread, and leave the signals of the process alone."""
    with _clockOfTLS(reactor):
        reactor.run(installSignalHandlers=False)


def closeDescriptors(reactor: Any) -> None:
    """What a reactor opens for itself, and leaves to the end of the process.

    To be called when it does not run any more, from any thread.
    """
    reactor.removeReader(reactor.waker)
    reactor.waker.connectionLost(None)
    poller = getattr(reactor, "_poller", None)
    if poller is not None:
        poller.close()


@contextmanager
def _clockOfTLS(reactor: Any) -> Iterator[None]:
    """Let TLS that is begun in this thread go by this reactor.

    Twisted's TLS gathers small writes until the next turn of its clock, which
    is the global reactor for C{ssl:} endpoints and for C{startTLS}. It doesn't
    turn here, so what was written would never be sent.
    """
    _ofThisThread.reactor = reactor
    try:
        yield
    finally:
        del _ofThisThread.reactor


_globalClock = tls._get_default_clock


def _clockOfThisThread() -> Any:
    return getattr(_ofThisThread, "reactor", None) or _globalClock()


# Twisted keeps this function apart so that tests can replace it. In all other
# threads it answers as before.
tls._get_default_clock = _clockOfThisThread
