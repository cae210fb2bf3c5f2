"""Reads all streams of the bus, with one command that waits. Wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.backplane.connection import RedisConnection
from protocols.chat.backplane.interface import BackplaneError
from protocols.chat.backplane.merging import Entry, Merging
from protocols.chat.backplane.resp import RefusedByServerError

# Entries of a stream in one answer: some milliseconds' work for a node.
PAGE = 500

# Seconds that XREAD waits when there is nothing: a connection that is dead is found
# out after that.
BLOCK = 5.0


class BusReader:
    """Reads streams, as long as there is a connection.

    @param streams: their keys.
    @param received: called with entries of all of them, in order.
    @ivar connection: the one to read with; nothing else uses it.
    """

    log = Logger()

    def __init__(
        self, streams: list[str], received: Callable[[list[Entry]], None]
    ) -> None:
        self.connection: RedisConnection | None = None
        self._streams = streams
        self._number = {name: number for number, name in enumerate(streams)}
        self._received = received

    def begin(self, after: int) -> None:
        """Read what comes behind an id."""
        if self.connection is not None:
            merging = Merging(len(self._streams), PAGE, after)
            self._read(self.connection, merging, isWaiting=False)

    def _read(
        self, connection: RedisConnection, merging: Merging, isWaiting: bool
    ) -> None:
        """Ask for more; wait for it unless some may be there already."""
        positions = [f"{position}-0" for position in merging.positions]
        block = ("BLOCK", int(BLOCK * 1000)) if isWaiting else ()
        words = ("COUNT", PAGE, *block, "STREAMS", *self._streams, *positions)
        read = connection.send("XREAD", *words, wait=BLOCK)
        read.addCallback(self._came, connection, merging)
        read.addErrback(self._failed, connection)

    def _came(self, answer: Any, connection: RedisConnection, merging: Merging) -> None:
        if connection is not self.connection:
            return
        read = {
            self._number[name.decode()]: entriesIn(found)
            for name, found in answer or ()
        }
        entries = merging.feed(read)
        if entries:
            self._received(entries)
        isMore = any(len(found) >= PAGE for found in read.values())
        if connection is self.connection:
            self._read(connection, merging, isWaiting=not isMore)

    def _failed(self, failure: Failure, connection: RedisConnection) -> None:
        if not failure.check(BackplaneError, RefusedByServerError):
            self.log.failure("What the bus carries can't be taken", failure)
        connection.abandon(failure.getErrorMessage())


def entriesIn(found: Any) -> list[Entry]:
    """Entries of a stream: the first part of their ids, and their message."""
    return [(int(number.partition(b"-")[0]), fields[1]) for number, fields in found]


def pairsIn(found: Any) -> dict[str, bytes]:
    """A hash, from its keys and values in a row."""
    return {
        name.decode(): value
        for name, value in zip(found[::2], found[1::2], strict=True)
    }
