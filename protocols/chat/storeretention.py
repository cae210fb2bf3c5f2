"""How much of a chat is kept, and for how long. Pure."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

# By default: 130 to 200 octets of a disk for each (measured with eight words), so
# some 200 MB; and a talkative room does not push the quiet ones out.
MAX_MESSAGES = 1_000_000
MAX_EACH = 250_000

# Postings that are deleted at a time: it takes a thread 30 to 50 ms in a file of a
# million (measured), and what is to be written waits meanwhile.
SLICE = 1000

_OLDEST = "SELECT id FROM posting {} ORDER BY id LIMIT ?"
_DELETE = f"DELETE FROM posting WHERE id IN ({_OLDEST})"
_AGED = f"{_DELETE.format('')} AND time < ?"
_FULLEST = "SELECT target, count(*) AS n FROM posting GROUP BY target ORDER BY n DESC"
_FORGET = (
    "DELETE FROM target WHERE NOT EXISTS"
    " (SELECT 1 FROM posting WHERE posting.target = target.number)"
)


class RetentionError(ValueError):
    """A bound that can't be."""


@dataclass(frozen=True)
class Retention:
    """Bounds of what is kept; the oldest goes first. 0 means no bound.

    @param maxMessages: postings in all.
    @param maxEach: postings of a room.
    @param maxAge: seconds since something was said.
    @raise RetentionError: a number is below 0.
    """

    maxMessages: int = MAX_MESSAGES
    maxEach: int = MAX_EACH
    maxAge: float = 0.0

    def __post_init__(self) -> None:
        if not all(n >= 0 for n in (self.maxMessages, self.maxEach, self.maxAge)):
            raise RetentionError("a bound is 0 (none) or more")

    def __bool__(self) -> bool:
        return bool(self.maxMessages or self.maxEach or self.maxAge)


def prune(retention: Retention, now: float, connection: sqlite3.Connection) -> bool:
    """Delete a slice of what is too much or too old; whether there may be more.

    @param now: seconds since 1970.
    """
    gone = _deleteAged(retention, now, connection)
    gone = gone or _deleteSurplus(retention, connection)
    if not gone:
        connection.execute(_FORGET)
    return gone


def _deleteAged(
    retention: Retention, now: float, connection: sqlite3.Connection
) -> bool:
    if not retention.maxAge:
        return False
    since = round((now - retention.maxAge) * 1000)
    return connection.execute(_AGED, (SLICE, since)).rowcount > 0


def _deleteSurplus(retention: Retention, connection: sqlite3.Connection) -> bool:
    rooms = connection.execute(_FULLEST).fetchall()
    surplus = sum(count for _, count in rooms) - retention.maxMessages
    if retention.maxMessages and surplus > 0:
        connection.execute(_DELETE.format(""), (min(surplus, SLICE),))
        return True
    target, count = rooms[0] if rooms else (0, 0)
    if retention.maxEach and count > retention.maxEach:
        least = (target, min(count - retention.maxEach, SLICE))
        connection.execute(_DELETE.format("WHERE target = ?"), least)
        return True
    return False
