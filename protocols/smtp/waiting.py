"""To wait for mail in place of asking for it again and again."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from protocols.smtp.reading import Query, Stored


class Arrivals:
    """Tells those who wait what has been kept; in the reactor's thread.

    A store announces only while somebody waits: to make a L{Stored} of a message
    costs more than to ask whether that is wanted.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Query, Deferred[Stored]]] = []

    @property
    def waiting(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    def waitFor(self, query: Query) -> Deferred[Stored]:
        """Fires with the next message that is meant; to be cancelled at will."""
        entry: tuple[Query, Deferred[Stored]]
        entry = query, Deferred(lambda _: self._waiting.remove(entry))
        self._waiting.append(entry)
        return entry[1]

    def announce(self, stored: Stored) -> None:
        """A message has been kept."""
        meant = [entry for entry in self._waiting if entry[0].matches(stored)]
        self._waiting = [entry for entry in self._waiting if entry not in meant]
        for _, waiting in meant:
            waiting.callback(stored)
