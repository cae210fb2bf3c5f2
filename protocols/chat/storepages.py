"""Reading from the chat's store, in whichever thread. Pure."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from protocols.chat.events import Posting
from protocols.chat.spans import MAX_ID, Range, Span, cut, milliseconds
from protocols.chat.storeinterface import Account, targetOf
from protocols.chat.storerows import COLUMNS, postingOf
from protocols.chat.storesearch import matchFor, wordsIn

# All rows of an answer come as one, in JSON: Python's lock is let go and taken again
# for each row else, and a busy reactor makes each of them wait.
_AS_ONE = f"SELECT json_group_array(json_array({COLUMNS})) FROM ({{}})"
_PAGE = _AS_ONE.format(
    f"SELECT {COLUMNS} FROM posting"
    " WHERE target = (SELECT number FROM target WHERE name = ?)"
    " AND id >= ? AND id < ? ORDER BY id {} LIMIT ?"
)
_NEWEST, _OLDEST = _PAGE.format("DESC"), _PAGE.format("ASC")
_TARGETS = "SELECT number, name FROM target WHERE name IN ({})"
_SEARCH = _AS_ONE.replace("json_array(", "json_array(target, ").format(
    f"SELECT target, {COLUMNS} FROM posting WHERE id IN (SELECT rowid FROM word"
    " WHERE word MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?) ORDER BY id"
)
_TALKS = _AS_ONE.replace("json_array(", "json_array(name, ").format(
    f"""SELECT name, {COLUMNS} FROM (
        SELECT name, (SELECT max(id) FROM posting WHERE target = number) AS last
        FROM target WHERE substr(name, 1, length(:first)) = :first
            OR substr(name, -length(:second)) = :second
        ORDER BY last DESC LIMIT :limit
    ) JOIN posting ON id = last ORDER BY id"""
)

# The first row with a time, as a word is found in a dictionary: between C{low}
# and C{high}, which both come nearer to it.
_FIRST = """
    WITH RECURSIVE search (low, high, found) AS (
        SELECT coalesce((SELECT min(id) FROM posting), 0),
            coalesce((SELECT max(id) + 1 FROM posting), 0), :none
        UNION ALL
        SELECT iif(time >= :time, low, id + 1),
            iif(time >= :time, (low + high) / 2, high),
            iif(time >= :time, id, found)
        FROM search JOIN posting ON id = (SELECT id FROM posting
            WHERE id >= (low + high) / 2 ORDER BY id LIMIT 1)
        WHERE low < high
    )
    SELECT found FROM search WHERE low >= high
"""


@dataclass(frozen=True)
class Unwritten:
    """What the file may not know yet.

    @ivar postings: of the room that is asked for, by id.
    @ivar redacted: ids of postings that are not to be shown.
    """

    postings: Sequence[Posting] = ()
    redacted: Collection[int] = ()

    def shown(self, postings: Iterable[Posting]) -> list[Posting]:
        """Those of C{postings} that may be."""
        return [each for each in postings if each.id not in self.redacted]


def readPage(
    room: str, span: Span, unwritten: Unwritten, connection: sqlite3.Connection
) -> list[Posting]:
    """A page, oldest first."""

    def firstAt(time: int) -> int:
        found = firstIdAt(time, connection)
        waiting = unwritten.postings
        later = (p.id for p in waiting if milliseconds(p.time) >= time)
        return min(found, next(later, MAX_ID))

    page: list[Posting] = []
    for wanted in span.ranges(firstAt):
        some = replace(wanted, limit=wanted.limit + len(unwritten.redacted))
        rows = unwritten.shown(_rows(room, some, connection))
        page += cut([*rows, *unwritten.postings], wanted)
    return page


def _rows(room: str, wanted: Range, connection: sqlite3.Connection) -> list[Posting]:
    select = _NEWEST if wanted.newest else _OLDEST
    bounds = (targetOf(room), wanted.low, wanted.high, wanted.limit)
    ((rows,),) = connection.execute(select, bounds)
    return [postingOf(row, room) for row in json.loads(rows)]


def firstIdAt(time: int, connection: sqlite3.Connection) -> int:
    """The first id at or after some milliseconds, in all rooms.

    Ids and times grow together, so it takes no index of times.
    """
    ((found,),) = connection.execute(_FIRST, {"time": time, "none": MAX_ID})
    return int(found)


def readFound(
    rooms: Sequence[str],
    words: str,
    limit: int,
    before: int,
    unwritten: Unwritten,
    connection: sqlite3.Connection,
) -> list[Posting]:
    """The last postings that have all the words, oldest first."""
    names = {targetOf(room): room for room in rooms}
    select = _TARGETS.format(", ".join("?" * len(names)))
    targets = {
        number: names[name] for number, name in connection.execute(select, list(names))
    }
    wanted = wordsIn(words)
    if not (targets and wanted):
        return []
    asked = (matchFor(targets, wanted), min(before or MAX_ID, MAX_ID), limit)
    ((rows,),) = connection.execute(_SEARCH, asked)
    found = [postingOf(row, targets[target]) for target, *row in json.loads(rows)]
    return unwritten.shown(found)


def readTalks(name: str, limit: int, connection: sqlite3.Connection) -> list[Posting]:
    """The last posting of each of somebody's talks, by id."""
    asked = {"first": f"{name}|", "second": f"|{name}", "limit": limit}
    ((rows,),) = connection.execute(_TALKS, asked)
    return [postingOf(row, target) for target, *row in json.loads(rows)]


def readMarker(account: str, target: str, connection: sqlite3.Connection) -> int:
    """Milliseconds up to which somebody has read; 0 if nothing."""
    select = "SELECT time FROM marker WHERE account = ? AND target = ?"
    row = connection.execute(select, (account, target)).fetchone()
    return int(row[0]) if row else 0


def readMarkers(
    account: str, waiting: dict[str, int], connection: sqlite3.Connection
) -> dict[str, float]:
    """All of somebody's read markers, by target, in seconds.

    @param waiting: those that may not have been written, in milliseconds.
    """
    select = (
        "SELECT json_group_array(json_array(target, time)) FROM marker"
        " WHERE account = ?"
    )
    ((rows,),) = connection.execute(select, (account,))
    found = dict(json.loads(rows))
    for target, time in waiting.items():
        found[target] = max(time, found.get(target, 0))
    return {target: time / 1000 for target, time in found.items()}


def readKeys(connection: sqlite3.Connection) -> set[str]:
    """The keys of all accounts."""
    return {key for (key,) in connection.execute("SELECT key FROM account")}


def readAccount(key: str, connection: sqlite3.Connection) -> Account | None:
    """The account of that key."""
    select = "SELECT name, secret, made FROM account WHERE key = ?"
    row = connection.execute(select, (key,)).fetchone()
    return Account(row[0], row[1], row[2] / 1000) if row else None


def readKey(connection: sqlite3.Connection) -> bytes:
    """See L{protocols.chat.storeinterface.Store.secretKey}."""
    ((value,),) = connection.execute("SELECT value FROM fact WHERE name = 'key'")
    return bytes(value)
