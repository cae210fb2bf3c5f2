"""Options of C{twistd chat}: their names, defaults, help, and how each is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.python import usage

from protocols.chat.hosts import hostsOf
from protocols.chat.irc.factory import CLIENT_BURST, CLIENT_RATE
from protocols.chat.irc.strictness import StrictTransport
from protocols.chat.optiontexts import filled, networkName, serverName
from protocols.chat.storeretention import MAX_MESSAGES
from protocols.chat.text import readable
from protocols.options import Number


def _reading(name: str, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """How an option is read, which is named if it can't be."""

    def coerce(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise usage.UsageError(f"--{name}: {error}") from None

    return coerce


ROOMS: list[list[Any]] = [
    ["greeting", None, "Welcome.", "The first line that somebody is told."],
    ["room", None, "#lobby", "The room that everybody enters first."],
]
KEPT: list[list[Any]] = [
    [
        "store",
        None,
        "memory",
        "Where what is said is kept: 'memory', or the path of an SQLite file.",
        _reading("store", filled),
    ],
    [
        "keep-days",
        None,
        0.0,
        "Days that what was said is kept; 0 for ever.",
        Number("keep-days", "days", 0, whole=False),
    ],
    [
        "keep-messages",
        None,
        MAX_MESSAGES,
        "Messages that are kept, the newest; 0 for all.",
        Number("keep-messages", "messages", 0),
    ],
    [
        "auth",
        None,
        None,
        "A file of accounts and passwords; else everybody can make one.",
        _reading("auth", filled),
    ],
    [
        "operators",
        None,
        None,
        "A file of names and passwords of who keeps order.",
        _reading("operators", filled),
    ],
    [
        "audit",
        None,
        None,
        "A file where acts of operators are written down.",
        _reading("audit", filled),
    ],
    [
        "hosts",
        None,
        "account",
        "The host of who has logged in, for others: their account's, or address's.",
        _reading("hosts", hostsOf),
    ],
    [
        "backplane",
        None,
        None,
        "Where processes meet that are one chat: redis[s]://host:port/db or unix:PATH.",
        _reading("backplane", filled),
    ],
]
IRC: list[list[Any]] = [
    [
        "server-name",
        None,
        "irc.localhost",
        "The name that the IRC door has.",
        _reading("server-name", serverName),
    ],
    [
        "network",
        None,
        "protocols",
        "The name of it all, for IRC clients.",
        _reading("network", networkName),
    ],
    [
        "description",
        None,
        "a chat with many doors",
        "The server in a few words, for IRC clients.",
        lambda text: readable(text.encode()),
    ],
    ["motd", None, None, "A file with the message of the day for IRC clients."],
    [
        "password",
        None,
        None,
        "What every IRC client has to say (PASS).",
        _reading("password", filled),
    ],
    ["webirc-password", None, None, "What gateways say (WEBIRC)."],
    [
        "sts",
        None,
        None,
        "PORT[,DAYS]: IRC clients are to come by TLS only, there, and for so long.",
        _reading("sts", StrictTransport.of),
    ],
    [
        "line-rate",
        None,
        CLIENT_RATE,
        "Lines a second of an IRC client, in the long run.",
        Number("line-rate", "lines a second", 1),
    ],
    [
        "line-burst",
        None,
        CLIENT_BURST,
        "Lines at once of an IRC client.",
        Number("line-burst", "lines", 1),
    ],
]
