"""The chat is told anything, at every door: C{benchmarks/chatfuzz.py}, shortly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[2]
TIMEOUT = 90


class FuzzTests(SynchronousTestCase):
    def test_allIsAsItHasToBe(self) -> None:
        """Odd words, cuts, resets: nothing is logged, left behind or told wrongly."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "chatfuzz.py"), "--seconds=3"],
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("all is as it has to be", done.stdout)
