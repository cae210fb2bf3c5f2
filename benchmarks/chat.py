"""The chat beside others: deliveries for the server's CPU, latency, joins, memory.

C{python benchmarks/chat.py [--quick] [--only WORDS] [--write]}. All servers have the
same people in one room, from a client in C on another core, without limits on how
fast one may talk; they are asked in turn. A delivery is a line of 64 octets that one
member has received. Whoever is not installed is named and left out.
"""

from __future__ import annotations

import argparse
import sys

from chatbounds import BOUNDS, boundRow
from chatrounds import TALKS, Results, inRounds, ratio
from chatservers import KINDS
from measure import keep, pin

ROUNDS = 5
BOUND_ROUNDS = 2
NONE = "-"

TITLES = {
    "line": "line",
    "lean-line": "line, lean",
    "irc": "IRC",
    "lean-irc": "IRC, lean",
    "documented": "Twisted's example",
    "asyncio": "asyncio",
    "ngircd": "ngIRCd",
    "inspircd": "InspIRCd",
}
BASE = "documented"
assert TITLES.keys() == KINDS.keys()


def table(title: str, rows: list[list[str]], *columns: str) -> str:
    """In Markdown."""
    heading, *lines = [f"| {' | '.join(row)} |" for row in [[title, *columns], *rows]]
    return "\n".join([heading, "|---" * (len(columns) + 1) + "|", *lines])


def rates(results: dict[str, Results]) -> list[str]:
    """Deliveries for a second of CPU, in thousands."""
    return [
        f"{each.rate / 1000:,.0f}" if (each := results.get(name)) else NONE
        for name in TITLES
    ]


def latencies(results: dict[str, Results]) -> list[str]:
    """Half and 99 % of all deliveries, in milliseconds."""
    return [
        f"{each.p50 / 1000:.1f} / {each.p99 / 1000:.1f}"
        if (each := results.get(name))
        else NONE
        for name in TITLES
    ]


def ratios(results: dict[str, Results]) -> list[str]:
    """To Twisted's example, with the range."""
    base = results.get(BASE)
    return [
        ratio(each, base) if (each := results.get(name)) and base else NONE
        for name in TITLES
        if name != BASE
    ]


def talks(only: str, rounds: int) -> dict[str, str]:
    """The tables of all loads."""
    cpu, compared, waited = [], [], []
    for each in TALKS:
        if only in each.work:
            print(f"{each.work} ...", file=sys.stderr)
            results = inRounds(list(TITLES), each.talk, rounds)
            cpu.append([each.work, *rates(results)])
            goal = f", goal {each.goal:g}" if each.goal else ""
            compared.append([each.work + goal, *ratios(results)])
            waited.append([each.work, *latencies(results)])
    others = [title for name, title in TITLES.items() if name != BASE]
    return {
        "Chat": table("thousand deliveries a CPU second", cpu, *TITLES.values()),
        "Chat, ratios": table("to Twisted's example", compared, *others),
        "Chat, latency": table("p50 / p99, ms", waited, *TITLES.values()),
    }


def bounds(only: str, rounds: int) -> str:
    """The table of what people need who do not talk."""
    rows = [
        [each.what, each.goal, *boundRow(each, list(TITLES), rounds)]
        for each in BOUNDS
        if only in each.what
    ]
    return table("what", rows, "goal", *TITLES.values())


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
    tables = talks(asked.only, 1 if asked.quick else ROUNDS)
    tables["Chat, bounds"] = bounds(asked.only, 1 if asked.quick else BOUND_ROUNDS)
    for title, text in tables.items():
        print(f"{text}\n")
        if asked.write:
            keep(title, text)


if __name__ == "__main__":
    main()
