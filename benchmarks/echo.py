"""TCP and UDP echo beside asyncio's, and uvloop's where it is installed.

C{python benchmarks/echo.py [--write]}.
"""

from __future__ import annotations

from loads import datagrams, pingPong, stream
from measure import compare, pin, report

LOADS = (
    ("TCP, 64 octets to and fro", "echoes", pingPong, "guarded", "tcp"),
    ("TCP, one stream", "MiB", stream, "guarded", "tcp"),
    ("UDP, 64 octets, 64 under way", "echoes", datagrams, "udpecho", "udp"),
)

if __name__ == "__main__":
    pin(1)
    report(
        "Echo",
        [
            compare(f"{work}: ours / {peer}", unit, load, ours, f"{peer}-{kind}")
            for work, unit, load, ours, kind in LOADS
            for peer in ("asyncio", "uvloop")
        ],
    )
