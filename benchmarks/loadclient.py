"""The load client in C: compiled when it is needed, started, and its figures.

C{python benchmarks/loadclient.py} compiles it and prints where it is; what it is told
stands at the top of C{load.c}. The programs are kept in the user's cache folder, under
the checksum of their source.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measure import HERE, MissingError

HOST = "127.0.0.1"
LOAD = ("load.c", "loadecho.c", "loadfan.c", "loadudp.c", "load.h")
SERVER = ("echo.c",)
FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror")

# So long does a load go on, in seconds: long against the kernel's accounting
# of CPU time, short enough for many rounds.
LASTING = 0.5

# Seconds that the client may need beyond that: it gives up after 5 of silence.
PATIENCE = 30.0


@dataclass(frozen=True)
class Load:
    """What the client is to do.

    @ivar mode: C{echo}, C{fan} or C{datagrams}.
    @ivar connections: connections, sockets, or listeners.
    @ivar size: octets of a message.
    @ivar underWay: messages that may wait for their answer, on each connection.
    @ivar greeting: a line that each connection begins with; C{#} is its number.
    @ivar seconds: how long it goes on.
    @ivar awake: it never sleeps, and so need not be woken by what is sent to it.
    """

    mode: str = "echo"
    connections: int = 1
    size: int = 64
    underWay: int = 1
    greeting: str = ""
    seconds: float = LASTING
    awake: bool = False

    def options(self) -> list[str]:
        """As the client takes them."""
        numbers = ["-c", str(self.connections), "-s", str(self.size)]
        numbers += ["-k", str(self.underWay), "-t", str(self.seconds)]
        numbers += ["-a"] if self.awake else []
        return [*numbers, "-g", self.greeting] if self.greeting else numbers


@dataclass(frozen=True)
class Figures:
    """What came of a load; latencies in microseconds."""

    messages: int
    seconds: float
    octets: int
    errors: int
    p50: float
    p99: float


class LoadError(Exception):
    """The client came to an end before its time; the message is its own."""


def cache() -> Path:
    """The folder for programs, made if it is not there."""
    above = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(above) / "txprotocols-benchmarks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def compiled(sources: tuple[str, ...]) -> Path:
    """A program made of C sources.

    @raise MissingError: there is no compiler.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise MissingError("a C compiler is not installed")
    text = b"".join((HERE / name).read_bytes() for name in sources)
    checksum = hashlib.sha256(text + " ".join(FLAGS).encode()).hexdigest()[:16]
    program = cache() / f"{Path(sources[0]).stem}-{checksum}"
    if not program.exists():
        made = program.with_suffix(f".{os.getpid()}")
        files = [str(HERE / name) for name in sources if name.endswith(".c")]
        subprocess.run([compiler, *FLAGS, "-o", str(made), *files], check=True)
        made.replace(program)
    return program


class Client:
    """A client whose connections stand, and have been answered once.

    It begins when it is told to, and its connections last until L{close}: so that
    a server's CPU time and memory can be read in between.

    @raise LoadError: the server is not there, or answers wrongly.
    """

    def __init__(self, load: Load, port: int) -> None:
        command = [str(compiled(LOAD)), load.mode, HOST, str(port), *load.options()]
        self._seconds = load.seconds + PATIENCE
        self._process = subprocess.Popen(
            [*command, "-w"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self._line("ready")
        except LoadError:
            self.close()
            raise

    def run(self) -> Figures:
        """Do the load, once.

        @raise LoadError: the server is gone, or answers wrongly.
        """
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return Figures(**json.loads(self._line("{")))

    def close(self) -> None:
        """Close all connections."""
        self._process.kill()
        self._process.communicate()

    def _line(self, beginning: str) -> str:
        """The client's next line; it ends itself when it hears nothing."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith(beginning):
            _, said = self._process.communicate(timeout=self._seconds)
            raise LoadError(said.strip() or "the load client has ended")
        return line


@contextmanager
def connected(load: Load, port: int) -> Iterator[Client]:
    """A client, whose connections are closed in the end."""
    client = Client(load, port)
    try:
        yield client
    finally:
        client.close()


if __name__ == "__main__":
    try:
        print(compiled(LOAD))
    except MissingError as missing:
        sys.exit(str(missing))
