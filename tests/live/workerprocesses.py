"""Servers with workers, and their processes."""

from __future__ import annotations

import os
import re
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.servers import TIMEOUT, Process, twistd

LOOPBACK = "127.0.0.1"
LISTEN = f"--listen=tcp:0:interface={LOOPBACK}"
UDP_LISTEN = f"--listen=udp:0:interface={LOOPBACK}"
SERVE = r"\d+ workers serve"
STARTED = re.compile(r"starting on (\d+)")
BORN = re.compile(r"Worker (\d+) is process (\d+)")


class Serving:
    """A server whose workers serve.

    @ivar port: the port that they share; 0 if it has none.
    @ivar workers: the processes by number, as they were last started.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        process.waitFor(SERVE)
        said = "".join(process.said)
        found = STARTED.search(said)
        self.port = int(found[1]) if found else 0
        self.workers = {int(n): int(pid) for n, pid in BORN.findall(said)}

    def connect(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.port), TIMEOUT)

    def said(self) -> str:
        return "".join(self.process.said)


@contextmanager
def serving(*words: str, **environment: str) -> Iterator[Serving]:
    """C{twistd -n WORDS}, once all workers serve."""
    with twistd(*words, **environment) as process:
        yield Serving(process)


def receive(client: socket.socket, size: int) -> bytes:
    """Exactly C{size} octets, or all up to the end."""
    data = bytearray()
    while len(data) < size and (piece := client.recv(size - len(data))):
        data += piece
    return bytes(data)


def echoes(client: socket.socket, data: bytes = b"hello") -> bool:
    """Whether what is sent comes back."""
    client.sendall(data)
    return receive(client, len(data)) == data


@contextmanager
def watched(pid: int) -> Iterator[int]:
    """A descriptor that can be read when the process has ended."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def endsWithin(descriptor: int, seconds: float = TIMEOUT) -> bool:
    """Whether a watched process ends in time."""
    return bool(select.select([descriptor], [], [], seconds)[0])
