"""L{protocols.workeroptions}: C{--workers}."""

from __future__ import annotations

import os
import sys

from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from protocols.workeroptions import MOST_WORKERS
from tests.workers import Options, parsed


class OptionTests(SynchronousTestCase):
    def test_default(self) -> None:
        self.assertEqual(parsed()["workers"], 1)

    def test_impossible(self) -> None:
        for text in ("0", "-1", "x", "1.5", str(MOST_WORKERS + 1), ""):
            error = self.assertRaises(usage.UsageError, parsed, "--workers", text)
            expected = "--workers: expected a whole number of processes, 1 to 256"
            self.assertEqual(str(error), f"{expected}, got {text!r}")

    def test_aConnectionForEach(self) -> None:
        words = ("--workers=4", "--max-connections")
        self.assertRaises(usage.UsageError, parsed, *words, "3")
        for fine in ("4", "0"):
            self.assertEqual(parsed(*words, fine)["workers"], 4)

    def test_elsewhere(self) -> None:
        self.patch(os, "name", "nt")
        self.assertRaises(usage.UsageError, parsed, "--workers=2")
        self.assertEqual(parsed("--workers=1")["workers"], 1)

    def test_whatWasSaid(self) -> None:
        words = ["--workers=2", "--listen", "tcp:1", "--drain-timeout=3"]
        self.assertEqual(parsed(*words).arguments, words)

    def test_ofTheProcess(self) -> None:
        self.patch(sys, "argv", ["this", "--workers=3"])
        options = Options()
        options.parseOptions()
        self.assertEqual(options.arguments, ["--workers=3"])
