"""Folders for tests, gone when the test is over."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any


def folderFor(case: Any) -> str:
    """The path of an empty folder that lasts as long as the test C{case}.

    Trial's C{mktemp} leaves its folder behind when pytest runs the test.
    """
    folder = TemporaryDirectory()
    case.addCleanup(folder.cleanup)
    return folder.name
