"""What people say to each other; TAGMSG and REDACT.

RFC 2812 (3.3), IRCv3's message-tags, echo-message and message-redaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocols.chat.events import Posting, Redacted
from protocols.chat.gates import passes
from protocols.chat.irc.certificates import askService, isService
from protocols.chat.irc.command import Command
from protocols.chat.irc.numerics import RPL_AWAY
from protocols.chat.irc.welcome import MAX_REASON
from protocols.chat.irc.wire import MAX_MESSAGE, Message, fitting, taggedWith
from protocols.chat.names import NameRefusedError, key
from protocols.chat.people import Person, RefusedError
from protocols.chat.room import RANKS, Room
from protocols.chat.rules import checkSpeak
from protocols.chat.text import styled
from protocols.hooks import Hooked, waitFor

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Targets of one message, as TARGMAX says.
MAX_TARGETS = 4

_MARK = "\1"
_ACTION = "\1ACTION "
_RANK_OF = {sign: rank for rank, sign in RANKS.items()}


def tagMessage(irc: IRCProtocol, message: Message) -> Hooked:
    """Only tags, such as that one is typing."""
    return say(irc, message, "tags")


def say(irc: IRCProtocol, message: Message, kind: str) -> Hooked:
    """Say something to all targets of a message.

    @param kind: C{message}, C{notice} or C{tags}.
    """
    if not message[0]:
        irc.error("411", text=f"No recipient given ({message.command})")
        return None
    if kind != "tags" and not message[1]:
        irc.error("412")
        return None
    if not irc.has("message-tags") and kind == "tags":
        irc.error("421", "TAGMSG")
        return None
    targets = message[0].split(",")
    if len(targets) > MAX_TARGETS:
        irc.error("407", targets[MAX_TARGETS])
        return None
    done: Hooked = None
    for target in targets:
        said = _sayEach(irc, message, kind, target)
        done = said if said is not None else done
    return done


def _sayEach(irc: IRCProtocol, message: Message, kind: str, target: str) -> Hooked:
    try:
        return sayTo(irc, target, _wordsOf(irc, message, kind, target))
    except (RefusedError, NameRefusedError):
        if kind != "notice":
            irc.refuse()
    except LookupError as error:
        if kind != "notice":
            lookupFailed(irc, target, error)
    return None


def lookupFailed(irc: IRCProtocol, target: str, error: LookupError) -> None:
    """What was said is for nobody, or too long."""
    number = str(error.args[0])
    irc.error(number, *(() if number == "417" else (target,)))


def sayTo(irc: IRCProtocol, target: str, words: dict[str, Any]) -> Hooked:
    """Say something to a room, to its ranks, or to a person.

    @param words: C{text}, C{isAction}, C{kind} and C{tags} of a L{Posting}.
    @raise LookupError: there is none; its number.
    @raise RefusedError: it may not be said there.
    """
    name = target.lstrip("@+")
    if name.startswith("#"):
        return _sayToRoom(irc, target, name, words)
    return _sayToPerson(irc, target, words)


def _wordsOf(
    irc: IRCProtocol, message: Message, kind: str, target: str
) -> dict[str, Any]:
    """What a posting needs; nothing is cut off for others to read.

    @raise LookupError: it would be too long with the sender's name in front.
    """
    text = message[1]
    whole = f":{irc.source.mask} {message.command} {target} :{text}"
    if len(whole if whole.isascii() else whole.encode()) > MAX_MESSAGE - 2:
        raise LookupError("417")
    isAction = text.startswith(_ACTION)
    if isAction:
        text = styled(text[len(_ACTION) :].rstrip("\1"))
    elif text.startswith("\1"):
        kind = "request" if kind == "message" else kind
        text = f"\1{styled(text.strip(_MARK))}\1"
    else:
        text = styled(text)
    isBot = "bot" if irc.isBot else ""
    return {
        "text": "" if kind == "tags" else text,
        "isAction": isAction,
        "kind": kind,
        "tags": tagsOf(message, isBot) if message.tags else isBot,
    }


def tagsOf(message: Message, more: str) -> str:
    """What the client's program adds for others."""
    tags = {name: value for name, value in message.tags.items() if name[0] == "+"}
    return ";".join(filter(None, (more, taggedWith(tags)[1:-1])))


