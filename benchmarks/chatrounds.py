"""Many chats under one load, in turn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from statistics import median
from typing import NamedTuple

from chatclient import People, Talk
from chatservers import ChatServer, chats
from loadclient import LoadError


class Row(NamedTuple):
    """A load, and the ratio to Twisted's example that ours should reach."""

    work: str
    talk: Talk
    goal: float = 0


TALKS = (
    Row("100 members, 1 in flight", Talk(100), 2),
    Row("100 members, 16 senders, 4 in flight each", Talk(100, 16, 4)),
    Row("100 members, 16 senders, 64 in flight each", Talk(100, 16, 64), 9),
    Row("1000 members, 16 senders, 64 in flight each", Talk(1000, 16, 64), 10),
)


@dataclass
class Results:
    """Of one server: a figure for each round."""

    rates: list[float] = field(default_factory=list)
    p50s: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Deliveries for a second of its CPU."""
        return median(self.rates)

    @property
    def p50(self) -> float:
        """Microseconds that half of the deliveries took at the most."""
        return median(self.p50s)

    @property
    def p99(self) -> float:
        """And 99 %."""
        return median(self.p99s)


def ratio(ours: Results, other: Results) -> str:
    """The median, and the range."""
    ratios = [a / b for a, b in zip(ours.rates, other.rates, strict=False)]
    return f"**{median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"


def inRounds(names: Sequence[str], talk: Talk, rounds: int) -> dict[str, Results]:
    """Each server in each round, after one that does not count; who begins changes.

    A server that does not deliver everything in order is named and left out.
    """
    results = {name: Results() for name in names}
    with chats(names) as servers, ExitStack() as stack:
        crowds: dict[str, People] = {}
        for name, server in servers.items():
            people = _entered(name, talk, server)
            if people is not None:
                stack.callback(people.leave)
                crowds[name] = people
        for number in range(-1, rounds):
            order = [*crowds]
            shift = number % max(len(order), 1)
            for name in order[shift:] + order[:shift]:
                if not _round(servers[name], crowds[name], results[name], number):
                    del crowds[name]
    return {name: results[name] for name in crowds}


def _entered(name: str, talk: Talk, server: ChatServer) -> People | None:
    try:
        here = replace(talk, coming=server.coming)
        return People(here, server.door, server.port)
    except LoadError as error:
        print(f"failed: {name}: {error}", file=sys.stderr)
        return None


def _round(server: ChatServer, people: People, results: Results, number: int) -> bool:
    before = server.cpu()
    try:
        heard = people.talk()
    except LoadError as error:
        print(f"failed: port {server.port}: {error}", file=sys.stderr)
        return False
    used = server.cpu() - before
    if number >= 0:
        results.rates.append(heard.deliveries / used)
        results.p50s.append(heard.p50)
        results.p99s.append(heard.p99)
    return True
