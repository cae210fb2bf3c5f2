"""Reading the PostgreSQL store: from any thread, and from any host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from typing import IO, Any

import psycopg

from protocols.smtp.postgresschema import (
    CONTENT,
    DELETE,
    LAST,
    LOCK,
    SELECT,
    SETTINGS,
    migrate,
)
from protocols.smtp.postgresurl import PostgresError, PostgresURL
from protocols.smtp.reading import EVERYTHING, Query, Stored, subjectOf
from protocols.smtp.rows import COLUMNS, envelopeOf
from protocols.smtp.schema import SchemaError

# Rows that are fetched at once, of at most some kilobytes each.
_AT_ONCE = 100


def connect(url: PostgresURL) -> psycopg.Connection[Any]:
    """A connection that commits by itself, and durably.

    @raise psycopg.Error: there is none.
    """
    connection = psycopg.connect(**url.parameters, autocommit=True)
    try:
        connection.execute(SETTINGS)
    except BaseException:
        connection.close()
        raise
    return connection


class PostgresReader:
    """Reads, and deletes from, the store in a database of PostgreSQL.

    A L{protocols.smtp.reading.MailStore}. Each call has a connection of its own.
    Everything that it does may raise L{PostgresError} when the server is away.

    @param url: as in L{PostgresURL}; the tables are made, or brought up to date.
    @raise PostgresError: it is none, or nothing can be read there.
    """

    def __init__(self, url: str) -> None:
        self._url = PostgresURL(url)
        with self.connected() as connection:
            migrate(connection)

    def find(self, query: Query = EVERYTHING) -> list[Stored]:
        """The messages that are meant, oldest first."""
        asked = (query.after, query.inbox, query.inbox)
        with (
            self.connected() as connection,
            connection.transaction(),
            connection.cursor("found") as cursor,
        ):
            cursor.itersize = _AT_ONCE
            cursor.execute(SELECT, asked, binary=True)
            return [each for each in map(_stored, cursor) if query.matches(each)]

    def open(self, number: int) -> IO[bytes]:
        """The content of the message of that number, octet for octet.

        @raise KeyError: there is none.
        """
        return BytesIO(self.content(number))

    def content(self, number: int) -> bytes:
        """The same, as octets.

        @raise KeyError: there is none.
        """
        with self.connected() as connection:
            row = connection.execute(CONTENT, (number,), binary=True).fetchone()
        if row is None:
            raise KeyError(number)
        return bytes(row[0])

    def delete(self, numbers: Iterable[int]) -> int:
        """Forget messages for good; how many there were of them."""
        with self.connected() as connection, connection.transaction():
            connection.execute(LOCK)
            return connection.execute(DELETE, (list(numbers),)).rowcount

    def last(self) -> int:
        """The number of the newest message; 0 if there is none."""
        with self.connected() as connection:
            ((number,),) = connection.execute(LAST)
        return int(number)

    def close(self) -> Any:
        """There is nothing open."""

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that commits by itself, and is closed.

        @raise PostgresError: for what psycopg raises.
        """
        try:
            with closing(connect(self._url)) as connection:
                yield connection
        except (psycopg.Error, SchemaError) as error:
            raise PostgresError(self._url.explained(error)) from None


def _stored(row: tuple[Any, ...]) -> Stored:
    *values, number, recipients, inboxes, start = row
    facts = dict(zip(COLUMNS, values, strict=True))
    return Stored(
        number,
        envelopeOf(values, tuple(recipients)),
        facts["size"],
        frozenset(facts["lint"].split()),
        tuple(inboxes),
        subjectOf(bytes(start)),
    )
