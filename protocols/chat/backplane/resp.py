"""Redis' protocol, written and read (RESP2, and what RESP3 adds). Pure.

Each type is a sign, then a line; strings and lists say first how long they are.
The parser keeps what has come so far of a list on a stack, so that a long answer
costs the same however it is cut. What can't be an answer is a L{RespError}, and so
is one that is larger than anything that is asked for here.
"""

from __future__ import annotations

from typing import Any

# Octets of a string, of the line in front of it, and items of all open lists: a
# page of the bus is at most 1,000 entries of some 8 KiB, a hash of all people a
# hundred thousand items.
MAX_STRING = 16 * 1024 * 1024
MAX_LINE = 64 * 1024
MAX_ITEMS = 1_000_000

# Lists within lists; XREAD's answer has four.
MAX_DEPTH = 8

_LENGTHS = {b"*": 1, b"~": 1, b">": 1, b"%": 2, b"|": 2}


class RespError(ValueError):
    """What has come is no RESP, or too much."""


class RefusedByServerError(Exception):
    """What the server answers to what it can't or will not do.

    @ivar code: its first word, such as C{NOSCRIPT}.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code = text.partition(" ")[0]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and str(self) == str(other)

    __hash__ = Exception.__hash__


def command(*words: bytes | str | int) -> bytes:
    """A command as it is sent: a list of strings."""
    pieces = [b"*%d\r\n" % len(words)]
    for word in words:
        octets = word if isinstance(word, bytes) else str(word).encode()
        pieces.append(b"$%d\r\n%b\r\n" % (len(octets), octets))
    return b"".join(pieces)


class Parser:
    """Makes answers of octets.

    Strings are C{bytes}, numbers C{int}, lists C{list}, RESP3's maps flat lists
    of keys and values, nothing is C{None}; an error is a
    L{RefusedByServerError}, which is not raised, but returned.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._answers: list[Any] = []
        # Lists that are not complete, and how many items each still needs.
        self._open: list[list[Any]] = []
        self._missing: list[int] = []
        self._items = 0

    def feed(self, data: bytes) -> list[Any]:
        """The answers that are complete with C{data}.

        @raise RespError: no answer begins so; the parser is of no use any more.
        """
        self._buffer = self._buffer[self._at :] + data
        self._at = 0
        while self._next():
            pass
        answers, self._answers = self._answers, []
        return answers

    def _next(self) -> bool:
        """Read one item; false if it is not all there."""
        buffer, at = self._buffer, self._at
        end = buffer.find(b"\r\n", at, at + MAX_LINE)
        if end < 0:
            if len(buffer) - at >= MAX_LINE:
                raise RespError(f"a line is longer than {MAX_LINE} octets")
            return False
        kind, line = buffer[at : at + 1], buffer[at + 1 : end]
        if kind in (b"$", b"=", b"!"):
            return self._string(kind, line, end + 2)
        self._at = end + 2
        if kind in _LENGTHS:
            self._begin(_number(line) * _LENGTHS[kind])
        else:
            self._add(_simple(kind, line))
        return True

    def _string(self, kind: bytes, line: bytes, start: int) -> bool:
        length = _number(line)
        if length > MAX_STRING:
            raise RespError(f"a string is longer than {MAX_STRING} octets")
        if length < 0:
            self._at = start
            self._add(None)
            return True
        end = start + length
        if len(self._buffer) < end + 2:
            return False
        if self._buffer[end : end + 2] != b"\r\n":
            raise RespError("a string does not end where it should")
        self._at = end + 2
        text = self._buffer[start:end]
        self._add(_refusal(text) if kind == b"!" else text[4 * (kind == b"=") :])
        return True

    def _begin(self, length: int) -> None:
        if length <= 0:
            self._add(None if length < 0 else [])
            return
        self._items += length
        if self._items > MAX_ITEMS or len(self._open) >= MAX_DEPTH:
            raise RespError("an answer has too many items")
        self._open.append([])
        self._missing.append(length)

    def _add(self, item: Any) -> None:
        """An item is complete, and so may be the lists that it is the last of."""
        while self._open:
            self._open[-1].append(item)
            self._missing[-1] -= 1
            if self._missing[-1]:
                return
            self._missing.pop()
            item = self._open.pop()
        self._items = 0
        self._answers.append(item)


def _number(line: bytes) -> int:
    if not (line.isdigit() or (line[:1] == b"-" and line[1:].isdigit())):
        raise RespError(f"not a number: {line[:20]!r}")
    if len(line) > 20:
        raise RespError("a number has too many digits")
    return int(line)


def _refusal(line: bytes) -> RefusedByServerError:
    return RefusedByServerError(line.decode("utf-8", "replace"))


def _simple(kind: bytes, line: bytes) -> Any:
    """What is only a line."""
    if kind == b":":
        return _number(line)
    if kind == b"+" or kind == b"(" or kind == b",":
        return line
    if kind == b"-":
        return _refusal(line)
    if kind == b"_":
        return None
    if kind == b"#" and line in (b"t", b"f"):
        return line == b"t"
    raise RespError(f"no type begins with {kind!r}")
