"""What the wheel owns: our package, and of Twisted's only our own dropin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from twisted.trial.unittest import SynchronousTestCase

from tests.folders import folderFor

ROOT = Path(__file__).parents[1]
TIMEOUT = 120
_BUILD = "from setuptools import build_meta; print(build_meta.build_wheel('{0}'))"


class WheelTests(SynchronousTestCase):
    """Built from a copy, so that nothing of it stays in the checkout."""

    def setUp(self) -> None:
        folder = folderFor(self)
        copy = os.path.join(folder, "copy")
        os.mkdir(copy)
        for name in ("protocols", "twisted"):
            shutil.copytree(ROOT / name, os.path.join(copy, name))
        for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        done = subprocess.run(
            [sys.executable, "-c", _BUILD.format(folder)],
            cwd=copy,
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        with ZipFile(os.path.join(folder, done.stdout.split()[-1])) as wheel:
            self.names = set(wheel.namelist())

    def test_whatItOwns(self) -> None:
        tops = {name.split("/")[0] for name in self.names}
        self.assertEqual(
            {top for top in tops if not top.endswith(".dist-info")},
            {"protocols", "twisted"},
        )
        self.assertEqual(
            {name for name in self.names if name.startswith("twisted/")},
            {
                "twisted/plugins/txprotocols_dropin.py",
                "twisted/plugins/txprotocols_reactors.py",
            },
        )

    def test_allOfOurs(self) -> None:
        """Each module, the readings of each protocol, and that it is typed."""
        wanted = {
            str(path.relative_to(ROOT))
            for pattern in ("*.py", "README.md", "py.typed", "static/*")
            for path in (ROOT / "protocols").rglob(pattern)
        }
        self.assertEqual(wanted - self.names, set())
