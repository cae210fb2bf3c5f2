"""The content of a message on its way in: checked, measured and kept. Pure.

Nothing here looks at a line. Octets come in pieces of which none ends between CR
and LF, and are checked at C speed:

- CR and LF stand alone nowhere if, and only if, there are as many CRs as LFs as
  CRLFs. (To compare with a pattern of CRLF alone is not enough: it misses a CR
  and an LF with something between.)
- a line is too long if no LF is found within its limit; searched backwards from
  there, so that all shorter lines on the way are hopped over at once.

A fault is remembered and the octets are taken to their true end; the reply comes
then, and it is one.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

# What is longer goes from memory to a file; most mail is not.
SPOOL_ABOVE = 256 * 1024


class Content:
    """What has come of a message.

    @param maxSize: octets, un-stuffed, with each CRLF (RFC 1870, section 6.1).
    @param maxLine: octets of a line with its CRLF, a doubled dot not counted
        (RFC 5321, section 4.5.3.1.6); 0 for no limit.
    @ivar size: octets so far, likewise; what is above C{maxSize} is not kept.
    @ivar faults: what was found: C{size}, C{bare-cr}, C{bare-lf}, C{long-line},
        C{nul}, C{8bit}; C{storage} when there was no room to keep it; C{refused}
        when somebody did not want it.
    @cvar stuffed: whether a line that begins with a dot has one too many.
    @ivar observed: pieces that were kept since it was emptied last, if somebody
        wants to see them; C{None} if nobody does.
    """

    observed: list[bytes] | None = None
    stuffed = False

    def __init__(self, maxSize: int, maxLine: int = 0) -> None:
        self.size = 0
        self.faults: set[str] = set()
        self._maxSize = maxSize
        self._maxLine = maxLine
        self._lineStart = 0
        self._dotted = False
        self._file: IO[bytes] = BytesIO()

    def flush(self) -> None:
        """Write what is buffered: a full disk may be seen only then."""
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
            self._keepIfPossible(text)

    def _keepIfPossible(self, text: bytes) -> None:
        """A full disk is a fault like others: it is told at the end, once."""
        try:
            self._write(text)
        except OSError:
            self.drop("storage")
        if self.observed is not None:
            self.observed.append(text)

    def _write(self, text: bytes) -> None:
        memory = self._file
        memory.write(text)
        if self.size > SPOOL_ABOVE and isinstance(memory, BytesIO):
            self._file = TemporaryFile()  # noqa: SIM115 - closed with the message
            self._file.write(memory.getbuffer())

    def check(self, octets: bytes) -> None:
        """Look for what is odd; no cut may be between CR and LF."""
        pairs = octets.count(b"\r\n")
        if octets.count(b"\r") != pairs:
            self.faults.add("bare-cr")
        if octets.count(b"\n") != pairs:
            self.faults.add("bare-lf")
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
