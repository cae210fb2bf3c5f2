"""Reads one room from the chat's file, in the reactor's own thread. Wire.

Somebody joins a room that is not in memory, and what it is has to be known at once:
whether they are banned, and who keeps order there. It is one row, found by its key:
9 us, and 36 until the room is there (measured, in a file of 10,000 rooms).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from protocols.chat.storeinterface import StoreError
from protocols.chat.storethreads import faultOf

# Milliseconds to wait for a lock. Who reads has none to wait for (SQLite,
# "Write-Ahead Logging", 2.2), but for a moment when another process recovers the
# file; the reactor may stand still for 50 ms.
GLANCE_TIMEOUT = 20

_SELECT = "SELECT name, fields FROM room WHERE key = ?"


class Glance:
    """A connection that reads rooms, one at a time.

    @param connect: opens the file.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None

    def room(self, target: str) -> tuple[str, str] | None:
        """The name and the fields, in JSON, of a room that was saved.

        @param target: see L{protocols.chat.storeinterface.targetOf}.
        @raise StoreError: it can't be read.
        """
        try:
            if self._connection is None:
                self._connection = self._connect()
            found = self._connection.execute(_SELECT, (target,)).fetchall()
        except sqlite3.Error as error:
            self.close()
            raise StoreError(faultOf(error)) from None
        return found[0] if found else None

    def close(self) -> None:
        """Let go; it is opened anew if it is asked again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
