"""What people say, made fit for other people's terminals. Pure.

A terminal obeys control characters, so none of one person's may reach another's
(ECMA-48, section 5): they are shown instead. C0 is shown as in a terminal's own
caret notation (C{^[} is escape), C1 by its number; characters that turn the
direction of text around (UAX 9) are dropped, as are NULs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

_SHOWN: dict[int, str | None] = {
    **{number: f"^{chr(number ^ 64)}" for number in (*range(1, 32), 127)},
    **{number: f"\\x{number:02x}" for number in range(128, 160)},
    0: None,
    ord("\t"): " ",
    0x2028: " ",
    0x2029: " ",
    **dict.fromkeys((0x61C, 0x200E, 0x200F)),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
}


def readable(octets: bytes) -> str:
    """Octets as text: UTF-8, with U+FFFD for what is none, and nothing to obey."""
    return octets.decode("utf-8", "replace").translate(_SHOWN)


@dataclass(frozen=True)
class Posting:
    """Something that everybody in a room is told.

    @ivar room: its name.
    @ivar text: what was said or happened, readable.
    @ivar sender: the name of who said it; empty for the room itself.
    @ivar isAction: it was said with C{/me}.
    """

    room: str
    text: str
    sender: str = ""
    isAction: bool = False

    @cached_property
    def line(self) -> bytes:
        """For the line door, with CRLF; encoded once for everybody."""
        if not self.sender:
            said = f"* {self.text}"
        elif self.isAction:
            said = f"* {self.sender} {self.text}"
        else:
            said = f"<{self.sender}> {self.text}"
        return f"{self.room} {said}\r\n".encode()


def namesIn(names: list[str], most: int = 20) -> str:
    """Names in a row, not too long a row."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
