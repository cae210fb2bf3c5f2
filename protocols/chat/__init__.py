"""A chat of lines, with rooms, for nc and telnet."""

from protocols.chat.commands import Command
from protocols.chat.events import Posting
from protocols.chat.factory import ChatFactory
from protocols.chat.house import House
from protocols.chat.lobby import Lobby
from protocols.chat.people import Person, RefusedError
from protocols.chat.protocol import ChatProtocol
from protocols.chat.room import Room

__all__ = [
    "ChatFactory",
    "ChatProtocol",
    "Command",
    "House",
    "Lobby",
    "Person",
    "Posting",
    "RefusedError",
    "Room",
]
