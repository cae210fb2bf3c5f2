"""A chat whose every door is told anything, and then: is all as it has to be?

C{python benchmarks/chatfuzz.py [--seconds 20] [--seed 1] [--clients 30]}. Many
clients at a time come in by all doors of C{twistd -n chat}, say what
C{fuzzwords.py} makes of the seed, cut anywhere, and go in any way. What they are
told is checked at once (C{fuzzchecks.py}); in the end the server has to answer as
before, with the memory and the sockets of its beginning, an empty log and a whole
store. What is not so is printed, and the status is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from fuzzchecks import Broken
from fuzzclients import HOST, Browser, Client, Steady, Typist, Wild

from protocols.testing import selfSigned

# Seconds for starting, for an answer in the end, and for stopping.
PATIENCE = 10.0

# KiB that the memory may have grown by since the first clients were there: what was
# said last is kept in memory, and the allocator of C keeps some of what is free.
MOST_GROWTH = 64 << 10

_TWISTD = "import sys; from twisted.scripts.twistd import run; sys.exit(run())"
_STARTED = re.compile(r"starting on (\d+)")
_WRONG = re.compile(r"Traceback|Unhandled|failed|rror:|critical|Warning")
_PROXY = b"PROXY TCP4 172.16.0.1 127.0.0.1 1 2\r\n"


class Chat:
    """The server, and where its doors are."""

    def __init__(self, folder: Path) -> None:
        self._log, self.store = folder / "log", folder / "store"
        pem = folder / "server.pem"
        pem.write_bytes(selfSigned(HOST))
        (folder / "operators").write_text("root:pencil\n")
        (folder / "motd").write_text("Be kind.\n" * 3)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _TWISTD, "-n", "--pidfile=", *_words(pem)],
                cwd=folder,
                env={"PYTHONPATH": str(ROOT), "PATH": ""},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.ports = self._started()

    def _started(self) -> list[int]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            found = _STARTED.findall(self.log())
            if len(found) == len(_DOORS):
                return list(map(int, found))
            time.sleep(0.05)
        raise SystemExit(f"it does not start: {self.log()}")

    def log(self) -> str:
        """All that was logged so far."""
        return self._log.read_text(errors="replace")

    def memory(self) -> int:
        """KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def sockets(self) -> int:
        """How many are open."""
        count = 0
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with suppress(OSError):
                count += "socket:" in str(link.readlink())
        return count


# In the order in which they are opened.
_DOORS = ("listen", "irc", "irc", "web")


def _words(pem: Path) -> list[str]:
    plain = f"tcp:0:interface={HOST}"
    tls = f"ssl:0:interface={HOST}:privateKey={pem}"
    places = (plain, plain, tls, plain)
    doors = [f"--{door}={at}" for door, at in zip(_DOORS, places, strict=True)]
    free = ("--max-per-peer=0", "--accept-rate=0", "--proxy-from=127.0.0.0/8")
    rates = ("--line-rate=1000", "--line-burst=1000", "--keep-messages=5000")
    files = ("--store=store", "--operators=operators", "--audit=audit", "--motd=motd")
    return ["chat", *doors, *free, *rates, *files]


