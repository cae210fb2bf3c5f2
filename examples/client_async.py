"""Have some words echoed: with await, on one connection, all under way at once.

``python examples/client_async.py 127.0.0.1 7007 hello world``
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import react

from protocols.tcpecho import EchoClient


async def echoAll(reactor: Any, host: str, port: int, words: list[str]) -> list[str]:
    """The answers, in the order of the words."""
    async with EchoClient(reactor, [(host, port)]) as client:
        asked = [Deferred.fromCoroutine(client.echo(word.encode())) for word in words]
        return [back.decode() for back in await gatherResults(asked)]


async def main(reactor: Any, host: str, port: str, *words: str) -> None:
    print(*await echoAll(reactor, host, int(port), list(words)))


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, *sys.argv[1:])))
