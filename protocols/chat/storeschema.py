"""The tables of the chat's store, and the one process that may have them. Pure.

Rows of C{posting} are never changed, only added and, when they are too many,
deleted; the words in them are indexed by triggers, so that no posting is without.
C{user_version} of the file is the version of the tables.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from secrets import token_bytes

# Read markers of one account, about as many as there are rooms for a person to
# see; it stands in a trigger below, so to change it takes a step.
MAX_MARKERS = 1000

# Each step takes a file from the version of its index to the next.
STEPS = (
    f"""
    CREATE TABLE target (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE posting (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        target INTEGER NOT NULL,
        time INTEGER NOT NULL,
        sender TEXT NOT NULL,
        account TEXT NOT NULL,
        mask TEXT NOT NULL,
        kind TEXT NOT NULL,
        action INTEGER NOT NULL,
        tags TEXT NOT NULL,
        text TEXT NOT NULL
    );
    CREATE INDEX posting_target ON posting (target);
    CREATE VIRTUAL TABLE word USING fts5 (
        target, text, content='posting', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER posting_kept AFTER INSERT ON posting BEGIN
        INSERT INTO word (rowid, target, text)
        VALUES (new.id, new.target, new.text);
    END;
    CREATE TRIGGER posting_gone AFTER DELETE ON posting BEGIN
        INSERT INTO word (word, rowid, target, text)
        VALUES ('delete', old.id, old.target, old.text);
    END;
    CREATE TABLE room (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        fields TEXT NOT NULL
    );
    CREATE TABLE marker (
        account TEXT NOT NULL,
        target TEXT NOT NULL,
        time INTEGER NOT NULL,
        PRIMARY KEY (account, target)
    ) WITHOUT ROWID;
    CREATE TRIGGER marker_bound BEFORE INSERT ON marker WHEN
        (SELECT count(*) FROM marker WHERE account = new.account) >= {MAX_MARKERS}
        AND NOT EXISTS (SELECT 1 FROM marker
            WHERE account = new.account AND target = new.target)
    BEGIN
        SELECT raise(IGNORE);
    END;
    CREATE TABLE account (
        key TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        secret TEXT NOT NULL,
        made INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE fact (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
    INSERT INTO fact VALUES ('reserved', 0);
    """,
    """
    CREATE TABLE certificate (
        fingerprint TEXT PRIMARY KEY,
        account TEXT NOT NULL,
        made INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX certificate_account ON certificate (account);
    CREATE TRIGGER account_gone AFTER DELETE ON account BEGIN
        DELETE FROM certificate WHERE account = old.key;
    END;
    """,
)
VERSION = len(STEPS)

# Milliseconds to wait for a lock of somebody who looks into the file; it is a
# thread that waits, and the postings in the spool.
BUSY_TIMEOUT = 1000

# Octets of the WAL that are kept for what is written next; a burst, or a reader
# that takes long, makes it longer for a while.
MAX_WAL = 16 * 1024 * 1024

# Octets of a salt for everything that must not be guessed.
_KEY_OCTETS = 32


class SchemaError(Exception):
    """The file was written by a newer version."""


class InUseError(Exception):
    """Another process, or another store of this one, has the file."""


def connect(path: str, busyTimeout: int = BUSY_TIMEOUT) -> sqlite3.Connection:
    """Open a file, for whichever thread.

    With a WAL and C{synchronous=NORMAL} a commit does not wait for the disk. A
    process that is killed loses nothing of it; should the power fail, the last
    commits may be gone, all of each (SQLite, "Write-Ahead Logging", 2.3).

    @raise sqlite3.Error: it can't be opened.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout={busyTimeout}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=FAST")
        connection.execute(f"PRAGMA journal_size_limit={MAX_WAL}")
    except BaseException:
        connection.close()
        raise
    return connection


def bringUpToDate(connection: sqlite3.Connection) -> None:
    """Make the tables, or make them what they are in this version.

    @raise SchemaError: the file is of a newer version.
    @raise sqlite3.Error: it can't be written.
    """
    while (version := _versionOf(connection)) != VERSION:
        if version > VERSION:
            raise SchemaError(f"version {version} of the store is newer than {VERSION}")
        step = f"{STEPS[version]} PRAGMA user_version={version + 1};"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {step} COMMIT;")
        except sqlite3.OperationalError:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if _versionOf(connection) == version:
                raise
            # Another process that has the file too took the step meanwhile.
    insert = "INSERT OR IGNORE INTO fact VALUES ('key', ?)"
    connection.execute(insert, (token_bytes(_KEY_OCTETS),))


def _versionOf(connection: sqlite3.Connection) -> int:
    ((version,),) = connection.execute("PRAGMA user_version")
    return int(version)


class Lock:
    """Makes a file one process's own, until it is closed or the process ends.

    Two that number postings by themselves would give one number twice. The lock
    is on a file beside it: SQLite's own locks are lost when a process that has
    the file open opens and closes it again (POSIX, fcntl).

    @raise InUseError: somebody else has it.
    @raise OSError: it can't be locked.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException as error:
            os.close(self._file)
            if isinstance(error, BlockingIOError):
                raise InUseError("another process has it open") from None
            raise

    def release(self) -> None:
        """Let another one have it."""
        os.close(self._file)


def makePrivate(path: str) -> None:
    """Make the folder and the file, both for their owner alone.

    SQLite gives its other files the mode of this one.

    @raise OSError: they can't be made.
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
