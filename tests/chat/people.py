"""People in a chat without sockets, for tests."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from protocols.chat import ChatFactory
from protocols.testing import Conversation


def chat(protocol: Any = None, **options: Any) -> ChatFactory:
    """A factory with a clock of its own."""
    factory = ChatFactory(clock=Clock(), **options)
    if protocol is not None:
        factory.protocol = protocol
    return factory


class Somebody(Conversation):
    """A person who has come in; what they heard so far is forgotten."""

    def __init__(self, factory: Any, name: str) -> None:
        super().__init__(factory)
        self.say(f"{name}\n".encode())
        self.advance(0)
        self.heard()

    def hears(self) -> list[str]:
        """The lines that came since, once this turn is over."""
        self.advance(0)
        return self.heard().decode().splitlines()

    def types(self, line: str) -> list[str]:
        """Type a line; what comes at once and until the turn is over."""
        self.say(f"{line}\n".encode())
        return self.hears()
