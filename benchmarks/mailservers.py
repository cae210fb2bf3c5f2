"""Mail receivers in processes of their own: to start them, and what they used up."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from mailpeers import HOST, NAME
from measure import HERE, MissingError

# Seconds that a receiver has to start, and to say its greeting.
STARTING = 20.0

# Connections that smtp-sink takes at a time; the others have no limit then.
CONNECTIONS = 4000

_CORES = sorted(getattr(os, "sched_getaffinity", lambda _: [0])(0))
_TWISTD = "import sys; from twisted.scripts.twistd import run; sys.exit(run())"
_UNLIMITED = ("--max-per-peer=0", "--max-connections=0", "--accept-rate=0")


def onCore(number: int) -> Callable[[], None]:
    """For a process that is to be started: keeps it on one core, if there are two."""

    def pin() -> None:
        if len(_CORES) > 1:
            os.sched_setaffinity(0, {_CORES[number % len(_CORES)]})

    return pin


def program(name: str) -> str:
    """Where a program of Postfix is.

    @raise MissingError: it is not installed.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise MissingError(f"{name} (of Postfix) is not installed")
    return found


def _ours(port: int, store: str, *reactor: str) -> list[str]:
    listen = f"--listen=tcp:{port}:interface={HOST}"
    twistd = [sys.executable, "-c", _TWISTD, *reactor, "-n", "--pidfile=", "smtp"]
    return [*twistd, listen, f"--store={store}", f"--hostname={NAME}", *_UNLIMITED]


def _sink(port: int) -> list[str]:
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    where = [f"{HOST}:{port}", "128"]
    return [program("smtp-sink"), *user, "-m", str(CONNECTIONS), *where]


def _peer(name: str, port: int, *more: str) -> list[str]:
    if find_spec(name.partition(".")[0]) is None:
        raise MissingError(f"{name} is not installed")
    return [sys.executable, str(HERE / "mailpeers.py"), name, str(port), *more]


def commandOf(name: str, port: int, folder: str, *, gaps: bool = False) -> list[str]:
    """How a receiver is started.

    @param name: C{ours}, C{ours, stored}, either with C{, lean} behind it for the
        lean reactor, or a peer's.
    @param gaps: it is to tell of the gaps of its event loop.
    @raise MissingError: it is not installed.
    """
    ours = {"ours": "discard", "ours, stored": f"{folder}/mail.sqlite"}
    if name in ours and gaps:
        peer = [sys.executable, str(HERE / "mailpeers.py"), "ours", str(port)]
        return [*peer, ours[name], "--gaps"]
    plain = name.removesuffix(", lean")
    if plain in ours:
        reactor = () if plain == name else ("--reactor=lean",)
        return _ours(port, ours[plain], *reactor)
    if name == "smtp-sink":
        return _sink(port)
    return _peer(name, port, *(["--gaps"] if gaps else []))


class MailServer:
    """A receiver on the first core, which says its greeting.

    @ivar port: where it listens.
    """

    def __init__(self, name: str, folder: str, *, gaps: bool = False) -> None:
        with socket.create_server((HOST, 0)) as server:
            self.port: int = server.getsockname()[1]
        self._process = subprocess.Popen(
            commandOf(name, self.port, folder, gaps=gaps),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(HERE.parent)},
            stdout=subprocess.PIPE if gaps else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=onCore(0),
        )
        self._waitForGreeting(name)

    def cpu(self) -> float:
        """Seconds of CPU that all its threads have used so far."""
        used = 0
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            used += int((task / "schedstat").read_text().split()[0])
        return used / 1e9

    def memory(self, field: str = "VmRSS") -> int:
        """Octets of memory: C{VmRSS}, or C{VmHWM}, the most of it so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(field))
        return int(line.split()[1]) * 1024

    def forgetPeak(self) -> None:
        """Let C{VmHWM} begin anew."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def stop(self) -> str:
        """End it; what it has printed, which is told once."""
        if self._process.returncode is not None:
            return ""
        self._process.kill()
        said, _ = self._process.communicate()
        return said or ""

    def _waitForGreeting(self, name: str) -> None:
        end = time.perf_counter() + STARTING
        while time.perf_counter() < end and self._process.poll() is None:
            with suppress(OSError), socket.create_connection((HOST, self.port), 1) as c:
                if c.recv(512).startswith(b"220"):
                    c.sendall(b"QUIT\r\n")
                    return
            time.sleep(0.02)
        self.stop()
        raise MissingError(f"{name} does not start")


@contextmanager
def mailServers(
    folder: str, *names: str, gaps: bool = False
) -> Iterator[list[MailServer]]:
    """Receivers, started and in the end stopped."""
    servers: list[MailServer] = []
    try:
        for name in names:
            servers.append(MailServer(name, folder, gaps=gaps))
        yield servers
    finally:
        for server in servers:
            server.stop()
