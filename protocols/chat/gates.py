"""Whose private words somebody wants to hear. Pure.

Who has not asked for anything of this has no L{Gate}, and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

from protocols.chat.people import RefusedError
from protocols.chat.room import isMeant

if TYPE_CHECKING:
    from protocols.chat.people import Person

# Masks of who is not heard, and people who are heard all the same; others have 15
# to 32.
MAX_SILENCED = 32
MAX_ACCEPTED = 100


class Gate:
    """What somebody lets through.

    @ivar onlyAccounts: only those who have logged in.
    @ivar silenced: masks of those who are not heard, whatever they are.
    @ivar accepted: who may say something without having logged in.
    """

    def __init__(self) -> None:
        self.onlyAccounts = False
        self.silenced: list[str] = []
        self.accepted: WeakSet[Person] = WeakSet()

    def hears(self, person: Person) -> bool:
        """Whether what C{person} says is heard; if not, they need not know it."""
        source = person.source
        return not any(isMeant(mask, source) for mask in self.silenced)

    def admits(self, person: Person) -> bool:
        """Whether C{person} may say anything."""
        isKnown = bool(person.account) or person.isOperator or person in self.accepted
        return isKnown or not self.onlyAccounts

    def answers(self, person: Person) -> None:
        """Who is spoken to may answer."""
        if self.onlyAccounts and len(self.accepted) < MAX_ACCEPTED:
            self.accepted.add(person)


def isHeard(person: Person, other: Person) -> bool:
    """Whether C{other} hears what C{person} says to them."""
    gate = other.gate
    return gate is None or (gate.admits(person) and gate.hears(person))


def passes(person: Person, other: Person) -> bool:
    """Whether C{other} hears what C{person} says to them.

    @raise RefusedError: they have to log in first.
    """
    if person.gate is not None:
        person.gate.answers(other)
    gate = other.gate
    if gate is not None and not gate.admits(person):
        text = f"only who has logged in may write to {other.name}"
        raise RefusedError(text, "stranger", other.name)
    return gate is None or gate.hears(person)
