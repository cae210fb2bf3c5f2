"""What is sent to mail receivers: by C{smtp-source} of Postfix, all the same to all."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailpeers import HOST
from mailservers import onCore, program

MEBIBYTE = 1 << 20
TEN_MEBIBYTES = 10 * MEBIBYTE
TIMEOUT = 120

_WORDS = [
    *("the", "of", "and", "to", "in", "that", "it", "is", "was", "for", "on", "are"),
    *("as", "with", "they", "be", "at", "one", "have", "this", "from", "or", "had"),
]


@dataclass(frozen=True)
class Load:
    """Messages of one kind.

    @param unit: what is counted, C{MiB} or C{messages}.
    @param each: of which a message has so many.
    @param sessions: connections at a time, each kept for the next message.
    @param options: of C{smtp-source}: what a message is.
    """

    unit: str
    each: float
    sessions: int
    options: tuple[str, ...]

    def send(self, port: int, messages: int) -> float:
        """Send so many; seconds that it took.

        @raise subprocess.CalledProcessError: one was not taken.
        """
        command = [program("smtp-source"), "-d", "-M", "client.example"]
        command += ["-f", "a@x.example", "-t", "b@y.example"]
        command += ["-s", str(self.sessions), "-m", str(messages), *self.options]
        begin = time.perf_counter()
        subprocess.run(
            [*command, f"{HOST}:{port}"],
            check=True,
            timeout=TIMEOUT,
            stdout=subprocess.DEVNULL,
            preexec_fn=onCore(1),
        )
        return time.perf_counter() - begin


# smtp-source makes lines of 80 octets with CRLF.
LARGE = Load("MiB", 10, 1, ("-l", str(TEN_MEBIBYTES)))
KIBIBYTE = Load("messages", 1, 20, ("-l", "1024"))
FOUR_KIBIBYTES = Load("messages", 1, 20, ("-l", "4096"))


def fromFile(path: Path) -> Load:
    """A message of 10 MiB that stands in a file, with LF alone."""
    return Load("MiB", 10, 1, ("-F", str(path)))


def writeDots(path: Path) -> Path:
    """Prose of 10 MiB in which one line of three begins with dots."""
    rng = random.Random(5321)
    lines = [b"Subject: dots", b""]
    left = TEN_MEBIBYTES
    while left > 0:
        words = " ".join(rng.choices(_WORDS, k=rng.randrange(16)))
        start = rng.choice(("", "", "", "", ". ", "..."))
        lines.append(f"{start}{words}"[:78].encode())
        left -= len(lines[-1]) + 2
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def writeEmptyLines(path: Path) -> Path:
    """10 MiB of nothing but CRLF."""
    path.write_bytes(b"Subject: nothing\n\n" + b"\n" * (TEN_MEBIBYTES // 2))
    return path


@contextmanager
def idling(port: int, count: int) -> Iterator[None]:
    """Connections that have said EHLO, and say no more."""
    with ExitStack() as stack:
        for _ in range(count):
            client = socket.create_connection((HOST, port), TIMEOUT)
            stack.enter_context(client)
            _await(client, b"220")
            client.sendall(b"EHLO client.example\r\n")
            _await(client, b"250")
        yield


def _await(client: socket.socket, code: bytes) -> None:
    said = b""
    while not (said.endswith(b"\r\n") and said.splitlines()[-1][:4] == code + b" "):
        came = client.recv(4096)
        if not came:
            raise ConnectionError(f"closed after {said!r}")
        said += came
