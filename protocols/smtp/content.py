"""The content of a message on its way in: checked, measured and kept. Pure.

Nothing here looks at a line. Octets come in pieces, and are checked at C speed:

- CR and LF that stand alone are found by the standard library's
  C{IncrementalNewlineDecoder}, which notes what kinds of line ends it has seen,
  also across pieces: one pass, 0.3 ns an octet, where to count CR, LF and CRLF
  takes three and 1.2 ns (measured on Python 3.10 to 3.13; a pattern would take 11).
- a line is too long if no LF is found within its limit; searched backwards from
  there, so that all shorter lines on the way are hopped over at once.

A fault is remembered and the octets are taken to their true end; the reply comes
then, and it is one.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO, IncrementalNewlineDecoder
from tempfile import TemporaryFile
from typing import IO

# What is longer goes from memory to a file; most mail is not.
SPOOL_ABOVE = 256 * 1024


class Content:
    """What has come of a message.

    @param maxSize: octets, un-stuffed, with each CRLF (RFC 1870, section 6.1).
    @param maxLine: octets of a line with its CRLF, a doubled dot not counted
        (RFC 5321, section 4.5.3.1.6); 0 for no limit.
    @param isKept: whether anybody wants it: if not, it is checked and forgotten.
    @ivar size: octets so far, likewise; what is above C{maxSize} is not kept.
    @ivar faults: what was found, once it is whole: C{size}, C{bare-cr},
        C{bare-lf}, C{long-line}, C{nul}, C{8bit}; C{storage} when there was no
        room to keep it; C{refused} when somebody did not want it.
    @cvar stuffed: whether a line that begins with a dot has one too many.
    @ivar observed: pieces that were kept since it was emptied last, if somebody
        wants to see them; C{None} if nobody does.
    """

    observed: list[bytes] | None = None
    stuffed = False

    def __init__(self, maxSize: int, maxLine: int = 0, *, isKept: bool = True) -> None:
        self.size = 0
        self.faults: set[str] = set()
        self._maxSize = maxSize
        self._maxLine = maxLine
        self._lineStart = 0
        self._dotted = False
        self._isKept = isKept
        self._file: IO[bytes] = BytesIO()
        self._lineEnds = IncrementalNewlineDecoder(None, translate=False)

    def flush(self) -> None:
        """It is whole: write what is buffered, for a full disk may be seen only
        then, and see what line ends there were.
        """
        self._lineEnds.decode("", final=True)
        seen = self._lineEnds.newlines or ()
        self.faults |= {"bare-cr"} if "\r" in _kinds(seen) else set()
        self.faults |= {"bare-lf"} if "\n" in _kinds(seen) else set()
        if not self._file.closed:
            try:
                self._file.flush()
            except OSError:
                self.drop("storage")

    def finished(self) -> IO[bytes]:
        """The message, un-stuffed, as a file at its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Give the message up."""
        # Closing writes what is buffered, and a full disk is still full.
        with suppress(OSError):
            self._file.close()

    def drop(self, fault: str) -> None:
        """Keep nothing from now on, so that memory stays flat."""
        self.faults.add(fault)
        self.close()

    def keep(self, text: bytes) -> None:
        """More of the content, as it is to be kept."""
        self.size += len(text)
        if self.size > self._maxSize:
            self.drop("size")
        elif not self._file.closed:
            if self._isKept:
                self._keepIfPossible(text)
            if self.observed is not None:
                self.observed.append(text)

    def _keepIfPossible(self, text: bytes) -> None:
        """A full disk is a fault like others: it is told at the end, once."""
        try:
            self._write(text)
        except OSError:
            self.drop("storage")

    def _write(self, text: bytes) -> None:
        memory = self._file
        memory.write(text)
        if self.size > SPOOL_ABOVE and isinstance(memory, BytesIO):
            self._file = TemporaryFile()  # noqa: SIM115 - closed with the message
            self._file.write(memory.getbuffer())

    def check(self, octets: bytes) -> None:
        """Look for what is odd; cut wherever it may be."""
        self._lineEnds.decode(octets.decode("latin-1"))
        if b"\0" in octets:
            self.faults.add("nul")
        if not octets.isascii():
            self.faults.add("8bit")
        if self._maxLine and "long-line" not in self.faults:
            self._measure(octets)

    def _measure(self, octets: bytes) -> None:
        """Hop from LF to LF; C{_lineStart} is below 0 for a line begun earlier."""
        start = self._lineStart
        if start == 0:
            self._dotted = octets.startswith(b".")
        while len(octets) - start > self._maxLine:
            found = octets.rfind(b"\n", max(start, 0), start + self._limit())
            if found < 0:
                self.faults.add("long-line")
                return
            start = found + 1
            self._dotted = octets.startswith(b".", start)
        last = octets.rfind(b"\n", max(start, 0))
        if last >= 0:
            start = last + 1
            self._dotted = octets.startswith(b".", start)
        self._lineStart = start - len(octets)

    def _limit(self) -> int:
        return self._maxLine + (self._dotted and self.stuffed)


def _kinds(seen: str | tuple[str, ...]) -> tuple[str, ...]:
    """What a decoder says of line ends, always as a tuple."""
    return (seen,) if isinstance(seen, str) else seen
