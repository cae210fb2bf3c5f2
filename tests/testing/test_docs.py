"""What docs/testing.md says is true: its examples are run as one file."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "testing.md"

# The plugin by its module, whether or not the package is installed.
OPTIONS = ["-q", "-p", "no:cacheprovider", "-p", "no:txprotocols"]
OPTIONS += ["-p", "protocols.pytest_plugin", "--rootdir"]


class ExampleTests(SynchronousTestCase):
    def test_examples(self) -> None:
        blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
        functions = re.findall(r"^def test_", "".join(blocks), re.M)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "test_page.py")
            path.write_text("\n\n".join(blocks))
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *OPTIONS, directory, str(path)],
                cwd=ROOT,
                capture_output=True,
                timeout=120,
                text=True,
                check=False,
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, f"{len(functions) + 1} passed")

    def test_names(self) -> None:
        """The page names everything that a user calls."""
        from protocols import testing

        text = PAGE.read_text()
        results = {"HIGH_WATER", "Pair", "Running"}
        missing = [name for name in testing.__all__ if name not in text]
        self.assertEqual(set(missing) - results, set())
