"""What a chat needs for people who come, are idle, or do not read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from chatclient import Talk, inRoom
from chatservers import ChatServer, chats
from loadclient import LoadError

OURS = ("line", "lean-line", "irc", "lean-irc")

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE

# People who come, or are idle; and those before that, since what the first ones need
# is kept for all.
MANY = 2000
BEFORE = 500

# Those who are idle have not come all at once.
FEW = 64

# What is talked while one member does not read, in lines of 64 octets; and before, so
# that what is remembered of the room is as much as it may be.
TALKED = 24 * MEBIBYTE // 64
WARMING = 2 * MEBIBYTE // 64

# Who hears it, and the seconds that it may take.
LISTENERS = 3
LONGEST = 60.0


class Bound(NamedTuple):
    """What is measured of each server, each time of a new one."""

    what: str
    goal: str
    unit: str
    measure: Callable[[ChatServer], float]


def joining(server: ChatServer) -> float:
    """Seconds of CPU for all who come, until everybody has been told of them."""
    before = server.cpu()
    with inRoom(Talk(MANY, coming=server.coming), server.door, server.port):
        return server.cpu() - before


def idle(server: ChatServer) -> float:
    """KiB of resident memory of a member."""
    few = min(FEW, server.coming)
    warming = Talk(BEFORE, first=MANY, coming=few)
    with inRoom(warming, server.door, server.port):
        before = server.memory()
        with inRoom(Talk(MANY, coming=few), server.door, server.port):
            return (server.memory() - before) / MANY / KIBIBYTE


def deaf(server: ChatServer) -> float:
    """MiB by which the most of its memory grows while one does not read."""
    few = Talk(LISTENERS, 1, 64, WARMING, LONGEST)
    with inRoom(few, server.door, server.port) as people:
        people.talk()
    more = Talk(LISTENERS + 1, 1, 64, TALKED, LONGEST, deaf=1, first=LISTENERS)
    with inRoom(more, server.door, server.port) as people:
        server.forgetPeak()
        before = server.memory()
        people.talk()
        return (server.memory("VmHWM") - before) / MEBIBYTE


BOUNDS = (
    Bound(f"{MANY} people join one room: CPU", "under 0.5 s", "s", joining),
    Bound("an idle member", "under 2.5 KiB", "KiB", idle),
    Bound("one does not read 24 MiB: memory grows by", "under 1 MiB", "MiB", deaf),
)


def boundRow(bound: Bound, names: Sequence[str], rounds: int) -> list[str]:
    """A cell for each server: the median, and the largest; others are asked once."""
    return [_figure(bound, name, rounds if name in OURS else 1) for name in names]


def _figure(bound: Bound, name: str, rounds: int) -> str:
    figures = []
    print(f"{bound.what}: {name} ...", file=sys.stderr)
    for _ in range(rounds):
        with chats([name]) as servers:
            if name not in servers:
                return "-"
            try:
                figures.append(bound.measure(servers[name]))
            except LoadError as error:
                print(f"failed: {bound.what}: {name}: {error}", file=sys.stderr)
                return "failed"
    most = f" (at most {max(figures):.2g})" if rounds > 1 else ""
    return f"{median(figures):.2g} {bound.unit}{most}"
