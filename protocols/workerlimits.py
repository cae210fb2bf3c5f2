"""What each worker may take of what all may take together. Pure."""

from __future__ import annotations

from dataclasses import replace

from protocols.limits import Limits


def shareOf(limits: Limits, number: int, count: int) -> Limits:
    """The limits of one of C{count} workers.

    Connections at the same time, and connections a second, are divided: all
    together take what a single process would have taken. C{maxPerPeer} is not:
    the kernel spreads the connections of one peer, and who may have two would
    find the second refused if both came to the same worker.

    @param number: which worker, from 1.
    """
    each, more = divmod(limits.maxConnections, count)
    most = each + (number <= more)
    return replace(limits, maxConnections=most, acceptRate=limits.acceptRate / count)


def suffices(limits: Limits, count: int) -> bool:
    """Whether there is a connection for each: a share of 0 would mean no limit."""
    return limits.maxConnections == 0 or limits.maxConnections >= count
