"""What a client may ask for beyond RFC 1459 (IRCv3). Pure."""

from __future__ import annotations

from functools import lru_cache

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
    "draft/event-playback",  # what happened there, besides what was said
    "draft/extended-isupport",  # ISUPPORT
    "draft/message-redaction",  # REDACT
    "draft/metadata-3",  # METADATA
    "draft/multiline",  # messages of several lines
    "draft/pre-away",  # AWAY before one is there
    "draft/read-marker",  # MARKREAD
    "echo-message",  # one's own words
    "extended-join",  # the account of who joins
    "extended-monitor",  # the same of those who are watched for
    "invite-notify",  # who was asked in
    "labeled-response",  # which answer is for what
    "message-tags",  # tags, also of other clients
    "multi-prefix",  # all ranks of a member
    "no-implicit-names",  # no NAMES but those that one asks for
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
        *("draft/message-redaction", "draft/multiline"),
        *("extended-join", "invite-notify"),
        *("message-tags", "server-time", "setname"),
    )
)


# Sets that are remembered: programs ask for what they know, and so for few.
SETS = 1024


@lru_cache(maxsize=SETS)
def shared(capabilities: frozenset[str]) -> frozenset[str]:
    """The same set for all clients that have asked for the same: it has 0.5 KiB."""
    return capabilities


def inRooms(capabilities: frozenset[str]) -> frozenset[str]:
    """Those of a client by which what it is told in rooms differs.

    Without C{batch} it has messages of several lines one by one (multiline,
    "Dependencies").
    """
    found = capabilities & IN_ROOMS
    return found if "batch" in capabilities else found - {"draft/multiline"}


# From this version of CAP on, capabilities have values (cap-3.2).
WITH_VALUES = 302


def listed(names: dict[str, str], version: int) -> list[str]:
    """Capabilities as CAP LS writes them."""
    if version < WITH_VALUES:
        return list(names)
    return [f"{name}={value}" if value else name for name, value in names.items()]


def inLines(words: list[str], most: int = 400) -> list[str]:
    """Words, which have no spaces, in lines of fewer octets; at least one line."""
    octets = " ".join(words).encode()
    lines: list[str] = []
    begin = 0
    while len(octets) - begin >= most:
        end = octets.rfind(b" ", begin, begin + most)
        end = octets.find(b" ", begin) if end < 0 else end
        if end < 0:
            break
        lines.append(octets[begin:end].decode())
        begin = end + 1
    lines.append(octets[begin:].decode())
    return lines
