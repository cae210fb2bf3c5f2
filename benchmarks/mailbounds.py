"""What a receiver needs for odd messages and idle connections: time and memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mailloads import (
    LARGE,
    MEBIBYTE,
    TEN_MEBIBYTES,
    Load,
    fromFile,
    idling,
    writeEmptyLines,
)
from mailpeers import GAP
from mailservers import MailServer, mailServers
from measure import MissingError

OURS = "ours"
STORED = "ours, stored"
BOUNDS_HEADING = "| what | goal | ours |\n|---|---|---|"

# Idle connections that are counted, and those before that warm up the receiver.
IDLE = 2000
IDLE_BEFORE = 500


class Bound(NamedTuple):
    """What is measured of each receiver.

    @param measure: takes a receiver and gives one figure.
    @param gaps: it needs the gaps of the receiver's event loop.
    """

    what: str
    goal: str
    unit: str
    measure: Callable[[MailServer], float]
    gaps: bool = False
    ours: str = OURS


def cpuOf(load: Load) -> Callable[[MailServer], float]:
    """Seconds of CPU for one message."""

    def measure(server: MailServer) -> float:
        LARGE.send(server.port, 1)
        before = server.cpu()
        load.send(server.port, 1)
        return server.cpu() - before

    return measure


def growthBy(load: Load) -> Callable[[MailServer], float]:
    """MiB by which the most of its memory grows during the first large message."""

    def measure(server: MailServer) -> float:
        Load("messages", 1, 1, ("-l", "1024")).send(server.port, 20)
        server.forgetPeak()
        before = server.memory("VmRSS")
        load.send(server.port, 1)
        return (server.memory("VmHWM") - before) / MEBIBYTE

    return measure


def idleConnection(server: MailServer) -> float:
    """Octets of memory of a connection that has said EHLO."""
    with idling(server.port, IDLE_BEFORE):
        before = server.memory()
        with idling(server.port, IDLE):
            return (server.memory() - before) / IDLE


def longestGap(server: MailServer) -> float:
    """Milliseconds that the event loop did nothing else, while a message came."""
    LARGE.send(server.port, 1)
    begin = time.perf_counter()
    LARGE.send(server.port, 1)
    end = time.perf_counter()
    gaps = (line.split() for line in server.stop().splitlines())
    during = [float(gap) for moment, gap in gaps if begin <= float(moment) <= end]
    return max(during, default=0.0) * 1e3


def bounds(folder: str) -> list[Bound]:
    """All of them, as the goals were set."""
    lines = fromFile(writeEmptyLines(Path(folder) / "lines"))
    empty = "10 MiB of empty lines"
    stall = "longest stall of the loop, 10 MiB"
    octets = f"under {TEN_MEBIBYTES // MEBIBYTE} MiB"
    return [
        Bound(f"{empty}: CPU", "under 0.2 s", "s", cpuOf(lines)),
        Bound(f"{empty}: memory grows by", octets, "MiB", growthBy(lines)),
        Bound("an idle connection", "under 3072", "octets", idleConnection),
        Bound(stall, "under 20 ms", "ms", longestGap, gaps=True),
        Bound(f"{stall}, stored", "under 20 ms", "ms", longestGap, True, STORED),
    ]


def boundRow(bound: Bound, folder: str, rounds: int) -> str:
    """A row of a Markdown table: the median, and the largest."""
    return f"| {bound.what} | {bound.goal} | {_figure(bound, folder, rounds)} |"


def _figure(bound: Bound, folder: str, rounds: int) -> str:
    figures = []
    try:
        for _ in range(rounds):
            with mailServers(folder, bound.ours, gaps=bound.gaps) as (server,):
                figures.append(bound.measure(server))
    except MissingError as missing:
        print(f"skipped: {bound.what}: {missing}", file=sys.stderr)
        return "skipped"
    if bound.gaps and max(figures) < GAP * 1e3:
        return f"under {GAP * 1e3:g} {bound.unit}"
    return f"{_short(median(figures))} {bound.unit} (at most {_short(max(figures))})"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2g}"
