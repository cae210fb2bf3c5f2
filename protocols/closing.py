"""How a client ends: in good order, at once, or with the block that uses it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from protocols.connecting import ReplyTimeoutError, withTimeout

_Client = TypeVar("_Client", bound="ClosingClient")


class ClosingClient:
    """The part of a client with one connection that ends it.

    @ivar _connection: the protocol; C{None} without a connection. It has
        C{abort(why)}.
    """

    _connection: Any = None
    _reactor: Any
    _replyTimeout: float

    async def connect(self) -> Any:
        """Connect."""
        raise NotImplementedError

    def _endOf(self, connection: Any) -> Deferred[None]:
        """Ask C{connection} to end in good order; fires when it has."""
        raise NotImplementedError

    async def close(self) -> None:
        """End in good order, once; nothing happens without a connection.

        @raise ReplyTimeoutError: it did not end in time; it is aborted now.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        gone = self._endOf(connection)
        try:
            await withTimeout(self._reactor, self._replyTimeout, gone, "the end")
        except ReplyTimeoutError:
            connection.abort("the server did not close")
            raise

    def abort(self) -> None:
        """End at once, whatever is under way."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort("the connection was aborted")

    async def __aenter__(self: _Client) -> _Client:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close; or abort, when the block has failed."""
        if error is None:
            await self.close()
        else:
            self.abort()
