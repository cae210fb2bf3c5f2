"""A chat of lines, with rooms, for nc and telnet."""

from protocols.chat.commands import Command
from protocols.chat.messages import Posting
from protocols.chat.protocol import ChatFactory, ChatProtocol
from protocols.chat.room import Lobby, RefusedError, Room

__all__ = [
    "ChatFactory",
    "ChatProtocol",
    "Command",
    "Lobby",
    "Posting",
    "RefusedError",
    "Room",
]
