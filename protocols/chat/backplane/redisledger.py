"""What all nodes keep together, in hashes of Redis. Wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from protocols.chat.backplane.interface import LedgerFullError
from protocols.chat.backplane.reading import pairsIn
from protocols.chat.backplane.scripts import PUT


class RedisLedger:
    """See L{protocols.chat.backplane.interface.Ledger}.

    A book is a hash. It is as durable as the server is told to be: with
    C{appendonly yes} it is all there after a crash, but for the last second.

    @param send: sends a command, and returns its answer, or fails with
        L{protocols.chat.backplane.interface.BackplaneError}.
    @param prefix: of the keys.
    """

    def __init__(self, send: Callable[..., Deferred[Any]], prefix: str) -> None:
        self._send = send
        self._prefix = prefix

    def get(self, book: str, name: str) -> Deferred[bytes | None]:
        """See L{Ledger.get}."""
        return self._send("HGET", self._prefix + book, name)

    def put(
        self,
        book: str,
        name: str,
        value: bytes | None,
        expected: bytes | None,
        most: int = 0,
    ) -> Deferred[bool]:
        """See L{Ledger.put}."""
        words = (self._prefix + book, name, expected or b"", value or b"", most)

        def done(answer: int) -> bool:
            if answer < 0:
                raise LedgerFullError(f"there are {most} already")
            return answer > 0

        return self._send("EVALSHA", PUT.digest, PUT.keys, *words).addCallback(done)

    def names(self, book: str) -> Deferred[set[str]]:
        """See L{Ledger.names}; 100,000 are some 2 MB, and 20 ms of the server."""
        found = self._send("HKEYS", self._prefix + book)
        return found.addCallback(lambda names: {name.decode() for name in names})

    def scan(self, book: str) -> Deferred[dict[str, bytes]]:
        """See L{Ledger.scan}."""
        return self._send("HGETALL", self._prefix + book).addCallback(pairsIn)
