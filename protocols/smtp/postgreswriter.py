"""The thread that writes to PostgreSQL, with group commit.

A group is a transaction. What the server refuses of it (and not the connection)
is the fault of one message: then each is tried alone. A connection that has gone
since the last group is made anew, once; but what was lost in the commit itself is
not tried again, since nobody knows whether it has been kept: the sender is told
to come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from twisted.python.failure import Failure

from protocols.smtp.postgresschema import DELETE, LOCK, NOTIFY, OLDEST, TOTAL
from protocols.smtp.retention import Retention
from protocols.smtp.writer import GroupWriter, Job

# Messages that are deleted with one commit, see L{protocols.smtp.tidying}.
MAX_DELETED = 1000

# Classes of SQLSTATE that are nobody's message's fault (the manual, appendix A):
# a read-only server, no resources, a lock, an operator, the system.
_EVERYBODYS = {"25", "53", "55", "57", "58"}


class OutcomeError(Exception):
    """The server has not committed, without an error."""


class PostgresWriter(GroupWriter):
    """Runs jobs in transactions, and tells the other hosts.

    A C{write} gets a connection of psycopg, and gives the number of a message or
    C{None}; it may be called more than once.

    @param connect: a connection of psycopg that commits by itself.
    @param token: who we are, which the others are told before the numbers.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        call: Callable[..., object],
        tidying: PostgresTidying,
        token: str,
    ) -> None:
        self._token = token
        self._committing = False
        super().__init__(connect, call, tidying)

    def _written(self, group: list[Job]) -> list[Any]:
        known = self._connection is not None
        try:
            return self._together(group)
        except Exception as error:
            gone = self._isGone()
            if self._committing or (gone and not known):
                raise
            if not gone and (len(group) == 1 or _isEverybodys(error)):
                raise
        self._abandon()
        return self._together(group) if gone else list(self._eachAlone(group))

    def _together(self, group: list[Job]) -> list[Any]:
        self._committing = False
        if self._connection is None:
            self._connection = self._connect()
        connection: Any = self._connection
        connection.execute("BEGIN")
        connection.execute(LOCK)
        results = [job.write(connection) for job in group]
        self._tidy.beforeCommit(connection)
        numbers = " ".join(str(number) for number in results if number is not None)
        if numbers:
            connection.execute(NOTIFY, (f"{self._token} {numbers}",))
        self._committing = True
        outcome = connection.execute("COMMIT").statusmessage
        if outcome != "COMMIT":
            raise OutcomeError(f"the server answers COMMIT with {outcome}")
        return results

    def _eachAlone(self, group: list[Job]) -> Iterator[Any]:
        """Until it is the server's fault: then the rest need not try."""
        servers: Failure | None = None
        for job in group:
            result = servers or self._alone(job)
            if isinstance(result, Failure):
                if self._isGone() or _isEverybodys(result.value):
                    servers = result
                self._abandon()
            yield result

    def _alone(self, job: Job) -> Any:
        try:
            return self._together([job])[0]
        except Exception:  # noqa: BLE001 - whoever waits has to be answered
            return Failure()

    def _isGone(self) -> bool:
        connection: Any = self._connection
        return connection is None or bool(connection.closed)


class PostgresTidying:
    """Keeps a store within its bounds; in the writer's thread.

    @param retention: the bounds.
    @param clock: an C{IReactorTime}.
    """

    def __init__(self, retention: Retention, clock: Any) -> None:
        self._retention = retention
        self._clock = clock

    def beforeCommit(self, connection: Any) -> None:
        """Delete what is too much or too old, with the commit of what is new."""
        if not self._retention:
            return
        ((messages, octets),) = connection.execute(TOTAL)
        now = self._clock.seconds()
        # Mostly there is nothing to do, and the oldest shows that.
        for limit in (1, MAX_DELETED):
            oldest = connection.execute(OLDEST, (limit,)).fetchall()
            surplus = self._retention.surplus(oldest, messages, octets, now)
            if not surplus:
                return
        connection.execute(DELETE, (surplus,))

    def afterCommit(self) -> None:
        """Nothing is kept elsewhere."""


def _isEverybodys(error: BaseException | None) -> bool:
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return (state or "")[:2] in _EVERYBODYS
