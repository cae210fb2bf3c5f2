"""Octets in, whole lines out: bounded, and split a chunk at a time. Pure.

Two places hold what has come and is not delivered yet, in this order: the
iterator C{lines} over whole lines that are already cut, then C{tail}, which is
not looked at yet. An iterator, because a chunk of 64 KiB may hold 32,768 lines
and delivery may stop between any two of them: to stop and to go on both cost
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from operator import length_hint

_NO_LINES: Iterator[bytes] = iter(())


class LineBuffer:
    """What a peer has sent, as lines of bounded length.

    @ivar delimiter: the octets that end a line.
    @ivar maxLength: octets of a line, its delimiter excluded.
    @ivar lines: whole lines, cut and without their delimiter; take from here.
    @ivar tail: octets behind them.
    @ivar skipped: octets dropped of the over-long line that is going on.
    @ivar checked: whether no line in C{lines} is longer than C{maxLength}.
    """

    __slots__ = (
        *("checked", "delimiter", "lines", "maxLength"),
        *("skipped", "skipping", "tail"),
    )

    def __init__(self, delimiter: bytes, maxLength: int) -> None:
        self.delimiter = delimiter
        self.maxLength = maxLength
        self.lines = _NO_LINES
        self.tail = b""
        self.checked = True
        self.skipping = False
        self.skipped = 0

    def __bool__(self) -> bool:
        """Whether anything has come behind the line that was taken last."""
        return bool(self.tail) or self.hasLines

    @property
    def hasLines(self) -> bool:
        """Whether there is a line to take from C{lines}."""
        return length_hint(self.lines) > 0

    def only(self, data: bytes) -> bytes | None:
        """The line that C{data} is, if it is one, whole, and all that there is.

        A peer that waits for answers says one line at a time.
        """
        end = len(data) - len(self.delimiter)
        if self.tail or self.skipping or self.hasLines:
            return None
        whole = 0 <= end <= self.maxLength and data.find(self.delimiter) == end
        return data[:end] if whole else None

    def feed(self, data: bytes) -> None:
        """Keep C{data} behind all that came before it."""
        self.tail = self.tail + data if self.tail else data

    def clear(self) -> bytes:
        """Forget everything, and return it as it came."""
        kept = self.delimiter.join([*self.lines, self.tail])
        self.lines, self.tail = _NO_LINES, b""
        return kept

    def split(self) -> list[bytes]:
        """Cut the tail into C{lines}, which must be used up.

        @return: all that C{lines} has now; empty if there is none.
        """
        if self.skipping and not self._skipped():
            return []
        lines = self.tail.split(self.delimiter)
        short = len(self.tail) <= self.maxLength
        self.checked = short or max(map(len, lines)) <= self.maxLength
        self.tail = lines.pop()
        self.lines = iter(lines) if lines else _NO_LINES
        return lines

    def skip(self, number: int) -> None:
        """So many lines have been taken in another way than from C{lines}."""
        next(islice(self.lines, number, number), None)

    def overlong(self) -> int:
        """Drop a tail that is too long already to become a line.

        To be asked when L{split} found nothing. The last octets may be the
        beginning of the delimiter: they are kept, and do not count.

        @return: the octets dropped; 0 for a tail that may yet be a line. What
            comes up to the end of that line is dropped as well.
        """
        edge = len(self.delimiter) - 1
        dropped = len(self.tail) - edge
        if self.skipping or dropped <= self.maxLength:
            return 0
        self.skipping, self.skipped = True, dropped
        self.tail = self.tail[dropped:]
        return dropped

    def _skipped(self) -> bool:
        """Drop up to the end of the over-long line; false until it is found."""
        _, found, rest = self.tail.partition(self.delimiter)
        if found:
            self.skipping, self.tail = False, rest
            self.skipped = 0
        else:
            dropped = len(self.tail) + 1 - len(self.delimiter)
            self.tail = self.tail[dropped:]
            self.skipped += dropped
        return bool(found)
