"""PRIVMSGs of one chunk that go to one room: said together.

Programs that have much to say send it so. Only what is as plain as can be is taken;
all else, and whatever is wrong, goes the way of each message by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.irc.multiline import COMMANDS
from protocols.chat.irc.wire import MAX_MESSAGE
from protocols.chat.text import printable

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


def sayTogether(irc: IRCProtocol, lines: list[bytes]) -> bool:
    """Say what all these lines say; false, and nothing is done, if that can't be."""
    found = wordsIn(lines)
    if found is None or not _fit(irc, lines):
        return False
    target, texts = found
    room = irc.lobby.room(target)
    if room is None or irc.commands.get("PRIVMSG") is not COMMANDS["PRIVMSG"]:
        return False
    speech = irc.speak(texts, room, "bot" if irc.isBot else "")
    if speech is None:
        return False
    irc.somethingCame()
    if irc.has("echo-message"):
        irc.send(irc.dialect.write(speech))
    return True


def wordsIn(lines: list[bytes]) -> tuple[str, list[str]] | None:
    """The room, and the words, of PRIVMSGs that differ in their words only.

    C{None} if they are anything else, or there is something in the words that may
    mean something to programs or terminals.
    """
    head, colon, _ = lines[0].partition(b" :")
    command, _, target = head.partition(b" ")
    isPlain = target.startswith(b"#") and not set(target) & set(b", ")
    if not (colon and isPlain and command.upper() == b"PRIVMSG"):
        return None
    whole = b"\n" + b"\n".join(lines).replace(b"\r\n", b"\n").removesuffix(b"\r")
    other, *words = whole.split(b"\n" + head + colon)
    if other or len(words) != len(lines):
        return None
    room, *texts = printable([target, *words]) or [""]
    return (room, texts) if room and all(texts) else None


def _fit(irc: IRCProtocol, lines: list[bytes]) -> bool:
    """Whether nothing is too long with the sender's name in front."""
    source = len(f":{irc.source.mask} ".encode())
    return source + max(map(len, lines)) <= MAX_MESSAGE - 2
