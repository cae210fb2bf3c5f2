"""A room's changes of modes in as many lines as they need. Pure.

Twenty changes with names in them may be more than one message holds (RFC 1459, 2.3),
and no name may be cut.
"""

from __future__ import annotations

from protocols.chat.room import LISTS, RANKS

# Letters that have a parameter; the others only behind a plus.
_ALWAYS = frozenset((*LISTS, *RANKS, "k"))
_WHEN_SET = frozenset("lW")


def modeLines(changes: str, most: int) -> list[str]:
    """C{changes}, such as C{+o-v ann bob}, in pieces of at most C{most} octets.

    A single change that is longer is a piece of its own.
    """
    if len(changes.encode()) <= most:
        return [changes]
    pieces: list[list[tuple[str, str]]] = [[]]
    for change in _each(changes):
        pieces[-1].append(change)
        if len(_written(pieces[-1]).encode()) > most and len(pieces[-1]) > 1:
            pieces.append([pieces[-1].pop()])
    return [_written(piece) for piece in pieces]


def _each(changes: str) -> list[tuple[str, str]]:
    """Each letter with its sign, and its parameter; empty for none."""
    letters, *parameters = changes.split(" ")
    found, sign = [], "+"
    for letter in letters:
        if letter in "+-":
            sign = letter
            continue
        wants = letter in _ALWAYS or (sign == "+" and letter in _WHEN_SET)
        found.append((sign + letter, parameters.pop(0) if wants and parameters else ""))
    return found


def _written(changes: list[tuple[str, str]]) -> str:
    letters, sign = "", ""
    for change, _ in changes:
        letters += change[1] if change[0] == sign else change
        sign = change[0]
    return " ".join([letters, *(each for _, each in changes if each)])
