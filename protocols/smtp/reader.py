"""Reading the SQLite store: from any thread, and from any process."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import BytesIO
from typing import IO, Any

from protocols.smtp.bodyfiles import BodyFiles
from protocols.smtp.reading import EVERYTHING, HEADER_ROOM, Query, Stored, subjectOf
from protocols.smtp.rows import COLUMNS, envelopeOf
from protocols.smtp.schema import connect

# Most headers end within these octets; L{HEADER_ROOM} is read of those only that
# do not.
_FIRST_LOOK = 8192

_SELECT = (
    f"SELECT {', '.join(COLUMNS)}, id, file, substr(content, 1, {_FIRST_LOOK})"
    " FROM message WHERE id > :after AND (:inbox IS NULL OR id IN"
    " (SELECT message FROM inbox WHERE name = :inbox)) ORDER BY id"
)
_RECIPIENTS = (
    "SELECT message, mailbox FROM recipient WHERE message > ? ORDER BY 1, place"
)
_INBOXES = "SELECT message, name FROM inbox WHERE message > ? ORDER BY 1, 2"


class SQLiteReader:
    """Reads, and deletes from, the store in an SQLite file.

    A L{protocols.smtp.reading.MailStore}. Each call has a connection of its own.

    @param path: of the file, which is brought up to date if it is older.
    @raise protocols.smtp.schema.SchemaError: it is of a newer version.
    @raise sqlite3.Error: it is none, or can't be read.
    @raise FileNotFoundError: there is none.
    """

    def __init__(self, path: str) -> None:
        with open(path, "rb"):
            self.path = path
        self._files = BodyFiles(filesOf(path))
        connect(path).close()

    def find(self, query: Query = EVERYTHING) -> list[Stored]:
        """The messages that are meant, oldest first."""
        with closing(connect(self.path)) as reader:
            return [each for each in self._every(reader, query) if query.matches(each)]

    def open(self, number: int) -> IO[bytes]:
        """The content of the message of that number, octet for octet.

        @raise KeyError: there is none.
        """
        with closing(connect(self.path)) as reader:
            select = "SELECT content, file FROM message WHERE id = ?"
            row = reader.execute(select, (number,)).fetchone()
        try:
            content, name = row
            return self._files.open(name) if name else BytesIO(content)
        except (FileNotFoundError, TypeError):
            raise KeyError(number) from None

    def content(self, number: int) -> bytes:
        """The same, as octets.

        @raise KeyError: there is none.
        """
        with self.open(number) as file:
            return file.read()

    def delete(self, numbers: Iterable[int]) -> int:
        """Forget messages for good; how many there were of them."""
        names: list[str] = []
        with closing(connect(self.path)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            for number in numbers:
                names += deleteOne(writer, number)
            writer.execute("COMMIT")
        for name in filter(None, names):
            self._files.delete(name)
        return len(names)

    def changes(self) -> Any:
        """A connection's view of how often others have committed.

        @return: an open connection; C{PRAGMA data_version} on it changes when
            another connection has committed (SQLite, "Pragma statements").
        """
        return connect(self.path)

    def close(self) -> Any:
        """There is nothing open."""

    def _every(self, reader: sqlite3.Connection, query: Query) -> Iterator[Stored]:
        recipients = _listed(reader, _RECIPIENTS, query.after)
        inboxes = _listed(reader, _INBOXES, query.after)
        meant = {"after": query.after, "inbox": query.inbox}
        for row in reader.execute(_SELECT, meant):
            *values, number, name, start = row
            envelope = envelopeOf(values, recipients[number])
            yield Stored(
                number,
                envelope,
                values[COLUMNS.index("size")],
                frozenset(values[COLUMNS.index("lint")].split()),
                inboxes[number],
                # SQLite: no octets of nothing are NULL.
                self._subject(reader, number, name, start or b""),
            )

    def _subject(
        self, reader: sqlite3.Connection, number: int, name: str, start: bytes
    ) -> str:
        if name:
            try:
                with self._files.open(name) as file:
                    start = file.read(HEADER_ROOM)
            except FileNotFoundError:
                start = b""
        elif len(start) == _FIRST_LOOK and b"\r\n\r\n" not in start:
            select = f"SELECT substr(content, 1, {HEADER_ROOM}) FROM message WHERE id=?"
            (start,) = reader.execute(select, (number,)).fetchone()
        return subjectOf(start)


def filesOf(path: str) -> str:
    """The folder of the large contents of a store."""
    return f"{path}.d"


def deleteOne(writer: sqlite3.Connection, number: int) -> list[str]:
    """Delete a message; its file's name, or an empty one; nothing if there is none."""
    select = "SELECT file FROM message WHERE id = ?"
    names = [name for (name,) in writer.execute(select, (number,))]
    writer.execute("DELETE FROM message WHERE id = ?", (number,))
    return names


def _listed(
    reader: sqlite3.Connection, select: str, after: int
) -> defaultdict[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for number, text in reader.execute(select, (after,)):
        found[number] += (text,)
    return found
