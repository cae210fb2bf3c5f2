"""A chat when ten thousand come in five seconds, and when it stops with five thousand.

C{python benchmarks/chatstorm.py [--door irc] [--lean] [--count 10000] [--stop 5000]}
starts C{twistd -n chat} as its users do, with the limits of connections off and, in
a second round, on. Told of each storm is how many came in, were told why not, or
were cut without a word; and how long lines took, meanwhile, between 20 who were there
already. At the end SIGTERM: who got the notice, what of all that was said is in the
store, how long it took, and the exit status.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stormclients import DOORS, Crowd, Talkers

HERE = Path(__file__).parent.parent
TALKERS = 20
FREE = ("--max-connections=0", "--max-per-peer=0", "--accept-rate=0")
CHOSEN = ("--exempt=127.0.0.0/8",)

# Lines that are said in the moment before the end.
LAST_WORDS = 200

# Seconds for the start, and for the end: 10 to drain, and some.
STARTING, STOPPING = 20.0, 30.0

TWISTD = "import sys; from twisted.scripts.twistd import run; sys.exit(run())"


class Chat:
    """A C{twistd -n chat} of its own.

    @ivar port: where it listens.
    """

    def __init__(self, folder: str, door: str, isLean: bool, *options: str) -> None:
        self.log = Path(folder, "log")
        reactor = ["--reactor=lean"] if isLean else []
        place = "tcp:0:interface=127.0.0.1"
        doors = [f"--listen={place}", f"--irc={place}"]
        words = ["-n", "--pidfile=", *reactor, "chat", *doors, *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", TWISTD, *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(HERE)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.port = self._ports()[list(DOORS).index(door)]

    def _ports(self) -> list[int]:
        end = time.monotonic() + STARTING
        while time.monotonic() < end and self.process.poll() is None:
            found = re.findall(r"starting on (\d+)", self.log.read_text())
            if len(found) == 2:
                return [int(each) for each in found]
            time.sleep(0.02)
        raise SystemExit(f"it did not start:\n{self.log.read_text()}")

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        ticks = sum(map(int, stat.split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """MiB that are resident."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


@contextmanager
def chat(door: str, isLean: bool, *options: str) -> Iterator[Chat]:
    """A chat in a folder of its own, which is gone in the end."""
    with tempfile.TemporaryDirectory() as folder:
        server = Chat(folder, door, isLean, f"--store={folder}/chat.db", *options)
        try:
            yield server
        finally:
            server.process.kill()
            server.process.wait()


def storm(
    door: str, isLean: bool, count: int, options: tuple[str, ...], isHerd: bool = False
) -> None:
    """All come within five seconds; a herd connects, and then all join at once."""
    with chat(door, isLean, *options) as server:
        talkers = Talkers(server.port, door, TALKERS)
        crowd = Crowd(server.port, door, count, 5.0, isHerd=isHerd)
        before = server.cpu()
        seconds = crowd.come()
        cpu = server.cpu() - before
        latencies = talkers.stop()
        how = " at once" if isHerd else ""
        print(f"{count}{how} at the {door} door, {' '.join(options)}: {seconds:.1f} s,")
        states = ", ".join(f"{n} {state}" for state, n in crowd.states().most_common())
        cost = f"CPU {cpu:.1f} s, {server.memory():.0f} MiB"
        print(f"  {states}; {crowd.open} are still there; {cost}")
        print(f"  {len(latencies)} deliveries meanwhile: {_spread(latencies)}")
        crowd.close()


def _spread(latencies: list[float]) -> str:
    if not latencies:
        return "none"
    each = {"p50": 0.5, "p99": 0.99}
    at = {name: latencies[int(part * len(latencies))] for name, part in each.items()}
    shown = [f"{name} {1000 * value:.1f} ms" for name, value in at.items()]
    return ", ".join([*shown, f"most {1000 * latencies[-1]:.1f} ms"])


def stop(door: str, isLean: bool, count: int) -> None:
    """SIGTERM with so many members, right behind their last words."""
    with chat(door, isLean, *FREE) as server:
        crowd = Crowd(server.port, door, count, count / 2000)
        crowd.come()
        for number in range(LAST_WORDS):
            line = DOORS[door].say.format(f"last words {number}")
            crowd.members[number].socket.send(line.encode())
        shown = f"last words {LAST_WORDS - 1}".encode()
        crowd.hearUntil(lambda: shown in crowd.members[-1].heard)
        begun = time.perf_counter()
        server.process.send_signal(signal.SIGTERM)
        crowd.hearUntil(lambda: not crowd.open)
        closed = time.perf_counter() - begun
        status = server.process.wait(STOPPING)
        ended = time.perf_counter() - begun
        told = sum(b"is stopping" in each.heard for each in crowd.members)
        print(f"SIGTERM with {crowd.states()['in']} members at the {door} door:")
        print(f"  {told} told, all closed in {closed:.2f} s, it ended in {ended:.2f}")
        print(f"  status {status}, {_kept(server)} of {LAST_WORDS} last words kept")
        crowd.close()


def _kept(server: Chat) -> int:
    with sqlite3.connect(server.log.with_name("chat.db")) as database:
        query = "SELECT count(*) FROM posting WHERE text LIKE 'last words %'"
        (found,) = database.execute(query).fetchone()
    database.close()
    return int(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--door", choices=list(DOORS), default="line")
    parser.add_argument("--lean", action="store_true", help="on the lean reactor")
    parser.add_argument("--count", type=int, default=9900, help="who come")
    parser.add_argument("--stop", type=int, default=5000, help="who are there")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.count:
        storm(options.door, options.lean, options.count, FREE)
        storm(options.door, options.lean, options.count, CHOSEN)
        storm(options.door, options.lean, options.count, FREE, isHerd=True)
    if options.stop:
        stop(options.door, options.lean, options.stop)


if __name__ == "__main__":
    main()
