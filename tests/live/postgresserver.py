"""A server of PostgreSQL of our own, in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.live.servers import TIMEOUT

PASSWORD = "gehe@im/nis"
_QUOTED = "gehe%40im%2Fnis"
_USERS = ("postgres", "nobody")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; C{None} if they are not there."""
    here = shutil.which("initdb")
    if here is not None:
        return Path(here).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Server:
    """It listens on a UNIX socket, and asks for a password.

    @ivar url: of its first database.
    """

    def __init__(self, folder: Path) -> None:
        self._programs = folder
        self._folder = tempfile.TemporaryDirectory(prefix="pg")
        self._as = _unprivileged(self._folder.name)
        self.data = Path(self._folder.name, "data")
        self.url = self.urlOf("postgres")
        words = Path(self._folder.name, "words")
        words.write_text(PASSWORD)
        words.chmod(0o644)
        said = ["--auth=scram-sha-256", f"--pwfile={words}", "--username=mail"]
        tongue = ["--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", f"--pgdata={self.data}", *said, *tongue)
        self.start()

    def urlOf(self, database: str, password: str = _QUOTED) -> str:
        folder = self._folder.name
        return f"postgresql://mail:{password}@/{database}?host={folder}"

    def start(self) -> None:
        """Start it, and wait for it: after a crash what is left has to go first."""
        options = f"-c listen_addresses= -k {self._folder.name}"
        end = time.monotonic() + TIMEOUT
        log = f"--log={self._folder.name}/log"
        while True:
            try:
                self._run("pg_ctl", "start", "-w", f"-D{self.data}", "-o", options, log)
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > end:
                    raise

    def kill(self) -> None:
        """As when the power fails: nothing is tidied up."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    def close(self) -> None:
        """Stop it, and remove what it has kept."""
        with contextlib.suppress(subprocess.CalledProcessError):  # it was killed
            self._run("pg_ctl", "stop", "-w", "-mimmediate", f"-D{self.data}")
        self._folder.cleanup()

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), *words],
            cwd=self._folder.name,
            check=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )


def _unprivileged(folder: str) -> dict[str, Any]:
    """The server refuses to run as root; C{folder} becomes that of who runs it."""
    if os.getuid():
        return {}
    known = {each.pw_name: each for each in pwd.getpwall()}
    user = next(known[name] for name in _USERS if name in known)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
