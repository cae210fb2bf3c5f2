"""WebSocket frames (RFC 6455, section 5), read and written. Pure.

A peer is held to the letter: what a frame may not be ends the connection, with
the code of section 7.4.1 that says why. Nothing is kept that has no bound: the
length of a frame is looked at before its payload has come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

# Octets of a message, all its fragments together: twice what an IRC line may
# have with its tags (8,191 and 512 octets).
MAX_MESSAGE = 16 * 1024

# Fragments of a message. A browser sends one, or a few for what is large; so
# many empty ones are no message any more.
MAX_FRAGMENTS = 128

# Octets of a control frame's payload (section 5.5).
MAX_CONTROL = 125

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_DATA = frozenset((CONTINUATION, TEXT, BINARY))
_CONTROL = frozenset((CLOSE, PING, PONG))

# Codes of a close (section 7.4.1).
NORMAL, GOING_AWAY, PROTOCOL_ERROR = 1000, 1001, 1002
INVALID_DATA, POLICY, TOO_BIG = 1007, 1008, 1009

# Said by nobody: no code came.
NO_CODE = 1005

_FIN, _RESERVED, _OPCODE, _MASKED, _LENGTH = 0x80, 0x70, 0x0F, 0x80, 0x7F


class FrameError(ValueError):
    """What came is no frame that may come.

    @ivar code: that the connection is to be closed with.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Received(NamedTuple):
    """A whole message, or a control frame.

    @ivar opcode: C{TEXT}, C{BINARY}, C{CLOSE}, C{PING} or C{PONG}.
    @ivar payload: without its mask; UTF-8 if it is text.
    """

    opcode: int
    payload: bytes


class _Head(NamedTuple):
    """What stands before a payload."""

    opcode: int
    isLast: bool
    mask: bytes
    length: int
    size: int


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """One frame that is a whole message, as a server sends it: not masked."""
    length = len(payload)
    if length <= MAX_CONTROL:
        return bytes((_FIN | opcode, length)) + payload
    if length < 1 << 16:
        return bytes((_FIN | opcode, 126)) + length.to_bytes(2, "big") + payload
    return bytes((_FIN | opcode, 127)) + length.to_bytes(8, "big") + payload


def closeFrame(code: int, reason: str = "") -> bytes:
    """A close; without a code if that is L{NO_CODE}.

    @param reason: up to 123 octets in UTF-8.
    """
    said = b"" if code == NO_CODE else code.to_bytes(2, "big") + reason.encode()
    return frame(CLOSE, said)


def closeCode(payload: bytes) -> int:
    """The code of a close that has come.

    @raise FrameError: it is one that nobody may send, or its reason no UTF-8.
    """
    if not payload:
        return NO_CODE
    code = int.from_bytes(payload[:2], "big")
    known = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code < 5000
    if len(payload) < 2 or not known:
        raise FrameError(PROTOCOL_ERROR, "a close has no such code")
    _checkText(payload[2:])
    return code


def unmask(payload: bytes, mask: bytes) -> bytes:
    """The payload as it was before C{mask}, of 4 octets, and the other way round."""
    length = len(payload)
    repeated = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")
    return number.to_bytes(length, "little")


class FrameReader:
    """What a client sends, as messages.

    @param maxMessage: octets of a message.
    """

    __slots__ = ("_buffer", "_fragments", "_length", "_maxMessage", "_opcode")

    def __init__(self, maxMessage: int = MAX_MESSAGE) -> None:
        self._buffer = bytearray()
        self._maxMessage = maxMessage
        self._opcode = 0
        self._fragments: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[Received]:
        """What is whole now; what came before a fault is given out first.

        @raise FrameError: the client does not speak WebSocket, or says too much.
        """
        self._buffer += data
        while (head := self._head()) is not None:
            end = head.size + head.length
            if len(self._buffer) < end:
                return
            payload = unmask(bytes(self._buffer[head.size : end]), head.mask)
            del self._buffer[:end]
            received = self._received(head, payload)
            if received is not None:
                yield received

    def _head(self) -> _Head | None:
        """The head of the next frame, as soon as it is whole."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        opcode, isLast = buffer[0] & _OPCODE, bool(buffer[0] & _FIN)
        short = buffer[1] & _LENGTH
        self._check(opcode, isLast, short)
        more = {126: 2, 127: 8}.get(short, 0)
        if len(buffer) < 2 + more:
            return None
        length = int.from_bytes(buffer[2 : 2 + more], "big") if more else short
        self._checkLength(opcode, length, more)
        size = 2 + more + 4
        if len(buffer) < size:
            return None
        return _Head(opcode, isLast, bytes(buffer[size - 4 : size]), length, size)

    def _check(self, opcode: int, isLast: bool, short: int) -> None:
        """Whether the first two octets may be (sections 5.1, 5.2, 5.4 and 5.5)."""
        first, second = self._buffer[0], self._buffer[1]
        isControl = opcode in _CONTROL
        if first & _RESERVED:
            fault = "no extension was agreed on"
        elif opcode not in _DATA and not isControl:
            fault = "there is no such opcode"
        elif not second & _MASKED:
            fault = "a client masks its frames"
        elif isControl and not (isLast and short <= MAX_CONTROL):
            fault = "a control frame is short and whole"
        elif not isControl and (opcode == CONTINUATION) != bool(self._opcode):
            fault = "that is no fragment of a message that has begun"
        else:
            return
        raise FrameError(PROTOCOL_ERROR, fault)

    def _checkLength(self, opcode: int, length: int, more: int) -> None:
        if length >> 63 or (more and length < {2: 126, 8: 1 << 16}[more]):
            raise FrameError(PROTOCOL_ERROR, "a length has another form")
        if opcode in _DATA and self._length + length > self._maxMessage:
            most = f"a message has at most {self._maxMessage} octets"
            raise FrameError(TOO_BIG, most)

    def _received(self, head: _Head, payload: bytes) -> Received | None:
        """What a frame makes whole."""
        if head.opcode in _CONTROL:
            return Received(head.opcode, payload)
        self._opcode = head.opcode or self._opcode
        self._fragments.append(payload)
        self._length += len(payload)
        if not head.isLast:
            if len(self._fragments) >= MAX_FRAGMENTS:
                most = f"a message has at most {MAX_FRAGMENTS} fragments"
                raise FrameError(TOO_BIG, most)
            return None
        whole = Received(self._opcode, b"".join(self._fragments))
        self._opcode, self._fragments, self._length = 0, [], 0
        if whole.opcode == TEXT:
            _checkText(whole.payload)
        return whole


def _checkText(octets: bytes) -> None:
    try:
        octets.decode()
    except UnicodeDecodeError:
        raise FrameError(INVALID_DATA, "text is UTF-8") from None
