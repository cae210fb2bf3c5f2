"""What telnet puts between the lines, taken out again (RFC 854, RFC 855). Pure."""

from __future__ import annotations

IAC = 255
DONT, DO, WONT, WILL, SB, SE = 254, 253, 252, 251, 250, 240
_ANSWERS = {DO: WONT, WILL: DONT}

# Octets of a sub-negotiation. Nobody has agreed to one here, and the longest
# that clients send unasked (terminal types, environments) stay below.
MAX_SUBNEGOTIATION = 512


_NONE: frozenset[tuple[int, int]] = frozenset()


class SubnegotiationError(Exception):
    """A sub-negotiation that does not end."""


class TelnetFilter:
    """Takes commands and options out of what a client sends, and refuses them.

    Clients that speak no telnet (nc) send none, and cost one search a chunk.
    Line ends come out as LF: CR LF, and CR NUL, are one too (RFC 854, page 11).
    """

    __slots__ = ("_answered", "_command", "_heldCR", "_inside", "_length")

    def __init__(self) -> None:
        self._answered: frozenset[tuple[int, int]] = _NONE
        self._command = 0
        self._heldCR = False
        self._inside = False
        self._length = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Take a chunk apart.

        @return: the text in it, and what is to be answered: each option is
            refused, and once only.
        @raise SubnegotiationError: one is longer than L{MAX_SUBNEGOTIATION}.
        """
        answers = bytearray()
        if self._command or self._inside or IAC in data:
            data = self._strip(data, answers)
        return self._lines(data), bytes(answers)

    def _lines(self, data: bytes) -> bytes:
        if self._heldCR:
            data, self._heldCR = b"\r" + data, False
        if b"\r" in data:
            if data.endswith(b"\r"):
                data, self._heldCR = data[:-1], True
            data = data.replace(b"\r\0", b"\n").replace(b"\r\n", b"\n")
        return data.replace(b"\0", b"") if b"\0" in data else data

    def _strip(self, data: bytes, answers: bytearray) -> bytes:
        text = bytearray()
        position = 0
        while position < len(data):
            if self._command:
                position = self._afterIAC(data, position, text, answers)
                continue
            found = data.find(IAC, position)
            end = len(data) if found < 0 else found
            self._take(data[position:end], text)
            if found >= 0:
                self._command = IAC
            position = end + 1
        return bytes(text)

    def _take(self, octets: bytes, text: bytearray) -> None:
        if not self._inside:
            text += octets
            return
        self._length += len(octets)
        if self._length > MAX_SUBNEGOTIATION:
            raise SubnegotiationError("a sub-negotiation does not end")

    def _afterIAC(
        self, data: bytes, position: int, text: bytearray, answers: bytearray
    ) -> int:
        """One octet behind IAC, or the option behind IAC and a verb."""
        octet = data[position]
        command, self._command = self._command, 0
        if command != IAC:
            self._answer(command, octet, answers)
        elif octet == IAC:
            self._take(b"\xff", text)
        elif self._inside:
            self._inside = octet != SE
        elif octet == SB:
            self._inside, self._length = True, 0
        elif octet in (DO, DONT, WILL, WONT):
            self._command = octet
        return position + 1

    def _answer(self, command: int, option: int, answers: bytearray) -> None:
        answer = _ANSWERS.get(command)
        if answer is not None and (answer, option) not in self._answered:
            self._answered |= {(answer, option)}
            answers += bytes((IAC, answer, option))
