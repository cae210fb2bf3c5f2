"""Lines as WebSocket frames, made once for everybody. Pure.

The IRCv3 specification "WebSocket" has one line in each message, without its CRLF;
C{text.ircv3.net} in text frames, C{binary.ircv3.net} in binary ones. A room hands
the same C{bytes} to all its members: who writes what was just written gets the same
frames.
"""

from __future__ import annotations

from protocols.chat.web.frames import BINARY, TEXT, frame

CRLF = b"\r\n"

# Writes that are remembered: clients of one room that want different things (the
# sets of capabilities in use at a time are a handful) are written to in turn.
MAX_REMEMBERED = 16

TEXT_PROTOCOL, BINARY_PROTOCOL = "text.ircv3.net", "binary.ircv3.net"


class LineFraming:
    """Writes lines as frames of one kind.

    @param opcode: C{TEXT} or C{BINARY}. What is no UTF-8 is replaced in text.
    """

    def __init__(self, opcode: int) -> None:
        self._opcode = opcode
        # By identity; the lines are held, so that nothing else can have it.
        self._made: dict[int, tuple[bytes, bytes]] = {}

    def framesOf(self, lines: bytes) -> bytes:
        """Whole lines, each with its CRLF, as frames one after another.

        Empty lines say nothing, and are left out.
        """
        known = self._made.get(id(lines))
        if known is not None:
            return known[1]
        if len(self._made) >= MAX_REMEMBERED:
            self._made.clear()
        frames = self._make(lines)
        self._made[id(lines)] = lines, frames
        return frames

    def _make(self, lines: bytes) -> bytes:
        if self._opcode == TEXT and not lines.isascii():
            lines = lines.decode("utf-8", "replace").encode()
        each = lines.split(CRLF)
        return b"".join([frame(self._opcode, line) for line in each if line])


def framings() -> dict[str, LineFraming]:
    """One for each subprotocol; without any, the text's."""
    text = LineFraming(TEXT)
    return {"": text, TEXT_PROTOCOL: text, BINARY_PROTOCOL: LineFraming(BINARY)}
