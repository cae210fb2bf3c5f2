"""Masks with C{*} and C{?}, as RFC 2812 (2.5) has them. Pure.

No regular expression: one with many stars goes back and forth for a long time,
and who writes a mask is a stranger. Here a star is only ever given one more
character, so the time is at most the product of both lengths.
"""

from __future__ import annotations


def matches(mask: str, text: str) -> bool:
    """Whether C{text} is one that C{mask} means; case is folded.

    @param mask: C{*} for any characters, C{?} for one.
    """
    mask, text = mask.casefold(), text.casefold()
    at = star = retry = 0
    inMask, hasStar = 0, False
    while at < len(text):
        if inMask < len(mask) and mask[inMask] == "*":
            hasStar, star, retry = True, inMask, at
            inMask += 1
        elif inMask < len(mask) and mask[inMask] in ("?", text[at]):
            inMask, at = inMask + 1, at + 1
        elif hasStar:
            retry += 1
            inMask, at = star + 1, retry
        else:
            return False
    return mask[inMask:].strip("*") == ""


def wholeMask(mask: str) -> str:
    """C{mask} as C{name!user@host}, with stars for what is left out.

    C{ann} is C{ann!*@*}, C{user@host} is C{*!user@host}, and what looks like a
    host stays a name: programs send whole masks.
    """
    name, bang, rest = mask.partition("!")
    if not bang and "@" in mask:
        name, rest = "*", mask
    user, _, host = rest.partition("@")
    return f"{name or '*'}!{user or '*'}@{host or '*'}"
