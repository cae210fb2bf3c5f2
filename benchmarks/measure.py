"""How the benchmarks measure: two servers in turn, work per CPU second, ratios.

Absolute times say little on a machine that others use as well. So each
benchmark runs the two things to be compared in turn, many times, in one run; what
is compared is the work done per second of the server's own CPU time; and what
is printed is the ratio, its median and its range.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROUNDS = 9


@dataclass(frozen=True)
class Ratio:
    """Ours to the peer's, over all rounds; above 1 is in our favour."""

    work: str
    unit: str
    ours: list[float]
    peers: list[float]

    @property
    def ratios(self) -> list[float]:
        """One for each round."""
        return [mine / other for mine, other in zip(self.ours, self.peers, strict=True)]

    def row(self) -> str:
        """A row of a Markdown table."""
        ratios = self.ratios
        return (
            f"| {self.work} | {median(self.ours):,.0f} | {median(self.peers):,.0f} "
            f"| {self.unit} | **{median(ratios):.2f}** "
            f"| {min(ratios):.2f} to {max(ratios):.2f} |"
        )


HEADING = (
    "| work | ours | the other | per CPU second | ratio, median | range |\n"
    "|---|---|---|---|---|---|"
)


def inTurn(
    work: str,
    unit: str,
    ours: Callable[[], float],
    peers: Callable[[], float],
    rounds: int = ROUNDS,
) -> Ratio:
    """Run both in turn; which is first changes from round to round."""
    mine: list[float] = []
    others: list[float] = []
    for number in range(rounds):
        order = [(ours, mine), (peers, others)]
        for run, results in order if number % 2 else reversed(order):
            results.append(run())
    return Ratio(work, unit, mine, others)


def pin(core: int) -> None:
    """Keep this process on one core, where the system can and has two.

    Whoever started it may be kept on one already, which is inherited: so all that
    are allowed are asked for first.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


class Server:
    """A server in a process of its own, on the first core."""

    def __init__(self, name: str) -> None:
        command = [sys.executable, str(HERE / "servers.py"), name]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        if not said.isdigit():
            raise MissingError(said or f"{name} did not start")
        self.port = int(said)

    def cpu(self) -> float:
        """Seconds of CPU that it has used so far."""
        schedule = Path(f"/proc/{self._process.pid}/schedstat").read_text()
        return int(schedule.split()[0]) / 1e9

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


class MissingError(Exception):
    """A peer that is not installed here; the message names it."""


@contextmanager
def serving(*names: str) -> Iterator[list[Server]]:
    """Servers, started and in the end stopped."""
    servers: list[Server] = []
    try:
        for name in names:
            servers.append(Server(name))
        yield servers
    finally:
        for server in servers:
            server.stop()


def perCPUSecond(server: Server, load: Callable[[int], float]) -> Callable[[], float]:
    """Work that C{load} got done at the server, by the server's CPU seconds."""

    def run() -> float:
        before = server.cpu()
        done = load(server.port)
        return done / (server.cpu() - before)

    return run


def compare(
    work: str, unit: str, load: Callable[[int], float], ours: str, other: str
) -> Ratio | None:
    """Compare two servers under the same load; C{None}, and a word, without one."""
    try:
        with serving(ours, other) as (mine, others):
            return inTurn(
                work, unit, perCPUSecond(mine, load), perCPUSecond(others, load)
            )
    except MissingError as missing:
        print(f"skipped: {work}: {missing}", file=sys.stderr)
        return None


def report(title: str, ratios: Iterable[Ratio | None]) -> None:
    """Print a table, and put it into C{docs/performance.md} if asked to."""
    rows = [ratio.row() for ratio in ratios if ratio is not None]
    table = "\n".join([HEADING, *rows])
    print(f"{title}\n\n{table}\n")
    if "--write" in sys.argv[1:]:
        keep(title, table)


def keep(title: str, table: str) -> None:
    page = HERE.parent / "docs" / "performance.md"
    begin, end = f"<!-- {title} -->\n", "<!-- end -->"
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}{table}\n{end}{after}")
