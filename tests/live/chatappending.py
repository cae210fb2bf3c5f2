"""A program that appends to a chat's store until it is killed.

C{python -m tests.live.chatappending FILE} writes each id up to which everything
has been flushed, a line each.
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from protocols.chat.events import Posting
from protocols.chat.store import ChatStore

# Postings in each of the reactor's turns.
AT_ONCE = 20
ROOMS = 3


def textOf(number: int) -> str:
    return f"this is word{number} of {number % ROOMS}"


async def append(reactor: Any, store: ChatStore) -> None:
    """Append, without waiting; tell of each flush when it is done."""
    number = store.highestId()

    def tell(_: object, flushed: int) -> None:
        print(flushed, flush=True)

    while True:
        for _ in range(AT_ONCE):
            number += 1
            room = f"#{number % ROOMS}"
            store.append(Posting(room, textOf(number), "ann", id=number, time=1.0))
        if number % (AT_ONCE * 10) == 0:
            store.flush().addCallback(tell, number)
        await deferLater(reactor, 0.0005)


def main(path: str) -> None:
    from twisted.internet import reactor

    clock: Any = reactor
    store = ChatStore(path, clock)
    Deferred.fromCoroutine(append(clock, store)).addErrback(_die)
    clock.run()


def _die(failure: Any) -> None:
    failure.printTraceback()
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
