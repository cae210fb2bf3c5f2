"""What C{twistd} finds, and that to find it imports nothing of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from twisted.application.service import IServiceMaker
from twisted.plugin import getPlugins
from twisted.python.usage import Options
from twisted.trial.unittest import SynchronousTestCase

from tests.folders import folderFor

ROOT = Path(__file__).parents[1]
TAPNAMES = {"echo", "udpecho", "chat", "smtp", "suite"}
TIMEOUT = 60


def makers() -> dict[str, Any]:
    return {
        maker.tapname: maker
        for maker in getPlugins(IServiceMaker)
        if maker.module.startswith("protocols.")
    }


def run(program: str, *words: str, folder: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        timeout=TIMEOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


class PluginTests(SynchronousTestCase):
    def test_names(self) -> None:
        self.assertEqual(set(makers()), TAPNAMES)

    def test_oneClearLineEach(self) -> None:
        for maker in makers().values():
            self.assertRegex(maker.description, r"^[A-Z][^\n]{10,60}\.$")

    def test_optionsAndService(self) -> None:
        for maker in makers().values():
            options = maker.options()
            self.assertIsInstance(options, Options)
            self.assertTrue(callable(maker.makeService))

    def test_theDropinImportsNothing(self) -> None:
        """To import the reactor there would break C{twistd --reactor}."""
        program = (
            "import sys, twisted.plugins.txprotocols_dropin\n"
            "print([name for name in sys.modules if name.startswith('protocols')"
            " or name == 'twisted.internet.reactor'])"
        )
        self.assertEqual(run(program, folder=folderFor(self)).strip(), "[]")

    def test_optionsDoNotInstallAReactor(self) -> None:
        program = (
            "import sys\n"
            "from twisted.plugin import getPlugins\n"
            "from twisted.application.service import IServiceMaker\n"
            "for maker in getPlugins(IServiceMaker):\n"
            "    if maker.module.startswith('protocols.'): maker.options()\n"
            "print('twisted.internet.reactor' in sys.modules)"
        )
        self.assertEqual(run(program, folder=folderFor(self)).strip(), "False")

    def test_twistdListsThem(self) -> None:
        program = "from twisted.scripts.twistd import run; run()"
        listed = run(program, "--help", folder=folderFor(self))
        for name in TAPNAMES:
            self.assertRegex(listed, rf"(?m)^ +{name} +[A-Z]")

    def test_helpExplainsEveryOption(self) -> None:
        """With unit and default, or what happens without."""
        for name, maker in makers().items():
            options = maker.options()
            for option in options.longOpt:
                option = option.rstrip("=")
                method = getattr(options, "opt_" + option.replace("-", "_"), None)
                text = options.docs.get(option) or getattr(method, "__doc__", None)
                self.assertTrue(text and len(text) > 8, f"{name} --{option}: {text!r}")
