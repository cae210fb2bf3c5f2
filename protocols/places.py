"""Where things of the user's are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def userDataDir(environment: Mapping[str, str]) -> Path:
    """Where the user's data belongs: XDG Base Directory Specification, section 3."""
    base = environment.get("XDG_DATA_HOME", "")
    home = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return home / "txprotocols"
