"""URLs of PostgreSQL stores, and faults of one told without its password."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from protocols.smtp.reading import StoreError

# What is asked of libpq beside what the URL says. A server that is away is
# noticed within seconds, also by a connection on which nobody speaks; and of
# several hosts in a URL the one is taken that can be written to.
DEFAULTS: dict[str, Any] = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "target_session_attrs": "read-write",
    "application_name": "protocols mail",
}
_SECRETS = ("password", "sslpassword")
_URL = re.compile(r"postgres(?:ql)?://(?:[^/?@]*@)?[^/?@]*(?:/[^?@]*)?(?:\?[^@]*)?")


class PostgresError(StoreError):
    """The store can't be used; the text is one line, without the password."""


class PostgresURL:
    """Where a store is.

    @param text: C{postgresql://USER:PASSWORD@HOST:PORT/DATABASE}, with what
        libpq takes behind a C{?}; what the URL does not say, libpq takes from
        its environment and files (C{PGPASSFILE}).
    @ivar parameters: what libpq is told.
    @raise PostgresError: it is none.
    """

    def __init__(self, text: str) -> None:
        # More than one "@" could move a part of the password into the host's
        # name, which is shown.
        if not _URL.fullmatch(text):
            raise PostgresError(
                "not of the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE (in "
                "a password @ is %40, / is %2F, ? is %3F)"
            )
        try:
            said = conninfo_to_dict(text)
        except psycopg.Error:
            # Its text quotes the URL.
            raise PostgresError("the URL has a part that libpq can't read") from None
        self.parameters: dict[str, Any] = {**DEFAULTS, **said}

    def __repr__(self) -> str:
        """Without user and password."""
        said = self.parameters
        host = f"{said.get('host', '')}:{said.get('port', '')}".rstrip(":")
        return f"postgresql://{host}/{said.get('dbname', '')}"

    def explained(self, error: BaseException | None) -> str:
        """What has gone wrong, in one line, without the password."""
        text = " ".join(str(error).split())
        secrets = [self.parameters.get(name) for name in _SECRETS]
        if any(secret and str(secret) in text for secret in secrets):
            text = "a fault whose text has the password in it"
        return f"{self!r}: {text}"
