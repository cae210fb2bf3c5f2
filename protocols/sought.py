"""What Twisted keeps for each connection, and nearly nobody asks for.

A server's transport has words for the log, its own C{repr}, and its host once more: 180
octets of an idle connection. Here they are made when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Sought:
    """An attribute that is found out each time; what is set, or deleted, is not kept.

    @param find: tells it of an instance.
    """

    def __init__(self, find: Callable[[Any], Any]) -> None:
        self._find = find
        self.__doc__ = find.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else self._find(instance)

    def __set__(self, instance: Any, value: object) -> None:
        """Twisted sets what it would be anyway."""

    def __delete__(self, instance: Any) -> None:
        """Twisted deletes it at the end, when it is found no more anyway."""


class Seldom:
    """The part of a server's transport that says what it is, if it is asked."""

    protocol: Any
    server: Any
    client: Any
    sessionno: int

    @Sought
    def hostname(self) -> str:
        """Where the connection comes from."""
        host: str = self.client[0]
        return host

    @Sought
    def logstr(self) -> str:
        """What stands before what is logged of it."""
        protocol = getattr(self, "protocol", None)  # Twisted deletes it at the end
        prefix = self._getLogPrefix(protocol) if protocol else "-"  # type: ignore[attr-defined]
        return f"{prefix},{self.sessionno},{self.client[0]}"

    @Sought
    def repstr(self) -> str:
        """Its C{repr}."""
        name = type(getattr(self, "protocol", self)).__name__
        port = getattr(self.server, "_realPortNumber", None)
        if port is None and hasattr(self, "socket"):  # no longer, once it is closed
            host = self.getHost()  # type: ignore[attr-defined]
            port = getattr(host, "port", None) or getattr(host, "name", None)
        return f"<{name} #{self.sessionno} on {port}>"
