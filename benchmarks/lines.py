"""Splitting lines, beside C{LineReceiver} of Twisted, both with their limits on.

C{python benchmarks/lines.py [--write]}. 64-octet lines in chunks of 64 KiB; the
goal is a ratio of 3 or more.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from measure import inTurn, pin, report

sys.path.insert(0, str(Path(__file__).parent.parent))

from twisted.internet.testing import StringTransport
from twisted.protocols.basic import LineReceiver

from protocols.lines import LineProtocol

LINE = b"x" * 62 + b"\r\n"
CHUNK = LINE * 1024
CHUNKS = 100


class Ours(LineProtocol):
    """Takes lines and does nothing with them."""

    def lineReceived(self, line: bytes) -> None:
        """Nothing."""


class Theirs(LineReceiver):
    """The same."""

    def lineReceived(self, line: bytes) -> None:
        """Nothing."""


def linesPerSecond(kind: Any) -> float:
    """Lines per second of CPU."""
    protocol = kind()
    protocol.makeConnection(StringTransport())
    before = time.process_time()
    for _ in range(CHUNKS):
        protocol.dataReceived(CHUNK)
    return CHUNKS * 1024 / (time.process_time() - before)


if __name__ == "__main__":
    pin(0)
    report(
        "Lines",
        [
            inTurn(
                "LineProtocol / LineReceiver",
                "lines",
                lambda: linesPerSecond(Ours),
                lambda: linesPerSecond(Theirs),
            )
        ],
    )
