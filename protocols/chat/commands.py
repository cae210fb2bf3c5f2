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
from protocols.chat.gates import passes
from protocols.chat.names import checkName, checkRoom, key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import Room
from protocols.chat.rules import checkTopic, sees
from protocols.chat.text import namesIn, plain
from protocols.chat.views import SHOWN
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.protocol import ChatProtocol


# Octets of a topic and of why one is away: an IRC line holds them, with two names.
MAX_TOPIC = 390
MAX_AWAY = 200

# Columns of what is typed, in lists of commands: with what it does, below 80.
LEAST_WIDTH = 22

_SAYING = "Type a line to say it to your room, or:"


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
    """All commands, or one."""
    word = rest.removeprefix("/").lower()
    if word == "set":
        _showSettings(protocol)
    elif word in protocol.commands:
        _showCommands(protocol, [protocol.commands[word]])
    elif word and word != "order":
        raise RefusedError(f"there is no /{word}; type /help")
    else:
        _helpWith(protocol, word == "order")


def _helpWith(protocol: ChatProtocol, isOrder: bool) -> None:
    known = protocol.commands.items()
    shown = [each for word, each in known if (word in ORDER) == isOrder]
    about = "Your account, and keeping order:" if isOrder else _SAYING
    protocol.tell(about)
    _showCommands(protocol, shown)
    if not isOrder:
        protocol.tell("Accounts, and keeping order: /help order")


def _showCommands(protocol: ChatProtocol, shown: list[Command]) -> None:
    """In columns, as wide as they have to be."""
    width = max(LEAST_WIDTH, *(len(each.usage) for each in shown))
    for command in shown:
        protocol.tell(f"  {command.usage:<{width}} {command.text}", star=False)


def _showSettings(protocol: ChatProtocol) -> None:
    protocol.tell("In a room where you keep order; all can be turned on and off:")
    for usage, text in ordercommands.SETTINGS.items():
        protocol.tell(f"  /set {usage:<17} {text}", star=False)


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
        raise RefusedError("say what to whom? Type /msg NAME TEXT")
    other = _somebody(protocol, name)
    isHeard = passes(protocol, other)
    protocol.lobby.flush(protocol)
    posting = protocol.lobby.posting(protocol, other.name, text.strip())
    if isHeard:
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
    if not rest:
        raise RefusedError("which name? Type /nick NAME")
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
        protocol.lobby.setTopic(
            protocol, room, "" if rest == "-" else _cut(rest, MAX_TOPIC)
        )
    if room.topic.text:
        protocol.tell(f"{room.name} is about: {plain(room.topic.text)}")
    else:
        protocol.tell(f"{room.name} has no topic.")


def away(protocol: ChatProtocol, rest: str) -> None:
    """Say why one does not answer, or that one does again."""
    protocol.lobby.change(protocol, "away", _cut(rest, MAX_AWAY))
    protocol.tell("You are away now." if rest else "You are here again.")


def invite(protocol: ChatProtocol, rest: str) -> None:
    """Ask somebody into the room."""
    if not rest:
        raise RefusedError("invite whom? Type /invite NAME")
    room = protocol.room
    other = _somebody(protocol, rest)
    if "i" in room.modes.flags:
        protocol.factory.house.keepsOrder(room, protocol)
    if key(other.name) in room.members:
        raise RefusedError(f"{room.name} has {other.name} in it already")
    protocol.lobby.invite(protocol, room, other)
    protocol.tell(f"{other.name} was asked into {room.name}.")


def ignore(protocol: ChatProtocol, rest: str) -> None:
    """Hear no more of somebody, or again."""
    if not rest:
        names = namesIn(sorted(protocol.ignored), 100) or "nobody"
        protocol.tell(f"You ignore {names}.")
        return
    protocol.ignore(checkName(rest))


def show(protocol: ChatProtocol, rest: str) -> None:
    """What stands in front of each line: times, numbers."""
    words = set(rest.replace(",", " ").split())
    if not words or not words <= {*SHOWN, "nothing"}:
        raise RefusedError("show what? Type /show time id, or /show nothing")
    protocol.show(frozenset(words - {"nothing"}))
    shown = " and ".join(sorted(words))
    protocol.tell(f"In front of each line you see {shown} from now on.")


def _somebody(protocol: ChatProtocol, name: str) -> Person:
    other = protocol.lobby.find(name)
    if other is None:
        raise RefusedError(f"nobody here is called {name}")
    return other


def _roomNamed(protocol: ChatProtocol, name: str) -> Room:
    """The room of that name that the person is in, or else the one they talk to."""
    if not name:
        return protocol.room
    room = protocol.rooms.get(key(checkRoom(name)))
    if room is None:
        raise RefusedError(f"you are not in {checkRoom(name)}")
    return room


def _cut(text: str, most: int) -> str:
    """So many octets of C{text} at most, cut between characters."""
    return text.encode()[:most].decode("utf-8", "ignore")


COMMANDS: dict[str, Command] = {
    "help": Command(help_, "/help [WORD]", "this list, or one of it"),
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
        accountcommands.register, "/register PASSWORD", "keep your name for yourself"
    ),
    "login": Command(
        accountcommands.login, "/login [NAME] PASSWORD", "say that it is you"
    ),
    "certificate": Command(
        accountcommands.certificate,
        "/certificate [add|drop]",
        "TLS certificates in place of your password",
    ),
    "oper": Command(
        accountcommands.oper, "/oper NAME PASSWORD", "keep order everywhere"
    ),
    "kick": Command(
        ordercommands.kick, "/kick NAME [WHY]", "have somebody leave the room"
    ),
    "mute": Command(ordercommands.mute, "/mute NAME", "have somebody be silent"),
    "unmute": Command(ordercommands.unmute, "/unmute NAME", "let them speak again"),
    "op": Command(ordercommands.op, "/op NAME", "have somebody keep order too"),
    "deop": Command(ordercommands.deop, "/deop NAME", "have them keep it no longer"),
    "set": Command(
        ordercommands.set_, "/set WHAT VALUE", "rules of the room: /help set"
    ),
    "ban": Command(
        ordercommands.ban, "/ban WHOM [1h] [WHY]", "let somebody in no more"
    ),
    "unban": Command(ordercommands.unban, "/unban WHOM", "let them in again"),
    "bans": Command(ordercommands.bans, "/bans", "who is banned"),
}
COMMANDS.update(ORDER)
