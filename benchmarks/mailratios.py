"""Ours beside a peer under one load, in turn: by the server's CPU and by the clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mailloads import FOUR_KIBIBYTES, KIBIBYTE, LARGE, Load, fromFile, writeDots
from mailservers import MailServer, mailServers
from measure import HEADING, MissingError, Ratio, inTurn

# Seconds that one run goes on, about; more messages than this it never has.
LASTING = 0.7
MOST_MESSAGES = 20_000

_TITLES, _LINES = HEADING.splitlines()
RATIOS_HEADING = f"{_TITLES} by the clock | goal |\n{_LINES}---|---|"


class Comparison(NamedTuple):
    """What is compared, and the ratio that ours should reach."""

    work: str
    load: Load
    ours: str
    peer: str
    goal: float


class Compared(NamedTuple):
    """What came of it: by the server's CPU seconds, and by the clock."""

    byCPU: Ratio
    byClock: Ratio
    goal: float

    def row(self) -> str:
        """A row of a Markdown table."""
        clock = median(self.byClock.ratios)
        return f"{self.byCPU.row()} {clock:.2f} | {self.goal:g} |"


def comparisons(folder: str) -> list[Comparison]:
    """All of them, as the goals were set."""
    dots = fromFile(writeDots(Path(folder) / "dots"))
    lines, prose = "10 MiB, lines of 78", "10 MiB of prose full of dots"
    return [
        Comparison(lines, LARGE, "ours", "aiosmtpd", 10),
        Comparison(lines, LARGE, "ours", "twisted.mail", 4),
        Comparison(lines, LARGE, "ours", "smtp-sink", 1.5),
        Comparison(prose, dots, "ours", "aiosmtpd", 6),
        Comparison(prose, dots, "ours", "smtp-sink", 0.9),
        Comparison("1 KiB, kept alive", KIBIBYTE, "ours", "aiosmtpd", 3),
        Comparison("1 KiB, kept alive", KIBIBYTE, "ours, lean", "aiosmtpd", 3),
        Comparison("4 KiB", FOUR_KIBIBYTES, "ours, stored", "aiosmtpd", 2),
        Comparison("4 KiB", FOUR_KIBIBYTES, "ours, stored, lean", "aiosmtpd", 2),
    ]


def compare(asked: Comparison, folder: str, rounds: int) -> Compared | None:
    """Run both in turn; C{None}, and a word, without one of them."""
    work = f"{asked.work}: {asked.ours} / {asked.peer}"
    unit = asked.load.unit
    clocks: tuple[list[float], list[float]] = ([], [])
    try:
        with mailServers(folder, asked.ours, asked.peer) as servers:
            mine, others = (
                _sending(server, asked.load, times)
                for server, times in zip(servers, clocks, strict=True)
            )
            byCPU = inTurn(work, unit, mine, others, rounds)
    except MissingError as missing:
        print(f"skipped: {work}: {missing}", file=sys.stderr)
        return None
    return Compared(byCPU, Ratio(work, unit, *clocks), asked.goal)


def _sending(server: MailServer, load: Load, clock: list[float]) -> Callable[[], float]:
    messages = _enough(server, load)
    work = messages * load.each

    def run() -> float:
        before = server.cpu()
        clock.append(work / load.send(server.port, messages))
        return work / (server.cpu() - before)

    return run


def _enough(server: MailServer, load: Load) -> int:
    """So many messages as take about C{LASTING}; the first ones warm it up."""
    load.send(server.port, load.sessions)
    few = 2 * load.sessions
    rate = few / load.send(server.port, few)
    return min(max(load.sessions, round(LASTING * rate)), MOST_MESSAGES)
