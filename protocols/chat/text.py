"""What people write, made fit for other people's terminals. Pure.

A terminal obeys control characters, so none of one person's may reach another's
(ECMA-48, section 5): they are shown instead. C0 is shown as in a terminal's own
caret notation (C{^[} is escape), C1 by its number; characters that turn the
direction of text around (UAX 9) are dropped, as are NULs.

Programs for IRC know a few controls as colours and kinds of type
(modern.ircdocs.horse/formatting). They are kept in what comes from there, and
dropped where it is shown without such a program.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

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

# Bold, colour, hexadecimal colour, reset, monospace, reverse, italics,
# strikethrough, underline.
_FORMATTING = frozenset(b"\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f")
_FORMATTED = re.compile(
    "\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?|\x04(?:[0-9A-Fa-f]{6})?|"
    "[\x02\x0f\x11\x16\x1d\x1e\x1f]"
)
_STYLED = {code: text for code, text in _SHOWN.items() if code not in _FORMATTING}


def readable(octets: bytes) -> str:
    """Octets as text: UTF-8, with U+FFFD for what is none, and nothing to obey."""
    return octets.decode("utf-8", "replace").translate(_SHOWN)


def printable(lines: Sequence[bytes]) -> list[str] | None:
    """Lines as text, if L{readable}, L{styled} and L{plain} change nothing in them.

    All are looked at together, which costs a tenth of looking at each. C{None} if
    there is something in one of them that has to be seen to, or may have.
    """
    try:
        texts = b"\n".join(lines).decode().split("\n")
    except UnicodeDecodeError:
        return None
    return texts if "".join(texts).isprintable() else None


def wordsIn(lines: Sequence[bytes]) -> list[str] | None:
    """What people say in lines of the line door.

    C{None} if one of them has to be looked at: it is a command, or nothing, or not
    L{printable}.
    """
    texts = [text.strip() for text in printable(lines) or ()]
    if not texts or not all(texts) or any(text[0] == "/" for text in texts):
        return None
    return texts


def styled(text: str) -> str:
    """Text that a program shows: nothing to obey but what formats it."""
    return text if text.isprintable() else text.translate(_STYLED)


def plain(text: str) -> str:
    """L{styled} text as a terminal may have it."""
    if text.isprintable():
        return text
    return _FORMATTED.sub("", text).translate(_SHOWN)


# Names in a row: two lines of a terminal.
MAX_NAMES = 20


def namesIn(names: list[str], most: int = MAX_NAMES) -> str:
    """Names in a row, and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


# Where a line of what was said goes on in the next one (IRCv3's multiline): nobody's
# words have it, for it is a control.
JOINED = "\x1c"


def lineOf(posting: Any) -> bytes:
    """What was said, for the line door; its lines one by one."""
    if posting.kind in ("tags", "request"):
        return b""
    text = posting.text
    if "\n" not in text:
        return _lineFor(posting, plain(text))
    lines = text.replace(f"\n{JOINED}", "").split("\n")
    return b"".join([_lineFor(posting, plain(line)) for line in lines if line])


def _lineFor(posting: Any, text: str) -> bytes:
    room, sender = posting.room, posting.sender
    if "#" not in room and sender:
        said = f"{sender} {text}" if posting.isAction else text
        return f"[{sender} to you] {said}\r\n".encode()
    if not sender:
        said = f"* {text}"
    elif posting.isAction:
        said = f"* {sender} {text}"
    elif posting.kind == "notice":
        said = f"-{sender}- {text}"
    else:
        said = f"<{sender}> {text}"
    return f"{room} {said}\r\n".encode()
