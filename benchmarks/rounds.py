"""Many servers under one load, in turn: CPU a message, latencies, memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from loadclient import Load, LoadError, connected
from loads import LOSS
from measure import MissingError, Server

# Connections before memory is read for the first time: what the first ones
# need is kept for all.
WARMING = 200

# Seconds of the first load of all, which does not count.
FIRST = 0.05


class Measured(Server):
    """A server, of which we also ask for its memory."""

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def memory(self) -> int:
        """Octets that are resident."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024


@dataclass
class Results:
    """Of one server: one figure for each round; all in microseconds."""

    cpu: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Forget them."""
        for figures in (self.cpu, self.p50, self.p99):
            figures.clear()

    def ratios(self, other: Results) -> list[float]:
        """The other's CPU to ours, round by round: above 1 is in our favour."""
        return [their / our for our, their in zip(self.cpu, other.cpu, strict=True)]


@contextmanager
def servingAll(names: Sequence[str]) -> Iterator[dict[str, Measured]]:
    """Servers by name; whoever is not installed is named and left out."""
    servers: dict[str, Measured] = {}
    try:
        for name in names:
            try:
                servers[name] = Measured(name)
            except MissingError as missing:
                print(f"skipped: {name}: {missing}", file=sys.stderr)
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def inRounds(names: Sequence[str], load: Load, rounds: int) -> dict[str, Results]:
    """Each server in each round; who begins changes.

    All have had connections before, and lost them: some work otherwise from then
    on. A server that answers wrongly, or not at all, is named and has no results.
    """
    with servingAll(names) as servers:
        results = {name: Results() for name in servers}
        _inTurn(servers, replace(load, seconds=FIRST), results)
        for each in results.values():
            each.clear()
        for number in range(rounds):
            _inTurn(servers, load, results, number)
        return results


def inNewServers(names: Sequence[str], load: Load, rounds: int) -> dict[str, Results]:
    """The same, where each run is the first thing that a server does."""
    results: dict[str, Results] = {}
    for number in range(rounds):
        with servingAll(names) as servers:
            if number == 0:
                results = {name: Results() for name in servers}
            _inTurn(servers, load, results, number)
        names = [*results]
    return results


def _inTurn(
    servers: dict[str, Measured],
    load: Load,
    results: dict[str, Results],
    number: int = 0,
) -> None:
    order = [*results]
    shift = number % max(len(order), 1)
    for name in order[shift:] + order[:shift]:
        try:
            _once(servers[name], load, results[name])
        except LoadError as error:
            print(f"failed: {name}: {error}", file=sys.stderr)
            del results[name]


def _once(server: Measured, load: Load, results: Results) -> None:
    """CPU is of the load alone: not of connecting, and not of closing."""
    with connected(load, server.port) as client:
        before = server.cpu()
        figures = client.run()
        used = server.cpu() - before
    if figures.errors * 1_000_000 > LOSS.get(load.mode, 0) * figures.messages:
        raise LoadError(f"{figures.errors} errors for {figures.messages} messages")
    results.cpu.append(used * 1e6 / figures.messages)
    results.p50.append(figures.p50)
    results.p99.append(figures.p99)


def idleMemory(name: str, connections: int = 1000) -> float:
    """Octets of resident memory of a connection that has echoed once.

    @raise MissingError: the server is not installed.
    """
    server = Measured(name)
    try:
        with connected(Load(connections=WARMING), server.port):
            before = server.memory()
            with connected(Load(connections=connections), server.port):
                return (server.memory() - before) / connections
    finally:
        server.stop()


def spread(figures: Sequence[float]) -> str:
    """The median, and the range."""
    return f"**{median(figures):.2f}** ({min(figures):.2f} to {max(figures):.2f})"
