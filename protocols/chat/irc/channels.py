"""JOIN, PART, TOPIC, INVITE and KICK (RFC 2812, 3.2)."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from protocols.chat.events import Came, Went
from protocols.chat.gates import passes
from protocols.chat.irc.command import Command
from protocols.chat.irc.metadatatold import tellJoined
from protocols.chat.irc.numerics import (
    RPL_ENDOFINVITATIONS,
    RPL_ENDOFNAMES,
    RPL_INVITATION,
    RPL_INVITING,
    RPL_NOTOPIC,
    RPL_TOPIC,
    RPL_TOPICWHOTIME,
)
from protocols.chat.irc.queries import costOfNames, tellNames
from protocols.chat.irc.readmarks import sendMark
from protocols.chat.irc.welcome import MAX_REASON, MAX_TOPIC
from protocols.chat.irc.wire import Message, fitting
from protocols.chat.names import NameRefusedError, checkRoom, key
from protocols.chat.people import RefusedError
from protocols.chat.room import Room
from protocols.chat.rules import (
    checkJoin,
    checkMember,
    checkOperator,
    checkTopic,
    sees,
)
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


# Targets of one KICK, as TARGMAX says.
MAX_KICKED = 4


def join(irc: IRCProtocol, message: Message) -> Hooked:
    """Join rooms, each with its key if it has one."""
    if message[0] == "0":
        for room in list(irc.rooms.values()):
            leave(irc, room, "")
        return None
    names, keys = message[0].split(","), message[1].split(",")
    isTold = not irc.has("no-implicit-names")
    done: Hooked = irc.factory.house.turnstile.letIn(
        lambda: costOfNames(irc, names) if isTold else 0.0,
        lambda: _joinAll(irc, names, keys),
    )
    return done


def _joinAll(irc: IRCProtocol, names: list[str], keys: list[str]) -> None:
    """Unless they have gone while they waited for their turn."""
    for name, said in zip_longest(names, keys[: len(names)], fillvalue=""):
        if name and irc.name:
            _joinOne(irc, name, said)


def _joinOne(irc: IRCProtocol, name: str, said: str) -> None:
    if not name.startswith("#"):
        irc.error("403", name)
        return
    try:
        name = checkRoom(name)
    except NameRefusedError as error:
        irc.error("476", name.split(" ")[0], text=str(error))
        return
    if key(name) in irc.rooms:
        return
    try:
        if room := irc.lobby.room(name):
            checkJoin(room, irc, said)
            # Who came and went before is not told to who has not been told to be in.
            if room.hasWords:
                room.flush()
        enterRoom(irc, irc.lobby.join(irc, name))
    except RefusedError:
        irc.refuse()


def enterRoom(irc: IRCProtocol, room: Room) -> None:
    """Tell the client of the room that it has joined."""
    event = Came(room.name, (irc.source,), irc.lobby.now())
    with irc.together():
        irc.send(irc.dialect.write(event))
        if room.topic.text:
            _tellTopic(irc, room)
        sendMark(irc, room.name)
        if not irc.has("no-implicit-names"):
            tellNames(irc, room)
            irc.numeric(RPL_ENDOFNAMES, room.name, "End of NAMES list")
    tellJoined(irc, room)


def part(irc: IRCProtocol, message: Message) -> None:
    """Leave rooms."""
    for name in message[0].split(","):
        if room := member(irc, name):
            leave(irc, room, fitting(message[1], MAX_REASON))


def leave(irc: IRCProtocol, room: Room, said: str) -> None:
    """Leave a room; the client is told first."""
    event = Went(room.name, (irc.source,), parting=said, time=irc.lobby.now())
    irc.send(irc.dialect.write(event))
    irc.lobby.leave(irc, room, parting=said)


def member(irc: IRCProtocol, name: str) -> Room | None:
    """The room of that name that the client is in; else it is told."""
    room = irc.lobby.room(name)
    if room is None:
        irc.error("403", name or "*")
        return None
    if key(name) not in irc.rooms:
        irc.error("442", room.name)
        return None
    return room


def topic(irc: IRCProtocol, message: Message) -> None:
    """What a room is about: ask, or say."""
    room = irc.lobby.room(message[0])
    if room is None:
        irc.error("403", message[0] or "*")
        return
    if len(message.params) < 2:
        _askTopic(irc, room)
        return
    checkTopic(room, irc)
    event = irc.lobby.setTopic(irc, room, fitting(message[1], MAX_TOPIC))
    irc.send(irc.dialect.write(event))


def _askTopic(irc: IRCProtocol, room: Room) -> None:
    if not sees(room, irc):
        irc.error("442", room.name)
    elif room.topic.text:
        _tellTopic(irc, room)
    else:
        irc.numeric(RPL_NOTOPIC, room.name, "No topic is set")


def _tellTopic(irc: IRCProtocol, room: Room) -> None:
    topic = room.topic
    irc.numeric(RPL_TOPIC, room.name, topic.text)
    irc.numeric(RPL_TOPICWHOTIME, room.name, topic.by, str(int(topic.time)))


def invite(irc: IRCProtocol, message: Message) -> None:
    """Ask somebody in."""
    if not message.params:
        _invitations(irc)
        return
    if len(message.params) == 1:
        irc.error("461", "INVITE")
        return
    room, target = irc.lobby.room(message[1]), irc.lobby.find(message[0])
    if target is None:
        irc.error("401", message[0] or "*")
        return
    if room is None:
        irc.error("403", message[1] or "*")
        return
    checkMember(room, irc)
    if "i" in room.modes.flags:
        checkOperator(room, irc)
    if key(target.name) in room.members:
        irc.error("443", target.name, room.name)
        return
    if passes(irc, target):
        irc.lobby.invite(irc, room, target)
    irc.numeric(RPL_INVITING, target.name, room.name)


def _invitations(irc: IRCProtocol) -> None:
    for room in list(irc.lobby.rooms.values()):
        if irc in room.invited:
            irc.numeric(RPL_INVITATION, room.name)
    irc.numeric(RPL_ENDOFINVITATIONS, "End of invitations")


def kick(irc: IRCProtocol, message: Message) -> None:
    """Have people leave a room."""
    channels = message[0].split(",")
    if len(channels) > 1:
        pairs = zip(channels[:MAX_KICKED], message[1].split(","), strict=False)
        for channel, name in pairs:
            kick(irc, replace(message, params=(channel, name, message[2])))
        return
    room = irc.lobby.room(message[0])
    if room is None:
        irc.error("403", message[0] or "*")
        return
    irc.factory.house.keepsOrder(room, irc)
    reason = fitting(message[2], MAX_REASON) or irc.name
    for name in message[1].split(",")[:MAX_KICKED]:
        _kickOne(irc, room, name, reason)


def _kickOne(irc: IRCProtocol, room: Room, name: str, reason: str) -> None:
    target = room.members.get(key(name))
    if target is None:
        number = "441" if irc.lobby.find(name) else "401"
        irc.error(number, *([name, room.name] if number == "441" else [name or "*"]))
        return
    event = irc.factory.house.kick(irc, room, target, reason)
    irc.send(irc.dialect.write(event))


COMMANDS = {
    "JOIN": Command(join, 1),
    "PART": Command(part, 1),
    "TOPIC": Command(topic, 1),
    "INVITE": Command(invite),
    "KICK": Command(kick, 2),
}
