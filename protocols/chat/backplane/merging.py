"""One order for what comes from several streams. Pure.

Ids grow over all streams of the bus. An answer shows all of them at one moment,
but only up to so many entries of each: where one was cut, what the others have
behind that point waits for the next answer. So every node sees the same order.
"""

from __future__ import annotations

from heapq import merge

Entry = tuple[int, bytes]
"""An id, and what was published with it."""


class Merging:
    """Puts the streams' entries in order.

    @param streams: how many there are.
    @param most: entries of a stream that an answer has at the most.
    @ivar positions: the last id read, for each stream.
    """

    def __init__(self, streams: int, most: int, after: int = 0) -> None:
        self._most = most
        self._waiting: list[Entry] = []
        self.positions = [after] * streams

    def feed(self, read: dict[int, list[Entry]]) -> list[Entry]:
        """Entries in the order of their ids, as far as none can come before them.

        @param read: by the number of their stream.
        """
        certain: int | None = None
        for stream, entries in read.items():
            if not entries:
                continue
            self.positions[stream] = last = entries[-1][0]
            if len(entries) >= self._most:
                certain = last if certain is None else min(certain, last)
        found = list(merge(self._waiting, *read.values()))
        if certain is None:
            self._waiting = []
            return found
        self._waiting = [entry for entry in found if entry[0] > certain]
        return found[: len(found) - len(self._waiting)]
