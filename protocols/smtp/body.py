"""The text of a message as DATA sends it (RFC 5321, sections 2.3.8, 4.5.2). Pure.

Chunks are searched for CRLF.CRLF, which alone ends a message; what may be the
beginning of it at the end of a chunk, at most four octets, is carried to the
next. That carry always begins with CR, so no CRLF and no dot to be taken off is
ever cut in two, and what is settled can be checked and un-stuffed by itself, at C
speed: a dot that the client doubled is one behind CRLF.
"""

from __future__ import annotations

from protocols.smtp.content import Content

_END = b"\r\n.\r\n"
_STARTS = tuple(_END[:length] for length in range(len(_END) - 1, 0, -1))


class Body(Content):
    """A message on its way in, behind DATA."""

    stuffed = True

    def __init__(self, maxSize: int, maxLine: int = 0, *, isKept: bool = True) -> None:
        super().__init__(maxSize, maxLine, isKept=isKept)
        # The CRLF of the DATA line may be the first of the end: as if it had
        # come again, and is taken off when it is settled.
        self._carry = b"\r\n"
        self._borrowed = len(self._carry)

    def feed(self, data: bytes) -> bytes | None:
        """Take octets.

        @return: what stands behind the end of the message; C{None} before it.
        """
        window = self._carry + data
        # A search for one octet is fifty times as fast, and much text has no dot.
        end = window.find(_END) if b"." in window else -1
        if end < 0:
            kept = next((len(s) for s in _STARTS if window.endswith(s)), 0)
            settled = len(window) - kept
            self._carry = window[settled:]
            self._settle(window[:settled])
            return None
        self._settle(window[: end + 2])
        return window[end + len(_END) :]

    def _settle(self, octets: bytes) -> None:
        if not octets:
            return
        self.check(octets)
        text = _unstuffed(octets) if b"." in octets else octets
        if self._borrowed:
            text, self._borrowed = text[self._borrowed :], 0
        self.keep(text)


class Chunks(Content):
    """A message on its way in, behind BDAT (RFC 3030, section 2).

    Dots are dots, and its end is counted and not searched for.
    """

    def take(self, octets: bytes) -> None:
        """More of it, in pieces of any size."""
        self.keep(octets)
        self.check(octets)


def _unstuffed(octets: bytes) -> bytes:
    """Without the dots that were doubled: faster than to replace them."""
    return b"\r\n".join(octets.split(b"\r\n."))
