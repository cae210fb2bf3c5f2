"""System calls of the echo servers, for each message.

C{python benchmarks/calls.py [--write]}. Counted by C{perf stat} on the tracepoints of
the kernel, which slows the server down by little; it needs root, or a low
C{kernel.perf_event_paranoid}.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

import loads
from echo import TCP, TITLES, UDP, table
from loadclient import Load, LoadError, connected
from measure import MissingError, keep, pin
from rounds import Measured

# Calls of a kind are counted together; memory's are those of the allocator.
KINDS = {
    "receive": ("recvfrom", "recvmsg", "recvmmsg", "read"),
    "send": ("sendto", "sendmsg", "sendmmsg", "write", "writev"),
    "epoll_wait": ("epoll_wait", "epoll_pwait"),
    "epoll_ctl": ("epoll_ctl",),
    "memory": ("mmap", "munmap", "mremap", "brk", "madvise"),
}

# Seconds that perf gets to begin; the server has nothing to do meanwhile.
BEGINNING = 0.2

ROWS = (
    ("50 x 64 B", loads.SMALL, TCP),
    ("bulk, 64 KiB", loads.BULK, TCP),
    ("UDP, 64 under way", loads.DATAGRAMS, UDP),
)


def counting(pid: int) -> subprocess.Popen[str]:
    """Count a process's calls until it is interrupted.

    @raise MissingError: C{perf} is not installed.
    """
    perf = shutil.which("perf")
    if perf is None:
        raise MissingError("perf is not installed")
    names = [name for names in KINDS.values() for name in names]
    events = ",".join(f"syscalls:sys_enter_{name}" for name in names)
    command = [perf, "stat", "-x", ";", "-e", events, "-p", str(pid)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def counted(said: str) -> dict[str, int]:
    """Calls of each kind, from what C{perf} has said."""
    counts = {}
    for line in said.splitlines():
        count, _, event, *_ = [*line.split(";"), "", ""]
        if count.isdigit():
            counts[event.rpartition("sys_enter_")[2]] = int(count)
    if not counts:
        raise MissingError(f"perf can't count: {said.strip()[:200]}")
    return {
        kind: sum(counts.get(name, 0) for name in names)
        for kind, names in KINDS.items()
    }


def calls(name: str, load: Load) -> dict[str, float]:
    """Calls of each kind for a message.

    @raise MissingError: the server, or C{perf}, is not installed.
    """
    server = Measured(name)
    try:
        with connected(load, server.port) as client:
            perf = counting(server.pid)
            time.sleep(BEGINNING)
            figures = client.run()
            perf.send_signal(signal.SIGINT)
            _, said = perf.communicate()
    finally:
        server.stop()
    return {kind: n / figures.messages for kind, n in counted(said).items()}


def rowsOf(work: str, load: Load, names: tuple[str, ...]) -> list[list[str]]:
    """A row for each server that is there."""
    rows = []
    for title, name in zip(TITLES, names, strict=True):
        try:
            each = calls(name, load)
        except (MissingError, LoadError) as error:
            print(f"skipped: {name}: {error}", file=sys.stderr)
        else:
            rows.append([work, title, *(f"{n:.2f}" for n in each.values())])
    return rows


if __name__ == "__main__":
    pin(1)
    rows = [row for each in ROWS for row in rowsOf(*each)]
    text = table("calls a message", ("server", *KINDS), rows)
    print(text)
    if "--write" in sys.argv[1:]:
        keep("Echo, calls", text)
