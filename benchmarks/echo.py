"""Echo on the lean reactor beside stock Twisted, asyncio, uvloop and a server in C.

C{python benchmarks/echo.py [--quick] [--only WORDS] [--write]}. One plain Twisted
protocol, unchanged, on both reactors; and ours with its guard and all rules. Servers
are on one core and the client, which is in C, on another. What is compared is the
server's CPU time for a message. Whoever is not installed is named and left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import loads
from loadclient import Load
from measure import MissingError, keep, pin
from rounds import Results, idleMemory, inNewServers, inRounds, spread

ROUNDS = 5
NONE = "-"

TITLES = ("C", "uvloop", "lean", "lean, guarded", "stock, guarded", "stock", "asyncio")
TCP = (
    *("c-tcp", "uvloop-tcp", "lean-plain", "lean-guarded"),
    *("guarded", "plain", "asyncio-tcp"),
)
FAN = ("c-fan", "uvloop-fan", "lean-fan", "", "", "fan", "asyncio-fan")
UDP = (
    *("c-udp", "uvloop-udp", "lean-datagrams", "lean-udpecho"),
    *("udpecho", "datagrams", "asyncio-udp"),
)
OURS, PEERS = 2, {"uvloop": 1, "stock": 5, "asyncio": 6}


class Row(NamedTuple):
    """One load, who bears it, and the ratios that ours should reach."""

    work: str
    load: Load
    servers: tuple[str, ...]
    goals: dict[str, float]
    run: Callable[[Sequence[str], Load, int], dict[str, Results]] = inRounds


ROWS = (
    Row("50 x 64 B", loads.SMALL, TCP, {"uvloop": 0.95, "stock": 2.2}),
    Row("50 x 4 KiB", loads.PAGES, TCP, {"uvloop": 0.95}),
    Row("bulk, 64 KiB", loads.BULK, TCP, {"uvloop": 0.9}),
    Row("fan-out to 20", loads.FAN_OUT, FAN, {"stock": 2}),
    Row("fan-out to 20, 4 under way", loads.FAN_OUT_FOUR, FAN, {}),
    Row("1000 connections", loads.MANY, TCP, {"uvloop": 0.9}),
    Row("50 x 64 B, new servers", loads.SMALL, TCP, {"asyncio": 4}, inNewServers),
    Row("1 x 64 B", loads.ONE, TCP, {}),
    Row("1 x 64 B, client awake", loads.ONE_AWAKE, TCP, {}),
    Row("UDP, 64 under way", loads.DATAGRAMS, UDP, {}),
    Row("UDP, 32 sources", loads.SOURCES, UDP, {}),
)
IDLE = "idle connection"


def table(title: str, columns: tuple[str, ...], rows: list[list[str]]) -> str:
    """In Markdown."""
    heading, *lines = [f"| {' | '.join(row)} |" for row in [[title, *columns], *rows]]
    return "\n".join([heading, "|---" * (len(columns) + 1) + "|", *lines])


def cells(row: Row, results: dict[str, Results], what: str) -> list[str]:
    """One figure for each server: C{cpu}, or C{latency}."""
    found = [results.get(name) for name in row.servers]
    if what == "cpu":
        return [f"{median(each.cpu):.1f}" if each else NONE for each in found]
    return [
        f"{median(each.p50):,.0f} / {median(each.p99):,.0f}" if each else NONE
        for each in found
    ]


def ratios(row: Row, results: dict[str, Results]) -> list[str]:
    """Each peer's CPU to ours, with the goal."""
    ours = results.get(row.servers[OURS])
    texts = []
    for peer, index in PEERS.items():
        theirs = results.get(row.servers[index])
        goal = f", goal {row.goals[peer]}" if peer in row.goals else ""
        both = spread(ours.ratios(theirs)) if ours and theirs else NONE
        texts.append(both + goal)
    return texts


def idle() -> list[str]:
    """Memory of an idle connection, in octets."""
    texts = []
    for name in TCP:
        try:
            texts.append(f"{idleMemory(name):,.0f}")
        except MissingError:
            texts.append(NONE)
    return texts


def parsed() -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of each")
    parser.add_argument("--only", default="", help="rows that have these words")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    asked = parser.parse_args()
    if asked.write and asked.only:
        parser.error("a part of the tables is not written")
    return asked


def main() -> None:
    """All rows."""
    asked = parsed()
    pin(1)
    cpu, latency, compared = [], [], []
    for row in ROWS:
        if asked.only in row.work:
            names = [name for name in row.servers if name]
            results = row.run(names, row.load, 1 if asked.quick else ROUNDS)
            cpu.append([row.work, *cells(row, results, "cpu")])
            latency.append([row.work, *cells(row, results, "latency")])
            compared.append([row.work, *ratios(row, results)])
    if asked.only in IDLE:
        cpu.append([f"{IDLE}, octets", *idle()])
    tables = {
        "Echo": table("CPU, microseconds a message", TITLES, cpu),
        "Echo, latency": table("p50 / p99, microseconds", TITLES, latency),
        "Echo, ratios": table("lean to", tuple(PEERS), compared),
    }
    for title, text in tables.items():
        print(f"{text}\n")
        if asked.write:
            keep(title, text)


if __name__ == "__main__":
    main()
