"""What C{docs/chat.md} says is tested is tested: each test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
HEADING = "## Odd and hostile input"
_NAMED = re.compile(r"`((?:live/|web/|irc/)?test_\w+)(?:\.(test_\w+))?`")

# Kinds of input that the table has, at least.
LEAST = 45


def problemsOf(module: str, test: str) -> list[str]:
    """What is wrong about a test that the page names."""
    places = [folder / f"{module}.py" for folder in (TESTS / "chat", TESTS)]
    found = [place for place in places if place.exists()]
    if not found:
        return [f"there is no {module}"]
    isThere = not test or f"    def {test}(" in found[0].read_text()
    return [] if isThere else [f"{module} has no {test}"]


class TableTests(SynchronousTestCase):
    def rows(self, page: str, heading: str) -> list[str]:
        text = (ROOT / page).read_text()
        section = text[text.index(heading) :].split("\n## ")[0]
        return [row for row in section.splitlines() if row.startswith("| ")][1:]

    def check(self, rows: list[str]) -> None:
        problems = []
        for row in rows:
            named = _NAMED.findall(row.split(" | ")[-1])
            problems += [] if named else [f"no test: {row}"]
            for module, test in named:
                problems += problemsOf(module, test)
        self.assertEqual(problems, [])

    def test_page(self) -> None:
        rows = self.rows("docs/chat.md", HEADING)
        self.assertGreater(len(rows), LEAST)
        self.check(rows)
