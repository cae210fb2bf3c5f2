"""A message of several lines, as clients have it (IRCv3's multiline). Pure."""

from __future__ import annotations

from protocols.chat.irc.wire import MAX_MESSAGE, pieces
from protocols.chat.text import JOINED

# The least room for words in a line, should the names around them be very long.
MIN_ROOM = 64


def linesOf(text: str, room: int) -> list[tuple[str, bool]]:
    """The lines of C{text}, and whether each goes on with the one before it.

    @param text: with C{\\n} between lines; a L{JOINED} behind it says that the
        next one goes on.
    @param room: octets that a line may have; what is longer becomes several.
    """
    found: list[tuple[str, bool]] = []
    for line in text.split("\n"):
        isJoined = line.startswith(JOINED)
        for piece in pieces(line.removeprefix(JOINED), max(room, MIN_ROOM)):
            found.append((piece, isJoined))
            isJoined = True
    return found


def asBatch(head: str, text: str, tags: str, name: str, server: str) -> str:
    """All lines as one batch.

    @param head: C{:source PRIVMSG target :}.
    @param tags: of the whole message.
    @param name: of the batch; of all that a client has open, it is unique.
    """
    source, _, rest = head.partition(" ")
    target = rest.split(" ")[1]
    lines = [f"{tags}{source} BATCH +{name} draft/multiline {target}\r\n"]
    for line, isJoined in linesOf(text, MAX_MESSAGE - 2 - len(head.encode())):
        more = ";draft/multiline-concat" if isJoined else ""
        lines.append(f"@batch={name}{more} {head}{line}\r\n")
    lines.append(f":{server} BATCH -{name}\r\n")
    return "".join(lines)


def oneByOne(head: str, text: str, first: str, others: str) -> str:
    """The same for clients that do not know such batches; nothing for blank lines.

    @param first: the tags of the first message, and of the others.
    """
    lines: list[str] = []
    for line, _ in linesOf(text, MAX_MESSAGE - 2 - len(head.encode())):
        if line:
            tags = others if lines else first
            lines.append(f"{tags}{head}{line}\r\n")
    return "".join(lines)
