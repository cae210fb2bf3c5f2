"""PRIVMSG and NOTICE, alone or as lines of a BATCH that are one message.

RFC 2812 (3.3); IRCv3's client-batch and multiline. A message of several lines is
said, numbered and kept once; C{protocols.chat.irc.manylines} writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocols.chat.irc.command import Command
from protocols.chat.irc.talk import lookupFailed, say, sayTo, tagsOf
from protocols.chat.irc.wire import MAX_MESSAGE, Message
from protocols.chat.names import NameRefusedError
from protocols.chat.people import RefusedError
from protocols.chat.text import JOINED, styled
from protocols.hooks import Hooked

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Of one message: a page of a terminal, and as many octets as eight whole lines;
# others have the same.
MAX_LINES = 32
MAX_BYTES = 4096

VALUE = f"max-bytes={MAX_BYTES},max-lines={MAX_LINES}"
KIND = "draft/multiline"
CONCAT = "draft/multiline-concat"

_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Batch:
    """Lines of a message that is not whole yet.

    @ivar begin: what it was opened with.
    @ivar isBroken: it has been refused; what else belongs to it is dropped.
    """

    reference: str
    target: str
    begin: Message
    lines: list[str] = field(default_factory=list)
    command: str = ""
    size: int = 0
    isBroken: bool = False


def message(irc: IRCProtocol, message: Message) -> Hooked:
    """Say something to rooms and people."""
    if message.tags and "batch" in message.tags and irc.has(KIND):
        _take(irc, message)
        return None
    return say(irc, message, "message")


def notice(irc: IRCProtocol, message: Message) -> Hooked:
    """The same, which no program answers: not even with an error."""
    if message.tags and "batch" in message.tags and irc.has(KIND):
        _take(irc, message)
        return None
    return say(irc, message, "notice")


def batch(irc: IRCProtocol, message: Message) -> Hooked:
    """Begin a message of several lines, or end it."""
    sign, reference = message[0][:1], message[0][1:]
    if not _REFERENCE.fullmatch(reference) or sign not in "+-":
        text = "That is no name of a batch"
        irc.fail("BATCH", "INVALID_REFTAG", reference or "*", text)
    elif sign == "-":
        return _end(irc, reference)
    elif message[1].casefold() != KIND or not irc.has(KIND):
        text = "There is no such kind of batch"
        irc.fail("BATCH", "UNKNOWN_TYPE", reference, message[1] or "*", text)
    elif irc.openBatch is not None or not message[2]:
        _invalid(irc, "A batch has one target, and is not within another")
    else:
        irc.openBatch = Batch(reference, message[2], message)
        irc.labelLater()
    return None


def _take(irc: IRCProtocol, message: Message) -> None:
    """A line of the batch."""
    open_, text = irc.openBatch, message[1]
    if open_ is None or message.tags["batch"] != open_.reference:
        if open_ is not None:
            open_.isBroken = True
        _invalid(irc, "That batch is not open")
        return
    if open_.isBroken:
        return
    isJoined = CONCAT in message.tags
    size = len(text.encode()) + bool(open_.lines and not isJoined)
    open_.isBroken = _refused(irc, open_, message, size)
    if not open_.isBroken:
        open_.command = message.command
        open_.size += size
        open_.lines.append(JOINED + styled(text) if isJoined else styled(text))


def _refused(irc: IRCProtocol, batch: Batch, message: Message, size: int) -> bool:
    """Whether a line is one too many, or no line of this batch; it is said why."""
    whole = f":{irc.source.mask} {message.command} {batch.target} :{message[1]}"
    isJoined = CONCAT in message.tags
    if message[0].casefold() != batch.target.casefold():
        words = (batch.target, message[0], "All lines are for one target")
        irc.fail("BATCH", "MULTILINE_INVALID_TARGET", *words)
    elif len(batch.lines) >= MAX_LINES:
        text = "These are too many lines"
        irc.fail("BATCH", "MULTILINE_MAX_LINES", str(MAX_LINES), text)
    elif batch.size + size > MAX_BYTES:
        text = "These are too many octets"
        irc.fail("BATCH", "MULTILINE_MAX_BYTES", str(MAX_BYTES), text)
    elif batch.command not in ("", message.command):
        _invalid(irc, "All lines have one command")
    elif isJoined and not (message[1] and batch.lines):
        _invalid(irc, "There is nothing to join")
    elif len(whole.encode()) > MAX_MESSAGE - 2:
        _invalid(irc, "A line is too long")
    else:
        return False
    return True


def _end(irc: IRCProtocol, reference: str) -> Hooked:
    """The batch is whole: say it, and answer to the label that it began with."""
    open_ = irc.openBatch
    if open_ is None or open_.reference != reference:
        _invalid(irc, "That batch is not open")
        return None
    irc.openBatch = None
    irc.labelBegins(open_.begin.tags.get("label", ""))
    return _say(irc, open_)


def _say(irc: IRCProtocol, batch: Batch) -> Hooked:
    text = "\n".join(batch.lines)
    if batch.isBroken:
        return None
    if not text.strip(f"\n{JOINED}"):
        _invalid(irc, "There is nothing in it")
        return None
    kind = "notice" if batch.command == "NOTICE" else "message"
    tags = tagsOf(batch.begin, "bot" if irc.isBot else "")
    words = {"text": text, "isAction": False, "kind": kind, "tags": tags}
    try:
        return sayTo(irc, batch.target, words)
    except (RefusedError, NameRefusedError):
        irc.refuse()
    except LookupError as error:
        lookupFailed(irc, batch.target, error)
    return None


def _invalid(irc: IRCProtocol, text: str) -> None:
    irc.fail("BATCH", "MULTILINE_INVALID", text)


COMMANDS = {
    "PRIVMSG": Command(message),
    "NOTICE": Command(notice),
    "BATCH": Command(batch, 1),
}
