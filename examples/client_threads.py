"""Have some words echoed: with a thread, and a connection, for each.

``python examples/client_threads.py 127.0.0.1 7007 hello world``
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from client_blocking import echo

MOST_THREADS = 8


def echoAll(host: str, port: int, words: list[str]) -> list[str]:
    """All at once; the answers are in the order of the words."""
    with ThreadPoolExecutor(MOST_THREADS) as threads:
        return [back for (back,) in threads.map(lambda w: echo(host, port, [w]), words)]


if __name__ == "__main__":
    print(*echoAll(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