@contextmanager
def running() -> Iterator[Chat]:
    """A chat in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        chat = Chat(Path(folder))
        try:
            yield chat
        finally:
            chat.process.kill()
            chat.process.wait()


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    path = folder / "client.pem"
    path.write_bytes(selfSigned("client"))
    context.load_cert_chain(path)
    return context


async def storm(chat: Chat, options: argparse.Namespace, broken: Broken) -> int:
    """So many clients at a time until the time is over; how many there were."""
    end = time.monotonic() + options.seconds
    choose = random.Random(options.seed)
    context = None if options.plain else _context(chat.store.parent)
    numbers = iter(range(1 << 30))

    async def one() -> None:
        while time.monotonic() < end and chat.process.poll() is None:
            number = next(numbers)
            await _client(chat, random.Random(choose.random()), number, broken, context)

    await asyncio.gather(*(one() for _ in range(options.clients)))
    return next(numbers)


async def _client(
    chat: Chat,
    choose: random.Random,
    number: int,
    broken: Broken,
    context: ssl.SSLContext | None,
) -> None:
    kind: type[Client] = choose.choice((Steady, Steady, Wild, Typist, Typist, Browser))
    line, irc, tls, web = chat.ports
    isSecure = context is not None and kind in (Steady, Wild) and choose.random() < 0.1
    port = tls if isSecure else {Typist: line, Browser: web}.get(kind, irc)
    client = kind(choose, number, port, broken, context if isSecure else None)
    try:
        await asyncio.wait_for(client.run(), 2 * PATIENCE)
    except (TimeoutError, asyncio.TimeoutError):
        if not client.isSlow:
            broken.tell("no answer in time", (kind.__name__, number, client.doing))


def probe(chat: Chat, broken: Broken) -> None:
    """Whether each door answers, and nobody is left."""
    line, irc, _, web = chat.ports
    asked = b"NICK probe\r\nUSER u 0 * :r\r\nJOIN #probe\r\nLUSERS\r\nPING end\r\n"
    said = _ask(irc, asked, b"PONG irc.localhost end")
    everybody = re.findall(rb" 265 probe (\d+) ", said)
    if everybody[-1:] != [b"1"] or b" 253 " in said or b" 366 " not in said:
        broken.tell("not one is here", said)
    if b"Hello, probe2" not in _ask(line, b"probe2\r\n/quit\r\n", b"Bye."):
        broken.tell("no answer", "at the line door")
    if not _ask(web, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"</html>"):
        broken.tell("no answer", "of the page")


def _ask(port: int, said: bytes, until: bytes) -> bytes:
    """What is answered, up to some words."""
    heard = b""
    with suppress(OSError), socket.create_connection((HOST, port), 3) as connection:
        connection.sendall(_PROXY + said)
        while until not in heard and (more := connection.recv(1 << 16)):
            heard += more
    return heard


def settle(chat: Chat, sockets: int, broken: Broken) -> None:
    """Wait until all sockets are gone."""
    end = time.monotonic() + PATIENCE
    while chat.sockets() > sockets and time.monotonic() < end:
        time.sleep(0.05)
    if chat.sockets() > sockets:
        broken.tell("sockets are left", chat.sockets() - sockets)


def finish(chat: Chat, broken: Broken) -> None:
    """Stop it, and look at its log and its store."""
    chat.process.send_signal(signal.SIGTERM)
    try:
        status = chat.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        status = "none in time"  # type: ignore[assignment]
    if status != 0:
        broken.tell("its status", status)
    lines = chat.log().splitlines()
    for at, line in enumerate(lines):
        if _WRONG.search(line):
            broken.tell("logged", "\n".join(lines[at : at + 30]))
    with closing(sqlite3.connect(chat.store)) as store:
        found = store.execute("PRAGMA integrity_check").fetchall()
    if found != [("ok",)]:
        broken.tell("the store", found)


def fuzz(options: argparse.Namespace) -> Broken:
    """All of it."""
    broken = Broken()
    with running() as chat:
        sockets = chat.sockets()
        warm = argparse.Namespace(**{**vars(options), "seconds": options.seconds / 3})
        asyncio.run(storm(chat, warm, broken))
        before = chat.memory()
        seen = asyncio.run(storm(chat, options, broken))
        settle(chat, sockets, broken)
        grown = chat.memory() - before
        if grown > MOST_GROWTH:
            broken.tell("memory has grown by KiB", grown)
        if chat.process.poll() is None:
            probe(chat, broken)
        finish(chat, broken)
    print(f"seed {options.seed}: {seen} clients, memory {grown:+,} KiB")
    return broken


def main() -> int:
    """Fuzz, and tell what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--plain", action="store_true", help="nobody comes by TLS")
    broken = fuzz(parser.parse_args())
    for each in broken:
        print(each)
    print("all is as it has to be" if not broken else f"{len(broken)} are not")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
