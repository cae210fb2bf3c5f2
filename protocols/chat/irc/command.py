"""What a row of the table of commands says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.chat.irc.wire import Message
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


@dataclass(frozen=True)
class Command:
    """A command.

    @param run: is called with the protocol and the message; what it returns is
        waited for, as with any hook.
    @param least: parameters that it needs.
    @param isEarly: it may come before registration.
    @param takesOctets: it looks itself at what is not UTF-8.
    """

    run: Callable[[IRCProtocol, Message], Hooked]
    least: int = 0
    isEarly: bool = False
    takesOctets: bool = False
