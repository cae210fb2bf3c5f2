"""A listening port that pauses while hardly any descriptor is left.

When a process may open no more files (EMFILE), a port of Twisted's closes who is
waiting to be accepted, without a word, and logs three lines for each of them. Here
it looks before it accepts: if few are left, who comes waits in the kernel's queue,
and the others, who are connected, notice nothing. It accepts so few in one turn of
the reactor, too, that those have their turn.
"""

from __future__ import annotations

import os
from typing import Any

from twisted.logger import Logger

# Connections that are accepted in a turn at most: some milliseconds of work.
ACCEPTS = 64

# Descriptors that stay free for other things, such as the files of a store; and what
# part of all both may be, where a process may have few.
SPARE = 16
PART = 4

# Seconds until it looks again, so that there is one line of log in each.
PAUSE = 1.0

_log = Logger()


def acceptable(known: int) -> int:
    """How many connections may be accepted in this turn: 0 to L{ACCEPTS}.

    The kernel gives the lowest descriptor that is free, so those at the top are
    free as long as anything is.

    @param known: any descriptor that is open.
    """
    try:
        import fcntl
        import resource
    except ImportError:
        return ACCEPTS
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return ACCEPTS
    spare = min(SPARE + ACCEPTS, most // PART)
    try:
        found = fcntl.fcntl(known, fcntl.F_DUPFD_CLOEXEC, most - spare)
    except OSError:
        return 0
    os.close(found)
    return max(1, spare - SPARE) if found == most - spare else 0


def pauseWhenFull(port: Any, name: str, clock: Any) -> Any:
    """Have C{port} look before it accepts.

    @param port: an C{IListeningPort}; one without a descriptor stays as it is.
    @param name: of the service, for the log.
    @param clock: an C{IReactorTime}.
    @return: C{port}.
    """
    if not hasattr(port, "doRead"):
        return port
    accept = port.doRead

    def acceptSome() -> None:
        most = acceptable(port.fileno())
        if most:
            port.numberAccepts = min(port.numberAccepts, most)
            accept()
            return
        _log.warn("{service}: no descriptors are left; see ulimit -n", service=name)
        port.stopReading()
        clock.callLater(PAUSE, lambda: port.connected and port.startReading())

    port.doRead = acceptSome
    return port
