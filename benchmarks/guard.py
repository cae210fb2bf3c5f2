"""What the guard costs: the same echo with it and without it.

C{python benchmarks/guard.py [--write]}. The goal is a ratio of 0.97 or more.
"""

from __future__ import annotations

from loads import pingPong, stream
from measure import compare, pin, report

if __name__ == "__main__":
    pin(1)
    report(
        "The guard",
        [
            compare(
                "guard / bare, 64 octets to and fro",
                "echoes",
                pingPong,
                "guarded",
                "bare",
            ),
            compare("guard / bare, one stream", "MiB", stream, "guarded", "bare"),
            compare(
                "as a plain wrapper / bare, 64 octets",
                "echoes",
                pingPong,
                "wrapped",
                "bare",
            ),
        ],
    )
