"""What a client may ask for beyond RFC 1459 (IRCv3). Pure."""

from __future__ import annotations

# Each, and what it changes:
CAPABILITIES = (
    "account-notify",  # who logs in or out
    "account-tag",  # the sender's account, with each message
    "away-notify",  # who goes away
    "batch",  # what belongs together
    "cap-notify",  # later changes of this list (there are none)
    "chghost",  # who has another host
    "draft/account-registration",  # REGISTER
    "draft/chathistory",  # CHATHISTORY
    "draft/event-playback",  # comings and goings in it (none are kept)
    "draft/message-redaction",  # REDACT
    "draft/read-marker",  # MARKREAD
    "echo-message",  # one's own words
    "extended-join",  # the account of who joins
    "extended-monitor",  # the same of those who are watched for
    "invite-notify",  # who was asked in
    "labeled-response",  # which answer is for what
    "message-tags",  # tags, also of other clients
    "multi-prefix",  # all ranks of a member
    "sasl",  # logging in while connecting
    "server-time",  # when it was said
    "setname",  # who has another real name
    "soju.im/search",  # SEARCH
    "standard-replies",  # FAIL, WARN and NOTE
    "userhost-in-names",  # whole masks in NAMES
)

# Those by which what is told in rooms differs; the rest concern single answers.
IN_ROOMS = frozenset(
    (
        *("account-notify", "account-tag", "away-notify", "chghost"),
        *("draft/message-redaction", "extended-join", "invite-notify"),
        *("message-tags", "server-time", "setname"),
    )
)

# From this version of CAP on, capabilities have values (cap-3.2).
WITH_VALUES = 302


def listed(names: dict[str, str], version: int) -> list[str]:
    """Capabilities as CAP LS writes them."""
    if version < WITH_VALUES:
        return list(names)
    return [f"{name}={value}" if value else name for name, value in names.items()]


def inLines(words: list[str], most: int = 400) -> list[str]:
    """Words in lines of at most so many octets; at least one line."""
    lines = [""]
    length = 0
    for word in words:
        size = len(word) if word.isascii() else len(word.encode())
        if lines[-1] and length + size >= most:
            lines.append("")
            length = 0
        length += size + 1 if lines[-1] else size
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
