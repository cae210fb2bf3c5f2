"""What C{docs/testing-mail.md} shows, done."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtpinbox import SMTPInbox

PAGE = Path(__file__).parents[2] / "docs" / "testing-mail.md"


def shown() -> dict[str, Any]:
    """The names that the page's Python makes."""
    names: dict[str, Any] = {"__name__": "shown"}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(block, names)
    return names


class PageTests(SynchronousTestCase):
    def test_eachTest(self) -> None:
        names = shown()
        tests = [name for name in names if name.startswith("test_")]
        self.assertEqual(len(tests), 2)
        for name in tests:
            with SMTPInbox() as inbox:
                names[name](inbox)

    def test_withoutPytest(self) -> None:
        self.assertEqual(shown()["checkWelcome"](), "Welcome")