def _sayToRoom(
    irc: IRCProtocol, target: str, name: str, words: dict[str, Any]
) -> Hooked:
    room = irc.lobby.room(name)
    if room is None:
        raise LookupError("403")
    checkSpeak(room, irc, irc.lobby.now())
    isProgram = words["kind"] == "request" or words["text"].startswith("\1")
    if "C" in room.modes.flags and isProgram:
        raise RefusedError("nothing for programs here", "mute", room.name)
    if irc.repeats(words["text"], room.name) and words["kind"] != "tags":
        raise RefusedError("you have said that; it was not sent again")
    said = irc.textSaid(words["text"], room)
    if said is None or isinstance(said, str):
        _post(said, irc, room, target, words)
        return None
    return waitFor(said).addCallback(_post, irc, room, target, words)


def _post(
    said: Any, irc: IRCProtocol, room: Room, target: str, words: dict[str, Any]
) -> None:
    """Unless they have gone while the hook took its time."""
    if (said is None) or not irc.name:
        return
    if not said and words["kind"] != "tags":
        return
    rank = target[: len(target) - len(target.lstrip("@+"))]
    posting = irc.lobby.posting(irc, rank + room.name, **{**words, "text": str(said)})
    if rank:
        _postToRanks(irc, room, posting, _RANK_OF[rank[-1]])
    else:
        room.post(posting, irc)
        irc.records.record(posting)
    echo(irc, posting)


def _postToRanks(irc: IRCProtocol, room: Room, posting: Posting, rank: str) -> None:
    """A message for who has at least that rank (STATUSMSG)."""
    room.flush()
    wanted = "o" if rank == "o" else "ov"
    for member in list(room.ranks):
        if member is not irc and set(room.ranks[member]) & set(wanted):
            member.hear(posting)


def _sayToPerson(irc: IRCProtocol, target: str, words: dict[str, Any]) -> Hooked:
    other = irc.lobby.find(target)
    if other is None:
        if words["kind"] == "message" and isService(target):
            return waitFor(askService(irc, words["text"]))
        raise LookupError("401")
    isHeard = passes(irc, other)
    posting = irc.lobby.posting(irc, other.name, **words)
    irc.lobby.flush(irc)
    if isHeard:
        other.hear(posting)
        irc.records.recordTalk(posting, irc, other)
    echo(irc, posting)
    if other.away and words["kind"] == "message":
        irc.numeric(RPL_AWAY, other.name, other.away)
    return None


def echo(irc: IRCProtocol, posting: Posting) -> None:
    """The client's own words, if it wants to see them as others do."""
    if irc.has("echo-message"):
        irc.send(irc.dialect.write(posting))


def redact(irc: IRCProtocol, message: Message) -> Hooked:
    """Take something back that one has said, or that was said in one's room."""
    target, number = message[0], message[1]
    room, other = irc.lobby.room(target), irc.lobby.find(target)
    if (room is None or key(target) not in irc.rooms) and other is None:
        irc.fail("REDACT", "INVALID_TARGET", target, "You cannot redact there")
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        _unknown(irc, target, number)
        return None
    place = room.name if room is not None else irc.records.talk(irc, target)
    found = irc.records.find(place, int(number))
    return found.addCallback(_found, irc, room, other, message)


def _found(
    posting: Posting | None,
    irc: IRCProtocol,
    room: Room | None,
    other: Person | None,
    message: Message,
) -> None:
    target, number = message[0], message[1]
    if posting is None:
        _unknown(irc, target, number)
        return
    if not (_isOwn(irc, posting) or (room and room.hasRank(irc, "o"))):
        text = "You did not say that"
        irc.fail("REDACT", "REDACT_FORBIDDEN", target, number, text)
        return
    _redact(irc, room, other, posting, fitting(message[2], MAX_REASON))


def _isOwn(irc: IRCProtocol, posting: Posting) -> bool:
    """Whether the client said it: who has taken a name since then did not."""
    if irc.account or posting.account:
        return key(irc.account) == key(posting.account)
    mask = f"{posting.sender}!{posting.mask}"
    return mask == irc.source.mask and posting.time >= irc.signedOn


def _unknown(irc: IRCProtocol, target: str, number: str) -> None:
    text = "There is no such message"
    irc.fail("REDACT", "UNKNOWN_MSGID", target, number or "*", text)


def _redact(
    irc: IRCProtocol,
    room: Room | None,
    other: Person | None,
    posting: Posting,
    reason: str,
) -> None:
    irc.records.redact(posting)
    place = room.name if room is not None else other.name if other is not None else ""
    event = Redacted(place, irc.source, posting.id, reason, irc.lobby.now())
    if room is not None:
        room.post(event, irc)
    elif other is not None:
        other.hear(event)
    irc.send(irc.dialect.write(event))


COMMANDS = {
    "TAGMSG": Command(tagMessage),
    "REDACT": Command(redact, 2),
}
