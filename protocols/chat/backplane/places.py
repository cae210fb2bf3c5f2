"""Where the backplane is, from what somebody has typed. Wire."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

DEFAULT_PORT = 6379

# Redis' databases have numbers; 16 of them unless it is told otherwise.
MAX_DATABASE = 1_000_000

# Octets of a password's file; what is longer is another file.
MAX_SECRET = 4096

_SCHEMES = {"redis": False, "rediss": True}
_ENDPOINT = re.compile(r"(?:tcp|tls|ssl|unix):.")

# What may stand behind a question mark, and the attribute that it is.
_OPTIONS = {
    "user": "user",
    "password-file": "passwordFile",
    "password-env": "passwordVariable",
    "ca": "authorities",
    "certificate": "certificate",
}


class PlaceError(ValueError):
    """It can't be a place; the text says why, without the password."""


@dataclass(frozen=True)
class Place:
    """Where a server is, and who we are there.

    @ivar host: its name or address; empty for C{path} and C{endpoint}.
    @ivar path: of its UNIX socket.
    @ivar endpoint: Twisted's description of how to reach it.
    @ivar isSecure: by TLS; the server shows a certificate of its name.
    @ivar authorities: a file of certificates, one of which vouches for the server's;
        the system's if empty.
    @ivar certificate: a file with a certificate and key of ours, if it wants one.
    @ivar passwordFile: a file with the password; its first line.
    @ivar passwordVariable: a variable of the environment with it.
    """

    host: str = ""
    port: int = DEFAULT_PORT
    path: str = ""
    database: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    isSecure: bool = False
    endpoint: str = ""
    authorities: str = ""
    certificate: str = ""
    passwordFile: str = ""
    passwordVariable: str = ""

    @property
    def shown(self) -> str:
        """For a log; without the password."""
        where = f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"
        return f"{self.endpoint or where}/{self.database}"

    def secret(self) -> str:
        """The password, read anew each time, so that it can be changed.

        @raise PlaceError: it can't be read.
        """
        if self.passwordFile:
            return _read(self.passwordFile)
        if not self.passwordVariable:
            return self.password
        found = os.environ.get(self.passwordVariable)
        if found is None:
            raise PlaceError(f"there is no {self.passwordVariable} in the environment")
        return found


def placeOf(text: str) -> Place:
    """C{redis://[[user]:password@]host[:port][/database]}, the same with
    C{rediss://} for TLS, C{unix:path}, or an endpoint such as
    C{tls:redis.example:6380:trustRoots=/etc/redis/ca}.

    Behind them may stand C{?}, and with C{&} between them C{user=NAME},
    C{password-file=PATH}, C{password-env=NAME}; C{db=N}, but for URLs, which have
    it already; C{ca=PATH} and C{certificate=PATH} for C{rediss}.

    @raise PlaceError: it is nothing of these.
    """
    if "://" in text:
        return _url(text)
    where, _, query = text.partition("?")
    if not _ENDPOINT.match(where):
        raise PlaceError("a place is redis://host:port/database or unix:/path")
    path = where.removeprefix("unix:") if where.startswith("unix:") else ""
    if path and not path.startswith("/"):
        raise PlaceError("a UNIX socket has an absolute path")
    found: dict[str, Any] = _options(query, isSecure=False)
    database = _database(found.pop("db", ""))
    endpoint = "" if path else where
    return Place(path=path, endpoint=endpoint, database=database, **found)


def _url(text: str) -> Place:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
    except ValueError:
        raise PlaceError("that is no URL") from None
    isSecure = _SCHEMES.get(parts.scheme)
    if isSecure is None or not host or parts.fragment:
        raise PlaceError("a place is redis://host:port/database or unix:/path")
    found: dict[str, Any] = _options(parts.query, isSecure)
    if "db" in found:
        raise PlaceError("the database of a URL is its path")
    user = unquote(parts.username or "") or found.pop("user", "")
    return Place(
        host,
        port,
        database=_database(parts.path.removeprefix("/")),
        user=user,
        password=unquote(parts.password or ""),
        isSecure=isSecure,
        **found,
    )


def _options(query: str, isSecure: bool) -> dict[str, str]:
    """What stands behind the question mark, by attributes; C{db} as it is."""
    found: dict[str, str] = {}
    for each in filter(None, query.split("&")):
        name, _, value = each.partition("=")
        attribute = "db" if name == "db" else _OPTIONS.get(name)
        if attribute is None or not value:
            known = ", ".join(["db", *_OPTIONS])
            raise PlaceError(f"what may stand behind the question mark: {known}")
        if name in ("ca", "certificate") and not isSecure:
            raise PlaceError(f"{name} is for rediss://")
        found[attribute] = unquote(value)
    return found


def _database(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text[:8]) < MAX_DATABASE):
        raise PlaceError("a database is a number")
    return int(text)


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            octets = file.read(MAX_SECRET + 1)
        lines = octets.decode().splitlines()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise PlaceError(f"the password's file {path}: {why}") from None
    if len(octets) > MAX_SECRET or not lines or not lines[0]:
        raise PlaceError(f"the password's file {path}: there is no password in it")
    return lines[0]
