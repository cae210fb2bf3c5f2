"""What may be typed with a slash, one function each.

A command is a function of the protocol and what stands behind the word; its row
in L{COMMANDS} says what C{/help} tells about it. A subclass of the protocol adds
rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.chat import accountcommands, ordercommands, pages
from protocols.chat.names import checkRoom, key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import Room
from protocols.chat.rules import checkTopic, sees
from protocols.chat.text import namesIn, plain
from protocols.chat.views import SHOWN
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
    isOrder = rest == "order"
    for word, command in protocol.commands.items():
        if (word in ORDER) == isOrder:
            protocol.tell(f"  {command.usage:<22} {command.text}", star=False)
    if not isOrder:
        protocol.tell("Accounts, and who keeps order: /help order")


def join(protocol: ChatProtocol, rest: str) -> None:
    """Join a room, or make one the room that is talked to."""
    if not rest:
        raise RefusedError("which room? Type /join #room")
    name, _, said = rest.partition(" ") if rest.startswith("#") else (rest, "", "")
    protocol.joinRoom(name, said.strip())


def leave(protocol: ChatProtocol, rest: str) -> None:
    """Leave a room."""
    room = _roomNamed(protocol, rest)
    protocol.leaveRoom(room)


def rooms(protocol: ChatProtocol, rest: str) -> None:
    """All rooms."""
    seen = [room for room in protocol.lobby.rooms.values() if sees(room, protocol)]
    for room in sorted(seen, key=lambda each: each.name):
        here = ", you too" if key(room.name) in protocol.rooms else ""
        people = len(room.members)
        protocol.tell(
            f"{room.name}: {people} {'person' if people == 1 else 'people'}{here}"
        )
    if not seen:
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
    other = _somebody(protocol, name)
    protocol.lobby.flush(protocol)
    posting = protocol.lobby.posting(protocol, other.name, text.strip())
    other.hear(posting)
    protocol.records.recordTalk(posting, protocol, other)
    protocol.tell(f"[you to {other.name}] {text.strip()}", star=False)
    if other.away:
        protocol.tell(f"{other.name} is away: {plain(other.away)}")


def me(protocol: ChatProtocol, rest: str) -> Hooked:
    """Something that one does."""
    if not rest:
        raise RefusedError("do what? Type /me TEXT")
    return protocol.say(rest, isAction=True)


def nick(protocol: ChatProtocol, rest: str) -> None:
    """Another name."""
    protocol.factory.house.checkName(rest, protocol)
    protocol.lobby.rename(protocol, rest)
    protocol.tell(f"You are {protocol.name} now.")


def quit_(protocol: ChatProtocol, rest: str) -> None:
    """Go."""
    protocol.tell("Bye.")
    protocol.goAway("quit")


def topic(protocol: ChatProtocol, rest: str) -> None:
    """What the room is about: ask, or say."""
    room = protocol.room
    if rest:
        checkTopic(room, protocol)
        protocol.lobby.setTopic(protocol, room, "" if rest == "-" else rest[:390])
    if room.topic.text:
        protocol.tell(f"{room.name} is about: {plain(room.topic.text)}")
    else:
        protocol.tell(f"{room.name} has no topic.")


def away(protocol: ChatProtocol, rest: str) -> None:
    """Say why one does not answer, or that one does again."""
    protocol.lobby.change(protocol, "away", rest[:200])
    protocol.tell("You are away now." if rest else "You are here again.")


def invite(protocol: ChatProtocol, rest: str) -> None:
    """Ask somebody into the room."""
    room = protocol.room
    other = _somebody(protocol, rest)
    if "i" in room.modes.flags:
        protocol.factory.house.keepsOrder(room, protocol)
    if key(other.name) in room.members:
        raise RefusedError(f"{other.name} is in {room.name} already")
    protocol.lobby.invite(protocol, room, other)
    protocol.tell(f"{other.name} was asked into {room.name}.")


def ignore(protocol: ChatProtocol, rest: str) -> None:
    """Hear no more of somebody, or again."""
    if not rest:
        names = namesIn(sorted(protocol.ignored), 100) or "nobody"
        protocol.tell(f"You ignore {names}.")
        return
    protocol.ignore(rest)


def show(protocol: ChatProtocol, rest: str) -> None:
    """What stands in front of each line: times, numbers."""
    words = set(rest.replace(",", " ").split())
    if not words <= {*SHOWN, "nothing"}:
        raise RefusedError("show what? Type /show time id, or /show nothing")
    protocol.show(frozenset(words - {"nothing"}))
    protocol.tell(f"You see {' and '.join(sorted(words)) or 'nothing'} in front now.")


def _somebody(protocol: ChatProtocol, name: str) -> Person:
    other = protocol.lobby.find(name)
    if other is None:
        raise RefusedError(f"nobody here is called {name or 'nothing'}")
    return other


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
    "join": Command(join, "/join #ROOM [KEY]", "enter a room, and talk to it"),
    "leave": Command(leave, "/leave [#ROOM]", "leave a room"),
    "rooms": Command(rooms, "/rooms", "all rooms"),
    "who": Command(who, "/who [#ROOM]", "who is in a room"),
    "msg": Command(msg, "/msg NAME TEXT", "a private message"),
    "history": Command(
        pages.history, "/history [N]", "what was said before, with numbers"
    ),
    "since": Command(pages.since, "/since NUMBER", "what you have missed since then"),
    "search": Command(pages.search, "/search WORDS", "find what was said"),
    "me": Command(me, "/me TEXT", "say what you do"),
    "topic": Command(topic, "/topic [TEXT]", "what the room is about"),
    "away": Command(away, "/away [WHY]", "you do not answer for a while"),
    "invite": Command(invite, "/invite NAME", "ask somebody into the room"),
    "ignore": Command(ignore, "/ignore [NAME]", "hear no more of somebody, or again"),
    "show": Command(show, "/show time id", "times and numbers in front of lines"),
    "nick": Command(nick, "/nick NAME", "take another name"),
    "quit": Command(quit_, "/quit", "leave the chat"),
}

# What /help order tells about.
ORDER: dict[str, Command] = {
    "register": Command(
        accountcommands.register, "/register PASSWORD", "have your name be yours"
    ),
    "login": Command(
        accountcommands.login, "/login [NAME] PASSWORD", "say that it is you"
    ),
    "oper": Command(accountcommands.oper, "/oper NAME PASSWORD", "keep order here"),
    "kick": Command(ordercommands.kick, "/kick NAME [WHY]", "make somebody leave"),
    "mute": Command(ordercommands.mute, "/mute NAME", "have somebody be silent"),
    "unmute": Command(ordercommands.unmute, "/unmute NAME", "let them speak again"),
    "op": Command(ordercommands.op, "/op NAME", "have somebody keep order too"),
    "deop": Command(ordercommands.deop, "/deop NAME", "no longer"),
    "set": Command(
        ordercommands.set_, "/set WHAT VALUE", "key, slow, topic-lock and so on"
    ),
    "ban": Command(ordercommands.ban, "/ban WHOM [1h] [WHY]", "let nobody in"),
    "unban": Command(ordercommands.unban, "/unban WHOM", "let them in again"),
    "bans": Command(ordercommands.bans, "/bans", "who is banned"),
}
COMMANDS.update(ORDER)
