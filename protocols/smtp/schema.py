"""The tables of the mail store, and how older ones become these.

A message is a row; who gets it are rows of another table, so that a mailbox can
be looked up. C{user_version} of the file is the version of the tables.
"""

from __future__ import annotations

import sqlite3

# Each step takes a file from the version of its index to the next.
STEPS = (
    """
    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        received REAL NOT NULL,
        sender TEXT NOT NULL,
        peer TEXT NOT NULL,
        helo TEXT NOT NULL,
        parameters TEXT NOT NULL,
        lint TEXT NOT NULL,
        size INTEGER NOT NULL,
        content BLOB NOT NULL
    );
    CREATE TABLE recipient (
        message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
        place INTEGER NOT NULL,
        mailbox TEXT NOT NULL,
        PRIMARY KEY (message, place)
    ) WITHOUT ROWID;
    CREATE INDEX recipient_mailbox ON recipient (mailbox, message);
    """,
    # What is known of how it came; inboxes; bodies in files of their own; and
    # sums, so that nobody has to count.
    """
    ALTER TABLE message ADD COLUMN login TEXT NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN listener TEXT NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN protocol TEXT NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN recipientParameters TEXT NOT NULL DEFAULT '';
    ALTER TABLE message ADD COLUMN file TEXT NOT NULL DEFAULT '';
    CREATE TABLE inbox (
        name TEXT NOT NULL,
        message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
        PRIMARY KEY (name, message)
    ) WITHOUT ROWID;
    CREATE INDEX inbox_message ON inbox (message);
    INSERT INTO inbox SELECT 'inbox', id FROM message;
    CREATE TABLE total (messages INTEGER NOT NULL, octets INTEGER NOT NULL);
    INSERT INTO total SELECT count(*), coalesce(sum(size), 0) FROM message;
    CREATE TRIGGER message_kept AFTER INSERT ON message BEGIN
        UPDATE total SET messages = messages + 1, octets = octets + new.size;
    END;
    CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
        UPDATE total SET messages = messages - 1, octets = octets - old.size;
    END;
    """,
)
VERSION = len(STEPS)

# Milliseconds to wait for somebody else's lock; then it is a fault of the store,
# which the sender hears as 452.
BUSY_TIMEOUT = 5000


class SchemaError(Exception):
    """The file was written by a newer version."""


def connect(path: str, *, busyTimeout: int = BUSY_TIMEOUT) -> sqlite3.Connection:
    """Open a store for writing, and bring its tables up to date.

    WAL lets readers read while the writer writes; C{synchronous=FULL} has every
    commit on the disk before it returns (SQLite, "Write-Ahead Logging" 2.3).

    @raise SchemaError: the file is of a newer version.
    @raise sqlite3.Error: it can't be opened or written.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout={busyTimeout}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    ((version,),) = connection.execute("PRAGMA user_version")
    if version > VERSION:
        raise SchemaError(f"version {version} of the store is newer than {VERSION}")
    for number in range(version, VERSION):
        step = f"{STEPS[number]} PRAGMA user_version={number + 1};"
        connection.executescript(f"BEGIN IMMEDIATE; {step} COMMIT;")
