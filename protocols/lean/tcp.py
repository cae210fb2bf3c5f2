"""TCP ports and connections that send once a turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import tcp

from protocols.lean.stream import LeanStream
from protocols.sought import Seldom, Sought


def _none() -> int:
    return -1


class LeanServer(Seldom, LeanStream, tcp.Server):
    """A connection that was accepted."""

    def __init__(self, *arguments: Any) -> None:
        self.prepare()
        super().__init__(*arguments)
        self.setTcpNoDelay(True)

    @Sought
    def fileno(self) -> Callable[[], int]:
        """C{fileno()} of the socket, which is kept by nobody (72 octets); or -1."""
        try:
            number: Callable[[], int] = self.socket.fileno
        except AttributeError:
            return _none
        return number


class LeanPort(tcp.Port):
    """Accepts them."""

    transport = LeanServer  # type: ignore[assignment]


class LeanClient(LeanStream, tcp.Client):
    """A connection that was made."""

    def _connectDone(self) -> None:
        self.prepare()
        self.setTcpNoDelay(True)
        super()._connectDone()


class LeanConnector(tcp.Connector):
    """Makes them."""

    def _makeTransport(self) -> LeanClient:
        return LeanClient(self.host, self.port, self.bindAddress, self, self.reactor)
