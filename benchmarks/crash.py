"""Kill a mail receiver under load, again and again, and look for what it promised.

C{python benchmarks/crash.py [--rounds 200]}. Each round starts C{twistd smtp} on the
same store, has some clients send, and kills it with SIGKILL after a random number of
answers. Then every message that was answered 250 has to be in the store, octet for
octet and with its envelope; and of those that were not answered, none in part.
"""

from __future__ import annotations

import argparse
import os
import random
import smtplib
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from protocols.smtp.reader import SQLiteReader
from protocols.smtp.store import BODY_FILE_ABOVE

HOST = "127.0.0.1"
TIMEOUT = 30
CLIENTS = 4
MOST_ANSWERS = 120
# Octets before they are written in hexadecimal.
SMALL, LARGE = 20_000, BODY_FILE_ABOVE
_TWISTD = "import sys; from twisted.scripts.twistd import run; sys.exit(run())"


@dataclass
class Sent:
    """What the clients have sent, by recipient, and which of it was answered."""

    contents: dict[str, bytes] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)


def freePort() -> int:
    """A port that nobody has just now."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def start(folder: str, port: int) -> subprocess.Popen[str]:
    """Start the receiver, and wait until it listens."""
    listen = f"--listen=tcp:{port}:interface={HOST}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _TWISTD,
            "-n",
            "--pidfile=",
            "smtp",
            listen,
            "--store=mail.sqlite",
            "--hostname=mx.example",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "starting on" in line:
            Thread(target=process.stdout.read, daemon=True).start()
            return process
    raise SystemExit("the receiver does not start")


def contentOf(rng: random.Random) -> bytes:
    """Text of some size; one in ten is large enough for a file of its own."""
    most = LARGE if rng.random() < 0.1 else SMALL
    text = rng.randbytes(rng.randint(0, most)).hex().encode()
    lines = (text[i : i + 76] for i in range(0, len(text) + 1, 76))
    return b"".join(line + b"\r\n" for line in lines)


def send(port: int, name: str, seed: int, sent: Sent, enough: Event, most: int) -> None:
    """Send one message after the other until the receiver is gone."""
    rng = random.Random(seed)
    number = 0
    try:
        with smtplib.SMTP(HOST, port, timeout=TIMEOUT) as client:
            while True:
                to = f"{name}-{number}@y.example"
                content = contentOf(rng)
                sent.contents[to] = content
                client.sendmail("a@x.example", [to], content)
                with sent.lock:
                    sent.answered.add(to)
                    if len(sent.answered) >= most:
                        enough.set()
                number += 1
    except (OSError, smtplib.SMTPException):
        enough.set()


def oneRound(folder: str, number: int, rng: random.Random) -> Sent:
    """Start, send, kill."""
    sent, enough, port = Sent(), Event(), freePort()
    process = start(folder, port)
    most = rng.randint(1, MOST_ANSWERS)
    clients = [
        Thread(
            target=send, args=(port, f"r{number}c{n}", rng.random(), sent, enough, most)
        )
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    enough.wait(TIMEOUT)
    process.kill()
    process.wait()
    for client in clients:
        client.join(TIMEOUT)
    return sent


def check(folder: str, sent: Sent, known: set[int]) -> None:
    """Look at what is new in the store."""
    store = SQLiteReader(os.path.join(folder, "mail.sqlite"))
    found: dict[str, bytes] = {}
    for stored in store.find():
        if stored.id not in known:
            known.add(stored.id)
            (to,) = stored.envelope.recipients
            found[to] = store.content(stored.id)
            assert stored.envelope.sender == "a@x.example", stored
    assert sent.answered <= found.keys(), f"lost: {sent.answered - found.keys()}"
    for to, content in found.items():
        assert content == sent.contents[to], f"{to} is not what was sent"


def main() -> None:
    """All rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    asked = parser.parse_args()
    rng, known, answered = random.Random(asked.seed), set[int](), 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.rounds):
            sent = oneRound(folder, number, rng)
            check(folder, sent, known)
            answered += len(sent.answered)
    print(
        f"{asked.rounds} rounds: {answered} answered 250, all there (seed {asked.seed})"
    )


if __name__ == "__main__":
    main()
