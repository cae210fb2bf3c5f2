"""The text of a message as DATA sends it (RFC 5321, sections 2.3.8, 4.5.2). Pure.

Nothing here looks at a line. Chunks are searched for CRLF.CRLF, which alone ends
a message; what may be the beginning of it at the end of a chunk, at most four
octets, is carried to the next. That carry always begins with CR, so no CRLF and
no dot to be taken off is ever cut in two, and what is settled can be checked and
un-stuffed by itself, at C speed:

- CR and LF stand alone nowhere if, and only if, there are as many CRs as LFs as
  CRLFs. (To compare with a pattern of CRLF alone is not enough: it misses a CR
  and an LF with something between.)
- a line is too long if no LF is found within its limit; searched backwards from
  there, so that all shorter lines on the way are hopped over at once.
- a dot that the client doubled is one behind CRLF.

A fault is remembered and the octets are taken to their true end; the reply
comes then, and it is one.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

# What is longer goes from memory to a file; most mail is not.
SPOOL_ABOVE = 256 * 1024

_END = b"\r\n.\r\n"
_STARTS = tuple(_END[:length] for length in range(len(_END) - 1, 0, -1))


class Body:
    """A message on its way in.

    @param maxSize: octets, un-stuffed, with each CRLF (RFC 1870, section 6.1).
    @param maxLine: octets of a line with its CRLF, a doubled dot not counted
        (section 4.5.3.1.6); 0 for no limit.
    @ivar size: octets so far, likewise; what is above C{maxSize} is not kept.
    @ivar faults: what was found: C{size}, C{bare-cr}, C{bare-lf}, C{long-line},
        C{nul}, C{8bit}; C{storage} when there was no room to keep it.
    """

    def __init__(self, maxSize: int, maxLine: int = 0) -> None:
        self.size = 0
        self.faults: set[str] = set()
        self._maxSize = maxSize
        self._maxLine = maxLine
        # The CRLF of the DATA line may be the first of the end: as if it had
        # come again, and is taken off when it is settled.
        self._carry = b"\r\n"
        self._borrowed = len(self._carry)
        self._lineStart = 0
        self._dotted = False
        self._file: IO[bytes] = BytesIO()

    def feed(self, data: bytes) -> bytes | None:
        """Take octets.

        @return: what stands behind the end of the message; C{None} before it.
        """
        window = self._carry + data
        end = window.find(_END)
        if end < 0:
            kept = next((len(s) for s in _STARTS if window.endswith(s)), 0)
            settled = len(window) - kept
            self._carry = window[settled:]
            self._settle(window[:settled])
            return None
        self._settle(window[: end + 2])
        return window[end + len(_END) :]

    def flush(self) -> None:
        """Write what is buffered: a full disk may be seen only then."""
        if not self._file.closed:
            try:
                self._file.flush()
            except OSError:
                self._drop("storage")

    def finished(self) -> IO[bytes]:
        """The message, un-stuffed, as a file at its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Give the message up."""
        # Closing writes what is buffered, and a full disk is still full.
        with suppress(OSError):
            self._file.close()

    def _settle(self, octets: bytes) -> None:
        if not octets:
            return
        self._check(octets)
        text = octets.replace(b"\r\n.", b"\r\n") if b"." in octets else octets
        if self._borrowed:
            text, self._borrowed = text[self._borrowed :], 0
        self.size += len(text)
        if self.size > self._maxSize:
            self._drop("size")
        elif "storage" not in self.faults:
            self._keepIfPossible(text)

    def _keepIfPossible(self, text: bytes) -> None:
        """A full disk is a fault like others: it is told at the end, once."""
        try:
            self._keep(text)
        except OSError:
            self._drop("storage")

    def _keep(self, text: bytes) -> None:
        memory = self._file
        memory.write(text)
        if self.size > SPOOL_ABOVE and isinstance(memory, BytesIO):
            self._file = TemporaryFile()  # noqa: SIM115 - closed with the message
            self._file.write(memory.getbuffer())

    def _drop(self, fault: str) -> None:
        """Keep nothing from now on, so that memory stays flat."""
        self.faults.add(fault)
        self.close()

    def _check(self, octets: bytes) -> None:
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
        return self._maxLine + self._dotted
