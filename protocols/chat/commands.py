"""What may be typed with a slash, one function each.

A command is a function of the protocol and what stands behind the word; its row
in L{COMMANDS} says what C{/help} tells about it. A subclass of the protocol adds
rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.chat.messages import namesIn
from protocols.chat.names import checkRoom, key
from protocols.chat.room import RefusedError, Room
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.protocol import ChatProtocol


@dataclass(frozen=True)
class Command:
    """A command.

    @param run: is called with the protocol and the rest of the line; what it
        returns is waited for, as with any hook.
    @param usage: what to type.
    @param text: what it does, in a few words.
    """

    run: Callable[[ChatProtocol, str], Hooked]
    usage: str
    text: str


def help_(protocol: ChatProtocol, rest: str) -> None:
    """All commands."""
    protocol.tell("Type a line to say it to your room, or:")
    for command in protocol.commands.values():
        protocol.tell(f"  {command.usage:<16} {command.text}", star=False)


def join(protocol: ChatProtocol, rest: str) -> None:
    """Join a room, or make one the room that is talked to."""
    if not rest:
        raise RefusedError("which room? Type /join #room")
    protocol.joinRoom(rest)


def leave(protocol: ChatProtocol, rest: str) -> None:
    """Leave a room."""
    room = _roomNamed(protocol, rest)
    protocol.leaveRoom(room)


def rooms(protocol: ChatProtocol, rest: str) -> None:
    """All rooms."""
    for room in sorted(protocol.lobby.rooms.values(), key=lambda each: each.name):
        here = ", you too" if key(room.name) in protocol.rooms else ""
        people = len(room.members)
        protocol.tell(
            f"{room.name}: {people} {'person' if people == 1 else 'people'}{here}"
        )
    if not protocol.lobby.rooms:
        protocol.tell("There is no room yet. Type /join #room to make one.")


def who(protocol: ChatProtocol, rest: str) -> None:
    """Who is in a room."""
    room = _roomNamed(protocol, rest)
    names = sorted(member.name for member in room.members.values())
    protocol.tell(f"In {room.name}: {namesIn(names, 200)}")


def msg(protocol: ChatProtocol, rest: str) -> None:
    """A word in private."""
    name, _, text = rest.partition(" ")
    if not text.strip():
        raise RefusedError("say what to whom: /msg NAME TEXT")
    other = protocol.lobby.people.get(key(name))
    if other is None:
        raise RefusedError(f"nobody here is called {name}")
    other.deliver(f"[{protocol.name} to you] {text.strip()}\r\n".encode())
    protocol.tell(f"[you to {other.name}] {text.strip()}", star=False)


def me(protocol: ChatProtocol, rest: str) -> Hooked:
    """Something that one does."""
    if not rest:
        raise RefusedError("do what? Type /me TEXT")
    return protocol.say(rest, isAction=True)


def nick(protocol: ChatProtocol, rest: str) -> None:
    """Another name."""
    protocol.lobby.rename(protocol, rest)
    protocol.tell(f"You are {protocol.name} now.")


def quit_(protocol: ChatProtocol, rest: str) -> None:
    """Go."""
    protocol.tell("Bye.")
    protocol.goAway("quit")


def _roomNamed(protocol: ChatProtocol, name: str) -> Room:
    """The room of that name that the person is in, or else the one they talk to."""
    if not name:
        return protocol.room
    room = protocol.rooms.get(key(checkRoom(name)))
    if room is None:
        raise RefusedError(f"you are not in {checkRoom(name)}")
    return room


COMMANDS: dict[str, Command] = {
    "help": Command(help_, "/help", "this list"),
    "join": Command(join, "/join #ROOM", "enter a room, and talk to it"),
    "leave": Command(leave, "/leave [#ROOM]", "leave a room"),
    "rooms": Command(rooms, "/rooms", "all rooms"),
    "who": Command(who, "/who [#ROOM]", "who is in a room"),
    "msg": Command(msg, "/msg NAME TEXT", "a private message"),
    "me": Command(me, "/me TEXT", "say what you do"),
    "nick": Command(nick, "/nick NAME", "take another name"),
    "quit": Command(quit_, "/quit", "leave the chat"),
}
