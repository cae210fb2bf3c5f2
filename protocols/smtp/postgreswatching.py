"""To wait for mail that another process keeps in PostgreSQL."""

from __future__ import annotations

from contextlib import closing

from protocols.smtp.postgresreader import PostgresReader
from protocols.smtp.postgresschema import LISTEN
from protocols.smtp.reading import Query, Stored


def waitForNext(store: PostgresReader, query: Query, timeout: float) -> Stored | None:
    """The first message that is meant: one that is there, or comes; blocks.

    @param timeout: in seconds.
    @return: C{None} if none came in time.
    @raise protocols.smtp.postgresurl.PostgresError: the server is away.
    """
    with store.connected() as connection:
        # Heard before anybody looks: what comes in between is not missed.
        connection.execute(LISTEN)
        found = store.find(query)
        with closing(connection.notifies(timeout=timeout)) as notices:
            while not found and next(notices, None) is not None:
                found = store.find(query)
    return found[0] if found else None
