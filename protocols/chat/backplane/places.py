"""Where the backplane is, from what somebody has typed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

DEFAULT_PORT = 6379

# Redis' databases have numbers; 16 of them unless it is told otherwise.
MAX_DATABASE = 1_000_000


class PlaceError(ValueError):
    """It can't be a place; the text says why, without the password."""


@dataclass(frozen=True)
class Place:
    """Where a server is.

    @ivar host: its name or address; empty for C{path}.
    @ivar path: of its UNIX socket.
    """

    host: str = ""
    port: int = DEFAULT_PORT
    path: str = ""
    database: int = 0
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """For a log; without the password."""
        where = f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"
        return f"{where}/{self.database}"


def placeOf(text: str) -> Place:
    """C{redis://[[user]:password@]host[:port][/database]} or C{unix:path}.

    Behind the path of a UNIX socket may stand C{?db=N}.

    @raise PlaceError: it is neither.
    """
    if text.startswith("unix:"):
        path, _, query = text.removeprefix("unix:").partition("?")
        if not path.startswith("/"):
            raise PlaceError("a UNIX socket has an absolute path")
        return Place(path=path, database=_database(query.removeprefix("db=")))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
    except ValueError:
        raise PlaceError("that is no URL") from None
    if parts.scheme != "redis" or not host or parts.query or parts.fragment:
        raise PlaceError("a place is redis://host:port/database or unix:/path")
    return Place(
        host,
        port,
        database=_database(parts.path.removeprefix("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _database(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text[:8]) < MAX_DATABASE):
        raise PlaceError("a database is a number")
    return int(text)
