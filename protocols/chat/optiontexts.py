"""What somebody has typed for an option that is a text. Pure.

Each function returns the text, or raises C{ValueError}, which says what was expected.
"""

from __future__ import annotations

import re

# Octets of a server's name (RFC 2812, 2.3.1), which is in front of all that it says;
# and characters of a network's, as long.
MAX_SERVER = 63

_SERVER = re.compile(rf"[A-Za-z0-9][A-Za-z0-9.:_-]{{0,{MAX_SERVER - 1}}}")


def filled(text: str) -> str:
    """Something: a variable of a shell that is not set must not open a door."""
    if not text:
        raise ValueError("it is empty")
    return text


def serverName(text: str) -> str:
    """A server's name as IRC clients read it."""
    if not _SERVER.fullmatch(text):
        raise ValueError(f"expected a name such as irc.example.org, not {text[:70]!r}")
    return text


def networkName(text: str) -> str:
    """A network's name: a word, for it is one in what clients are told (005)."""
    isWord = text.isprintable() and len(text.split()) == 1 and text == text.strip()
    if not isWord or len(text) > MAX_SERVER:
        raise ValueError(f"expected one word, not {text[:70]!r}")
    return text
