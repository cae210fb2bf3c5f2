"""The words that are looked for, in SQLite's index and in memory. Pure.

Both take letters and digits for words, and anything else for what is between
them; case and diacritics are nothing (SQLite, "FTS5 Extension", 4.3.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Words of a search, and characters of one: more than anybody remembers of what
# was said, and few enough that a search takes some milliseconds.
MAX_WORDS = 16
MAX_WORD = 64

# Rooms that are searched at once: all that one person may be in, and as many
# again of private conversations.
MAX_ROOMS = 100

_WORD = re.compile(r"[^\W_]+")


def wordsIn(words: str) -> list[str]:
    """What somebody has typed, word by word, without those that have no letters."""
    found = (word[:MAX_WORD] for word in words.split())
    return [word for word in found if _WORD.search(word)][:MAX_WORDS]


def matchFor(targets: Iterable[int], words: Iterable[str]) -> str:
    """What SQLite is asked for.

    All words are quoted, so that nothing in them means anything (FTS5, 3.1).
    """
    where = " OR ".join(f'"{target}"' for target in targets)
    what = " ".join('"' + word.replace('"', '""') + '"' for word in words)
    return f"{{target}} : ({where}) AND {{text}} : ({what})".replace("\0", " ")


def tokensOf(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def has(text: str, words: Iterable[str]) -> bool:
    """Whether a text has all the words; the parts of one stand next to each other."""
    tokens = tokensOf(text)
    return all(_stands(tokensOf(word), tokens) for word in words)


def _stands(wanted: list[str], tokens: list[str]) -> bool:
    last = len(tokens) - len(wanted)
    return any(
        tokens[place : place + len(wanted)] == wanted for place in range(last + 1)
    )
