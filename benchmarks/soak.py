"""Connections of every bad habit on the lean reactor, and then: is all as before?

C{python benchmarks/soak.py [--seconds 20] [--seed 1] [--stock]}. Our echo and a
server that ends connections as it likes are talked to over TCP, UNIX and TLS by
clients that read slowly, half-close, abort and reset. What a client that keeps to
the rules gets back is compared. In the end no descriptor and no transport may be
left, and the memory has to be what it was when the first half had ended.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from soakclients import SCRIPTS, Script, Whim

HOST = "127.0.0.1"

# Connections at a time.
PARALLEL = 40

# Seconds that what is under way at the end may take.
WINDING_UP = 10.0

# What the memory may have grown by in the second half: in octets, as the allocator
# of C can't give all back that is free; and in Python's objects, of which each
# connection that was kept would have a hundred.
MOST_GROWTH = 32 << 20
MOST_OBJECTS = 2000


def residentMemory() -> int:
    """Octets of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def openDescriptors() -> int:
    """How many; the one to look with is among them each time."""
    return len(os.listdir("/proc/self/fd"))


class Soak:
    """Keeps so many connections going until the time is up."""

    def __init__(self, reactor: Any, seconds: float, seed: int) -> None:
        self.reactor = reactor
        self.seconds = seconds
        self.random = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.underWay: set[Script] = set()
        self.memory: list[tuple[int, int]] = []
        self._places: list[Any] = []
        self._ending = False

    def run(self) -> list[str]:
        """Have it run; what went wrong."""
        with tempfile.TemporaryDirectory() as folder:
            ports = len(self._listen(folder))
            before = openDescriptors() - ports
            self.reactor.callWhenRunning(self._start)
            self.reactor.run()
        self._compare(before)
        return self.faults

    def _listen(self, folder: str) -> list[Any]:
        from twisted.internet.protocol import Factory
        from twisted.internet.ssl import PrivateCertificate

        from protocols.tcpecho import EchoFactory
        from protocols.testing import selfSigned

        reactor, echo = self.reactor, EchoFactory()
        options = PrivateCertificate.loadPEM(selfSigned()).options()
        path = os.path.join(folder, "soak")
        whim = Factory.forProtocol(lambda: Whim(self))
        ports = [
            reactor.listenTCP(0, echo, interface=HOST),
            reactor.listenUNIX(path, echo),
            reactor.listenSSL(0, echo, options, interface=HOST),
            reactor.listenTCP(0, whim, interface=HOST),
        ]
        tcp, _, tls, bad = (getattr(port.getHost(), "port", 0) for port in ports)
        self._places = [("tcp", tcp), ("unix", path), ("tls", tls), ("whim", bad)]
        return ports

    def _start(self) -> None:
        """A half begins."""
        self._ending = False
        self.reactor.callLater(self.seconds / 2, self._end)
        for _ in range(PARALLEL):
            self._connect()

    def _connect(self) -> None:
        place, where = self.random.choice(self._places)
        kind = self.random.choice(SCRIPTS)
        script = kind(self, place)
        self.underWay.add(script)
        script.connect(where)

    def ended(self, script: Script, fault: str = "") -> None:
        """A client is done: another one."""
        self.underWay.discard(script)
        self.counts[f"{script.place} {type(script).__name__}"] += 1
        if fault:
            self.faults.append(f"{script.place} {type(script).__name__}: {fault}")
        if not self._ending:
            self._connect()
        elif not self.underWay:
            # Servers may have something left to do.
            self._last.cancel()
            self.reactor.callLater(0.2, self._ended)

    def _end(self) -> None:
        self._ending = True
        self._last = self.reactor.callLater(WINDING_UP, self._tooLate)

    def _ended(self) -> None:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        self.memory.append((residentMemory(), sys.getallocatedblocks()))
        if len(self.memory) == 1:
            self._start()
        else:
            self.reactor.stop()

    def _tooLate(self) -> None:
        self.faults += [f"{each!r} never ended" for each in self.underWay]
        self.reactor.stop()

    def _compare(self, before: int) -> None:
        from twisted.internet.tcp import Connection

        left = openDescriptors() - before
        if left:
            self.faults.append(f"{left} descriptors are left open")
        kept = [each for each in gc.get_objects() if isinstance(each, Connection)]
        if kept:
            self.faults.append(f"{len(kept)} transports are kept, as {kept[0]!r}")
        if len(self.memory) == 2:
            self._compareMemory(*self.memory)

    def _compareMemory(self, first: tuple[int, int], second: tuple[int, int]) -> None:
        octets, objects = second[0] - first[0], second[1] - first[1]
        if octets > MOST_GROWTH or objects > MOST_OBJECTS:
            grown = f"{octets:,} octets, {objects:,} objects"
            self.faults.append(f"the memory has grown by {grown}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stock", action="store_true", help="on Twisted's reactor")
    options = parser.parse_args()
    if not options.stock:
        from protocols.lean.reactor import install

        install()
    from twisted.internet import reactor

    soak = Soak(reactor, options.seconds, options.seed)
    faults = soak.run()
    for name, count in sorted(soak.counts.items()):
        print(f"{count:7} {name}")
    print("\n".join(faults) or f"all is as before, after {sum(soak.counts.values())}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
