"""Writing to the chat's store, in whichever thread. Pure."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from protocols.chat.events import Posting
from protocols.chat.spans import MAX_ID, milliseconds
from protocols.chat.storeinterface import Account, AccountsFullError, Fields, targetOf
from protocols.chat.storespool import Batch

# Ids that may be given away before the next batch says so: after a crash none of
# them is given again. At 50,000 postings a second it is a fifth of a second, and
# a batch is twenty times as often.
RESERVED = 10_000

# Octets of what is kept of a room: a thousand bans of the longest masks, with the
# longest reasons, in a script of three octets a letter.
MAX_FIELDS = 2 * 1024 * 1024

# Rooms that are remembered, the last ones that something was saved of.
MAX_ROOMS = 10_000

# Rows of one statement. Python's lock is let go and taken again for each step of
# SQLite's, and a reactor that is busy makes each of them wait: row by row, 5,000 a
# second were written next to one, and 27,000 this way (measured). SQLite takes
# 32,766 values at once (since 3.32).
MAX_ROWS = 500

COLUMNS = "id, time, sender, account, mask, kind, action, tags, text"

_TARGETS = "INSERT OR IGNORE INTO target (name) VALUES {}"
_POSTINGS = f"INSERT OR IGNORE INTO posting ({COLUMNS}, target) VALUES {{}}"
_MARKERS = (
    "INSERT INTO marker VALUES {}"
    " ON CONFLICT DO UPDATE SET time = max(time, excluded.time)"
)
_POSTING = f"({'?, ' * 9}(SELECT number FROM target WHERE name = ?))"
_IDS = "SELECT json_group_array(id) FROM posting WHERE id BETWEEN ? AND ?"
_RESERVE = (
    "UPDATE fact SET value = :highest + :reserved"
    " WHERE name = 'reserved' AND value < :highest + :reserved / 2"
)
_SAVE_ROOM = "REPLACE INTO room (key, name, fields) VALUES (?, ?, ?)"
_FORGET_ROOM = "DELETE FROM room WHERE key = ?"
_FORGET_OLDEST = (
    "DELETE FROM room WHERE place NOT IN"
    " (SELECT place FROM room ORDER BY place DESC LIMIT ?)"
)


def checked(posting: Posting) -> Posting:
    """A posting that can be kept.

    @raise ValueError: its id is below 1 or too high, or its time no number.
    """
    if not 0 < posting.id < MAX_ID:
        raise ValueError(f"{posting.id} is no id")
    try:
        milliseconds(posting.time)
    except OverflowError:
        raise ValueError("its time is infinite") from None
    return posting


def rowOf(posting: Posting) -> tuple[object, ...]:
    """The values of L{COLUMNS}, and the target."""
    texts = (posting.sender, posting.account, posting.mask, posting.kind)
    return (
        posting.id,
        milliseconds(posting.time),
        *map(_storable, texts),
        posting.isAction,
        _storable(posting.tags),
        _storable(posting.text),
        _storable(targetOf(posting.room)),
    )


def postingOf(row: Sequence[Any], room: str) -> Posting:
    """The posting of the values of L{COLUMNS}, in a room of that name."""
    number, time, sender, account, mask, kind, action, tags, text = row
    return Posting(
        room,
        text,
        sender,
        bool(action),
        number,
        time / 1000,
        kind,
        account,
        mask,
        tags,
    )


def writeBatch(batch: Batch, connection: sqlite3.Connection) -> None:
    """Write all of a batch; what is there already stays as it is."""
    waiting = list(batch.waiting)
    there = _idsLike(waiting, connection)
    rows = [rowOf(posting) for posting in waiting if posting.id not in there]
    targets = [(target,) for target in {row[-1] for row in rows}]
    _insert(connection, _TARGETS, "(?)", targets)
    _insert(connection, _POSTINGS, _POSTING, rows)
    if batch.postings:
        bounds = {"highest": batch.postings[-1].id, "reserved": RESERVED}
        connection.execute(_RESERVE, bounds)
    _writeRooms(batch, connection)
    markers = [(*map(_storable, place), time) for place, time in batch.markers.items()]
    _insert(connection, _MARKERS, "(?, ?, ?)", markers)
    redacted = [(number,) for number in batch.redacted]
    connection.executemany("DELETE FROM posting WHERE id = ?", redacted)


def _idsLike(postings: list[Posting], connection: sqlite3.Connection) -> set[int]:
    """Those of the ids that another process has written, and some between.

    To find them takes a fifth of a microsecond each, to make a row of a posting 6.
    """
    if not postings:
        return set()
    ids = [posting.id for posting in postings]
    ((found,),) = connection.execute(_IDS, (min(ids), max(ids)))
    return set(json.loads(found))


def _insert(
    connection: sqlite3.Connection,
    statement: str,
    places: str,
    rows: Sequence[tuple[object, ...]],
) -> None:
    for start in range(0, len(rows), MAX_ROWS):
        some = rows[start : start + MAX_ROWS]
        whole = statement.format(", ".join([places] * len(some)))
        connection.execute(whole, list(chain.from_iterable(some)))


def _writeRooms(batch: Batch, connection: sqlite3.Connection) -> None:
    for target, (name, fields) in batch.rooms.items():
        if fields is None:
            connection.execute(_FORGET_ROOM, (_storable(target),))
        else:
            connection.execute(_SAVE_ROOM, (_storable(target), _storable(name), fields))
    if batch.rooms:
        connection.execute(_FORGET_OLDEST, (MAX_ROOMS,))


def written(fields: Fields | None) -> str | None:
    """A room's fields as JSON.

    @raise ValueError: they can't be, or are more than L{MAX_FIELDS}.
    """
    if fields is None:
        return None
    try:
        text = _storable(json.dumps(fields, allow_nan=False, ensure_ascii=False))
    except TypeError as error:
        raise ValueError(f"no JSON: {error}") from None
    octets = len(text.encode())
    if octets > MAX_FIELDS:
        raise ValueError(f"{octets} octets are too many to keep of a room")
    return text


def readRooms(
    connection: sqlite3.Connection, waiting: Iterable[tuple[str, str | None]]
) -> list[tuple[str, Fields]]:
    """The rooms that were saved, and those that are about to be."""
    select = "SELECT name, fields FROM room ORDER BY place"
    rooms: dict[str, tuple[str, str | None]] = {}
    for name, fields in (*connection.execute(select), *waiting):
        rooms[targetOf(name)] = (name, fields)
    return [(name, json.loads(text)) for name, text in rooms.values() if text]


def readLast(connection: sqlite3.Connection) -> int:
    """The highest id there ever was."""
    select = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'posting'"
    ((last,),) = connection.execute(select)
    return int(last)


def reserve(connection: sqlite3.Connection) -> int:
    """The highest id that may have been given away; those above it are free."""
    ((reserved,),) = connection.execute("SELECT value FROM fact WHERE name='reserved'")
    highest = max(readLast(connection), int(reserved))
    connection.execute(_RESERVE, {"highest": highest, "reserved": RESERVED})
    return highest


def addAccount(account: Account, most: int, connection: sqlite3.Connection) -> bool:
    """Keep a new account; false if its name is taken.

    @raise AccountsFullError: there are C{most} already.
    """
    ((count,),) = connection.execute("SELECT count(*) FROM account")
    if count >= most:
        raise AccountsFullError(f"there are {most} accounts already")
    values = (account.key, account.name, account.secret, milliseconds(account.made))
    insert = "INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?)"
    return connection.execute(insert, values).rowcount == 1


def changeAccount(key: str, secret: str | None, connection: sqlite3.Connection) -> bool:
    """Give an account another secret, or delete it; false if there is none."""
    if secret is None:
        done = connection.execute("DELETE FROM account WHERE key = ?", (key,))
        connection.execute("DELETE FROM marker WHERE account = ?", (key,))
    else:
        update = "UPDATE account SET secret = ? WHERE key = ?"
        done = connection.execute(update, (secret, key))
    return done.rowcount == 1


def _storable(text: str) -> str:
    """What can be UTF-8: half a pair of surrogates becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
