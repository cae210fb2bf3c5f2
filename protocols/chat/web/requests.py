"""HTTP requests without a body (RFC 9112), read strictly. Pure.

This is what a page and the beginning of a WebSocket need. What could be read in
two ways is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Octets of a line of the head, of all its lines, and their number: Apache's
# LimitRequestLine (8,190), what nginx keeps for large heads in two of its
# buffers (8 KiB each), and Apache's LimitRequestFields (100).
MAX_LINE = 8190
MAX_HEAD = 16 * 1024
MAX_FIELDS = 100

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST = re.compile(rf"({_TOKEN}) ([!-~]+) HTTP/([0-9])\.([0-9])")
_NAME = re.compile(_TOKEN)
_NO_VALUE = re.compile("[\0\r\n]")
_ABSOLUTE = re.compile(r"(?i:https?)://[^/?#]*([^?#]*)")

# Fields of which there must be one at most: what they say must not be joined.
_SINGLE = frozenset(("host", "origin", "content-length", "sec-websocket-key"))


class RequestError(ValueError):
    """A request that is not answered.

    @ivar status: of the response, which is the last one.
    """

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True)
class Request:
    """The head of a request.

    @ivar path: of the target, as it was sent, without its query.
    @ivar minor: the minor number of HTTP's version: 0 or 1.
    @ivar fields: by their names in small letters; of several of a name, the
        values in their order and with commas between them.
    """

    method: str
    path: str
    minor: int
    fields: Mapping[str, str]

    def field(self, name: str) -> str:
        """What a field says; empty if there is none."""
        return self.fields.get(name, "")

    def tokens(self, name: str) -> list[str]:
        """What a field lists, in its order; without empty elements."""
        each = (element.strip() for element in self.field(name).split(","))
        return [element for element in each if element]

    @property
    def staysOpen(self) -> bool:
        """Whether another request may follow (RFC 9112, section 9.3)."""
        said = {token.lower() for token in self.tokens("connection")}
        return "keep-alive" in said if self.minor == 0 else "close" not in said


def parseRequest(lines: Sequence[bytes]) -> Request:
    """A request from the lines of its head, one at least.

    @raise RequestError: it is malformed, has a body, or another version.
    """
    first = _REQUEST.fullmatch(lines[0].decode("latin-1"))
    if first is None:
        raise RequestError(400)
    if first[3] != "1":
        raise RequestError(505)
    request = Request(
        first[1], _pathOf(first[2]), min(int(first[4]), 1), _fields(lines[1:])
    )
    if request.minor and "host" not in request.fields:
        raise RequestError(400)
    if request.field("transfer-encoding") or request.field("content-length") not in (
        *("", "0"),
    ):
        raise RequestError(413)
    return request


def _pathOf(target: str) -> str:
    """The path of a target in origin or absolute form (RFC 9112, section 3.2)."""
    if target == "*":
        return target
    absolute = _ABSOLUTE.match(target)
    path = (absolute[1] or "/") if absolute else target.partition("?")[0]
    if not path.startswith("/"):
        raise RequestError(400)
    return path


def _fields(lines: Sequence[bytes]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        if not _NAME.fullmatch(name) or _NO_VALUE.search(value):
            raise RequestError(400)
        name, value = name.lower(), value.strip(" \t")
        if name in fields:
            if name in _SINGLE:
                raise RequestError(400)
            value = f"{fields[name]}, {value}"
        fields[name] = value
    return fields
