"""Servers in processes of their own, as a user starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Seconds for anything that a process is waited for; a test that needs a tenth
# of it on an idle machine has failed long before.
TIMEOUT = 30

ROOT = Path(__file__).parents[2]
_TWISTD = "import sys; from twisted.scripts.twistd import run; sys.exit(run())"


class Process:
    """A C{twistd} in the foreground, whose log we read.

    @ivar said: the lines that it has written so far.
    """

    def __init__(self, words: list[str], folder: str, **environment: str) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TWISTD, "-n", "--pidfile=", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def waitFor(self, pattern: str) -> re.Match[str]:
        """Read on until a line matches; the process is killed after a while.

        @raise AssertionError: it ended without such a line.
        """
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in {''.join(self.said)}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; its exit status, below 0 for a signal."""
        out, _ = self._process.communicate(timeout=TIMEOUT)
        self.said += out.splitlines(keepends=True)
        return self._process.returncode

    def kill(self) -> None:
        """End it in any case."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def twistd(*words: str, **environment: str) -> Iterator[Process]:
    """C{twistd -n WORDS} in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        process = Process(list(words), folder, **environment)
        previous = signal.signal(signal.SIGALRM, lambda *_: process._process.kill())
        signal.alarm(TIMEOUT)
        try:
            yield process
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, previous)
            process.kill()
