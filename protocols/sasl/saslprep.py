"""SASLprep (RFC 4013): one spelling for names and passwords that look alike. Pure.

Two deviations, both towards letting people in: code points that Unicode 3.2 does
not know are let through in stored passwords as well as in those that are sent
(section 2.5), because people write passwords with newer letters; and plain ASCII
takes a short way, for which the tables have nothing to say.
"""

from __future__ import annotations

import stringprep
from unicodedata import ucd_3_2_0

# Code points of a name or password that is not ASCII: composition makes up to 18
# of one, and checking one takes about a microsecond, so the worst take 4 ms.
MAX_TEXT = 256

# Section 2.3.
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


class PreparationError(ValueError):
    """A text can't be prepared; the text is not in the message."""


def prepare(text: str) -> str:
    """A name or a password as it is compared.

    @raise PreparationError: it is empty or becomes so, has code points that may
        not be there, or is not ASCII and longer than L{MAX_TEXT} code points.
    """
    if len(text) > MAX_TEXT and not text.isascii():
        raise PreparationError("a name or password is too long")
    prepared = text if text.isascii() else _normalize(text)
    if not prepared:
        raise PreparationError("a name or password is empty")
    if not (prepared.isascii() and prepared.isprintable()):
        _check(prepared)
    return prepared


def prepared(octets: bytes) -> str | None:
    """The prepared text of some UTF-8; C{None} if it can't be had."""
    try:
        return prepare(octets.decode("utf-8"))
    except ValueError:
        return None


def _normalize(text: str) -> str:
    """Sections 2.1 and 2.2."""
    kept = (c for c in text if not stringprep.in_table_b1(c))
    mapped = (" " if stringprep.in_table_c12(c) else c for c in kept)
    return ucd_3_2_0.normalize("NFKC", "".join(mapped))


def _check(text: str) -> None:
    for prohibited in _PROHIBITED:
        if any(map(prohibited, text)):
            raise PreparationError("a character may not be in a name or password")
    # Section 2.4, which is RFC 3454, section 6.
    if any(map(stringprep.in_table_d1, text)) and (
        any(map(stringprep.in_table_d2, text))
        or not stringprep.in_table_d1(text[0])
        or not stringprep.in_table_d1(text[-1])
    ):
        raise PreparationError("both directions of writing are in one text")
