"""The soak of the lean reactor, for a short time: see C{benchmarks/soak.py}."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[2]
TIMEOUT = 60


class SoakTests(SynchronousTestCase):
    def test_allIsAsBefore(self) -> None:
        """Halves, aborts, resets and slow readers leave nothing behind."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "soak.py"), "--seconds=3"],
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("all is as before, after", done.stdout)
        self.assertEqual(done.stderr, "", "nothing was logged as an error")
