"""Messages of IRC as octets. Pure.

RFC 1459 (2.3) and modern.ircdocs.horse/#message-format; tags as in IRCv3's
C{message-tags}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from protocols.chat.text import styled

# Octets of a message without its tags, CRLF included (RFC 1459, 2.3), and of the
# tags that a client sends (message-tags, "Size limit": 4,094 and the @ and space).
MAX_MESSAGE = 512
MAX_CLIENT_TAGS = 4096

# RFC 2812, 2.3: "up to fourteen" and the last one.
MAX_PARAMETERS = 15

_ESCAPED = {";": r"\:", " ": r"\s", "\\": r"\\", "\r": r"\r", "\n": r"\n"}
_ESCAPES = str.maketrans(_ESCAPED)
_UNESCAPED = {r"\:": ";", r"\s": " ", r"\\": "\\", r"\r": "\r", r"\n": "\n"}
_LINE_END = re.compile(r"[\r\n]")
_ESCAPE = re.compile(r"\\.?", re.DOTALL)

# A tag's name (message-tags, "Format"); what others send on has no other octets.
_NAME = re.compile(r"\+?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")


class MessageError(ValueError):
    """What came is no message of IRC."""


@dataclass(frozen=True)
class Message:
    """A message from a client.

    @ivar command: in capitals.
    @ivar params: what stands behind it; the last one without its colon.
    @ivar tags: values by name; empty where there is none.
    @ivar isValid: its octets were UTF-8.
    """

    command: str
    params: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    isValid: bool = True

    def __getitem__(self, number: int) -> str:
        """A parameter; empty if it is not there."""
        return self.params[number] if number < len(self.params) else ""


def parse(line: bytes) -> Message:
    """The message that C{line} is.

    @param line: without its end.
    @raise MessageError: it is none.
    """
    tags, rest = _tagsOf(line)
    text = rest.decode("utf-8", "replace")
    isValid = "\ufffd" not in text or _isUTF8(rest)
    text = text.lstrip(" ")
    if text.startswith(":"):
        text = text.partition(" ")[2].lstrip(" ")
    head, colon, last = text.partition(" :")
    words = head.split(" ") if head else []
    command, *params = [word for word in words if word] or [""]
    if not command:
        raise MessageError("it has no command")
    if colon:
        params.append(last)
    if len(params) > MAX_PARAMETERS:
        end = MAX_PARAMETERS - 1
        params = [*params[:end], " ".join(params[end:])]
    return Message(command.upper(), tuple(params), tags, isValid)


def _tagsOf(line: bytes) -> tuple[Mapping[str, str], bytes]:
    if not line.startswith(b"@"):
        return {}, line
    head, _, rest = line.partition(b" ")
    tags: dict[str, str] = {}
    for tag in head[1:].decode("utf-8", "replace").split(";"):
        name, _, value = tag.partition("=")
        if _NAME.fullmatch(name):
            tags[name] = unescaped(value)
    return tags, rest


def _isUTF8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def isTooLong(line: bytes) -> bool:
    """Whether C{line}, without its end, has more octets than it may."""
    tags = line.find(b" ") + 1 if line.startswith(b"@") else 0
    return len(line) - tags > MAX_MESSAGE - 2 or tags > MAX_CLIENT_TAGS


def escaped(value: str) -> str:
    """A tag's value as it is sent."""
    return value.translate(_ESCAPES)


def unescaped(value: str) -> str:
    """A tag's value as it is meant."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda each: _UNESCAPED.get(each[0], each[0][1:]), value)


def taggedWith(tags: Mapping[str, str]) -> str:
    """Tags as they stand in front of a message, with the space behind them."""
    if not tags:
        return ""
    each = [
        f"{name}={escaped(value)}" if value else name for name, value in tags.items()
    ]
    return f"@{';'.join(each)} "


def written(source: str, command: str, *params: str) -> bytes:
    """A message, with CRLF; the last parameter has a colon if it needs one.

    @param source: who it is from; a line's end in a parameter becomes a space.
    @return: at most L{MAX_MESSAGE} octets, the last parameter cut between characters.
    """
    words = [f":{source}", command, *params[:-1]]
    if params:
        last = params[-1]
        needs = not last or " " in last or last.startswith(":")
        words.append(f":{last}" if needs else last)
    line = " ".join(words)
    if "\n" in line or "\r" in line:
        params = tuple([" ".join(_LINE_END.split(each)) for each in params])
        return written(" ".join(source.split()), command, *params)
    octets = line.encode()
    if len(octets) > MAX_MESSAGE - 2:
        octets = octets[: MAX_MESSAGE - 2].decode("utf-8", "ignore").encode()
    return octets + b"\r\n"


def fitting(text: str, most: int) -> str:
    """Words as others may have them: nothing to obey, and so many octets at most."""
    text = styled(text)
    if len(text) * 4 <= most:
        return text
    return text.encode()[:most].decode("utf-8", "ignore")


def pieces(text: str, room: int) -> list[str]:
    """C{text} in pieces of at most C{room} octets, cut between characters.

    @param room: 4 or more.
    """
    octets = text.encode()
    found: list[str] = []
    while len(octets) > room:
        cut = room
        while octets[cut] & 0xC0 == 0x80:
            cut -= 1
        space = octets.rfind(b" ", cut // 2, cut)
        cut = space + 1 if space > 0 else cut
        found.append(octets[:cut].decode())
        octets = octets[cut:]
    return [*found, octets.decode()]
