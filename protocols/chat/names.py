"""Names of people and rooms: which may be, and which are the same. Pure.

Two names that a reader can't tell apart must not belong to two people. So names
are compared by a key: Unicode's compatibility form and case folding (UAX 15 and
section 3.13 of the Unicode standard), then each letter that looks like a Latin
one is taken for that one (after the idea of UTS 39's skeleton, with a table for
the scripts that are confused most). What can't be seen at all, or changes what
stands around it, is refused.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Long enough for people, short enough for a line: IRC servers have 16 to 32. In
# octets it is so much that the longest message of IRC with three names, a KICK with
# its reason, stays below 512.
MAX_NAME = 32
MAX_NAME_OCTETS = 48

# Marks on one letter: Vietnamese and Thai have two, Hebrew three; with more of them
# a name covers the lines above and below.
MAX_MARKS = 3

# Names whose keys are remembered: those of a busy chat, in about 1 MiB.
MAX_KNOWN = 4096

# Names that claim to be somebody, are services' on other networks, or stand for
# somebody in what the line door says ("[you to bob]").
RESERVED = frozenset(
    (
        *("admin", "administrator", "botserv", "chanserv", "everyone", "global"),
        *("help", "hostserv", "infoserv", "memoserv", "moderator", "nickserv"),
        *("nobody", "operator", "operserv", "owner", "root", "saslserv", "security"),
        *("server", "service", "services", "staff", "support", "sysop", "system"),
        "you",
    )
)

# First characters that mean something to this door or to IRC's.
_NOT_FIRST = frozenset("#&@+%~:*/!$-")
_NEVER = frozenset(" ,*?!@\"'<>()\ufffd")
_CALLED = {" ": "a space", ",": "a comma", "\ufffd": "octets that are no UTF-8"}

# Names of servers have a dot, and those of people have none (RFC 2812, 2.3.1).
_OF_SERVERS = "."

# Cyrillic, Greek and Armenian small letters, and digits, and below each what it
# looks like.
_LOOKS_LIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝӏвкмнтгьαβγεηικνορστυχωօսհոցı01",
    "aeopcyxijsdhqwlbkmhtrbabyenikvopotuxwouhngiol",
)
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"))

# Letters, marks and a symbol that show nothing either (DerivedCoreProperties.txt,
# Default_Ignorable_Code_Point, as far as they are in no category above; and the
# Braille pattern without a dot).
_BLANK = frozenset(
    map(
        chr,
        (
            *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
            *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10)),
            *range(0xE0100, 0xE01F0),
        ),
    )
)


class NameRefusedError(ValueError):
    """A name that can't be; the message says why, to its owner."""


def _isSeen(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character) not in _UNSEEN


def key(name: str) -> str:
    """What two names have in common if they can't be told apart."""
    return _knownKey(name) if len(name) <= MAX_NAME + 1 else _key(name)


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    folded = unicodedata.normalize("NFKC", folded)
    visible = "".join(filter(_isSeen, folded))
    found = unicodedata.normalize("NFKC", visible.translate(_LOOKS_LIKE))
    return name if found == name else found


# The same few names are looked up for each thing that is said.
_knownKey = lru_cache(maxsize=MAX_KNOWN)(_key)


_RESERVED_KEYS = frozenset(map(key, RESERVED))


def checkName(name: str) -> str:
    """A person's name, in its composed form (NFC).

    @raise NameRefusedError: it can't be one.
    """
    name = unicodedata.normalize("NFC", name)
    if not name:
        raise NameRefusedError("a name has at least one character")
    _check(name)
    if _OF_SERVERS in name:
        raise NameRefusedError("a name does not contain a dot")
    if name[0] in _NOT_FIRST:
        raise NameRefusedError(f"a name does not begin with {name[0]}")
    if key(name) in _RESERVED_KEYS:
        raise NameRefusedError("that name is reserved")
    return name


def checkRoom(name: str) -> str:
    """A room's name, with the C{#} that it begins with.

    @param name: with or without it.
    @raise NameRefusedError: it can't be one.
    """
    name = unicodedata.normalize("NFC", name.removeprefix("#"))
    if not name:
        raise NameRefusedError("a room has a name, such as #lobby")
    _check(name)
    return f"#{name}"


def _check(name: str) -> None:
    if len(name) > MAX_NAME:
        raise NameRefusedError(f"a name has at most {MAX_NAME} characters")
    for character in name:
        _checkCharacter(character)
    if len(name.encode()) > MAX_NAME_OCTETS:
        text = f"that name is too long: {MAX_NAME_OCTETS} octets are the most"
        raise NameRefusedError(text)
    _checkMarks(name)
    if unicodedata.category(name[0]).startswith("M") or not key(name):
        raise NameRefusedError("a name begins with a letter, a digit or a sign")


def _checkCharacter(character: str) -> None:
    if character in _NEVER:
        shown = _CALLED.get(character, f"the sign {character}")
        raise NameRefusedError(f"a name does not contain {shown}")
    if not _isSeen(character):
        raise NameRefusedError("a name has no invisible characters")


def _checkMarks(name: str) -> None:
    if name.isascii():
        return
    row = 0
    for character in unicodedata.normalize("NFD", name):
        row = row + 1 if unicodedata.category(character)[0] == "M" else 0
        if row > MAX_MARKS:
            raise NameRefusedError(f"a letter has at most {MAX_MARKS} marks")
