"""The backplane's client of Redis beside others: messages for a CPU second, latency.

C{python benchmarks/backplane.py [--quick] [--write]}. A server of its own, on another
core, is asked over a UNIX socket. All publish the same 250 octets by the same script,
1,000 under way at a time, and then read them all back from the stream. Each run is a
process of its own, of which the CPU time counts. Whoever is not installed is named
and left out: txredisapi, redis-py (with hiredis, if that is there).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

from backplaneclients import CLIENTS, READERS
from backplanework import freshServer
from measure import HERE, pin

ROUNDS = 5
MESSAGES = 20_000
TRIPS = 2_000
PAGE = HERE.parent / "docs" / "backplane.md"

TITLES = {"ours": "ours", "txredisapi": "txredisapi", "redis": "redis-py, hiredis"}
WORKS = {
    "publish": "published",
    "receive": "received",
    "parse": "parsed, the parser alone",
}
NONE = "-"


def run(client: str, work: str, socket: str, count: int) -> list[float]:
    """Have a process do it; messages a CPU second, or microseconds of each trip."""
    command = [sys.executable, str(HERE / "backplaneclients.py")]
    asked = [*command, client, work, socket, str(count)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise SystemExit(f"{client} can't {work}: {done.stderr[-2000:]}")
    found: list[float] = json.loads(done.stdout)
    return found


def clients(work: str) -> list[str]:
    """Who can do it, and is here."""
    return READERS if work == "parse" else CLIENTS


def inRounds(socket: str, rounds: int) -> dict[tuple[str, str], list[float]]:
    """All clients and works, in turn."""
    found: dict[tuple[str, str], list[float]] = {}
    for number in range(rounds):
        for work in WORKS:
            names = clients(work)
            for name in names if number % 2 else reversed(names):
                rates = run(name, work, socket, MESSAGES)
                found.setdefault((work, name), []).extend(rates)
    return found


def figure(values: list[float] | None) -> str:
    """The median, and the range."""
    if not values:
        return NONE
    low, middle, high = min(values), median(values), max(values)
    return f"{middle / 1000:,.0f} ({low / 1000:,.0f} to {high / 1000:,.0f})"


def waits(socket: str, rounds: int) -> str:
    """Half and 99 % of all trips, in microseconds: the medians of the rounds."""
    halves, most = [], []
    for _ in range(rounds):
        hundredths = quantiles(run("ours", "trips", socket, TRIPS), n=100)
        halves.append(hundredths[49])
        most.append(hundredths[98])
    return f"{median(halves):.0f} / {median(most):.0f} µs"


def table(found: dict[tuple[str, str], list[float]], waited: str) -> str:
    """In Markdown."""
    lines = [
        f"| thousand messages a CPU second | {' | '.join(TITLES.values())} |",
        "|---" * (len(TITLES) + 1) + "|",
    ]
    for work, title in WORKS.items():
        figures = [figure(found.get((work, name))) for name in TITLES]
        lines.append(f"| {title} | {' | '.join(figures)} |")
    lines.append(f"| node to Redis to node, p50 / p99 | {waited} | {NONE} | {NONE} |")
    return "\n".join(lines)


def keep(text: str) -> None:
    """Put the table into the page."""
    begin, end = "<!-- Backplane -->\n", "<!-- end -->"
    before, _, rest = PAGE.read_text().partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}{text}\n{end}{after}")


def main() -> None:
    """All rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of each")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    asked = parser.parse_args()
    for name in sorted(set(TITLES) - set(CLIENTS)):
        print(f"skipped: {TITLES[name]} is not installed", file=sys.stderr)
    with freshServer() as socket:
        pin(1)
        rounds = 1 if asked.quick else ROUNDS
        found = inRounds(socket, rounds)
        waited = waits(socket, rounds)
    text = table(found, waited)
    print(text)
    if asked.write:
        keep(text)


if __name__ == "__main__":
    assert Path(PAGE).exists()
    main()
