"""Mail receivers: ours beside aiosmtpd, twisted.mail and smtp-sink of Postfix.

C{python benchmarks/mail.py [--quick] [--only WORDS] [--write]}. Messages come from
C{smtp-source} of Postfix; whoever is not installed is named and left out. Ours is
C{twistd smtp} with all its checks, and its limits but those on the number of
connections. Needs Linux, whose C{/proc} says what a process has used up.
"""

from __future__ import annotations

import argparse
import resource
import tempfile

from mailbounds import BOUNDS_HEADING, boundRow, bounds
from mailratios import RATIOS_HEADING, compare, comparisons
from measure import ROUNDS, keep

# A bound is measured with a new receiver each time.
BOUND_ROUNDS = 5


def parsed() -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of each")
    parser.add_argument("--only", default="", help="rows that have these words")
    parser.add_argument("--write", action="store_true", help="into the document")
    asked = parser.parse_args()
    if asked.write and (asked.quick or asked.only):
        parser.error("--write is for whole tables of all rounds")
    return asked


def show(title: str, heading: str, rows: list[str], write: bool) -> None:
    """Print a table, and put it into C{docs/performance.md} if asked to."""
    if not rows:
        return
    table = "\n".join([heading, *rows])
    print(f"{title}\n\n{table}\n", flush=True)
    if write:
        keep(title, table)


def ratioRows(folder: str, asked: argparse.Namespace) -> list[str]:
    """Ours to each peer's."""
    rounds = 1 if asked.quick else ROUNDS
    wanted = [
        each
        for each in comparisons(folder)
        if asked.only in f"{each.work}: {each.ours} / {each.peer}"
    ]
    results = [compare(each, folder, rounds) for each in wanted]
    return [result.row() for result in results if result is not None]


def boundRows(folder: str, asked: argparse.Namespace) -> list[str]:
    """What each receiver needs."""
    rounds = 1 if asked.quick else BOUND_ROUNDS
    wanted = [each for each in bounds(folder) if asked.only in each.what]
    return [boundRow(each, folder, rounds) for each in wanted]


def main() -> None:
    """Both tables."""
    asked = parsed()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        show("Mail", RATIOS_HEADING, ratioRows(folder, asked), asked.write)
        rows = boundRows(folder, asked)
        show("Mail, bounds", BOUNDS_HEADING, rows, asked.write)


if __name__ == "__main__":
    main()
