"""A room: who is in it, and what may be done there. Pure.

A door (the lines of C{nc}, IRC, a browser) is a dialect over this: it makes people,
calls their room's methods, and is handed octets to send. A posting is posted once;
L{Outbox} hands it out when the turn is over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from weakref import WeakKeyDictionary, WeakSet

from protocols.chat.events import Event, Posting, Source
from protocols.chat.history import Ring
from protocols.chat.masks import matches
from protocols.chat.names import key
from protocols.chat.outbox import Outbox
from protocols.chat.people import Person, RefusedError
from protocols.chat.speech import Speech

# Postings that a room remembers, and octets of them, and how many who joins is
# shown: a page of history is answered from memory, and a thousand rooms need at
# most 256 MiB.
HISTORY = 500
MAX_HISTORY_OCTETS = 256 * 1024
SHOWN_HISTORY = 10

# Rooms in all, rooms of a person, people in a room: far above what people need,
# and low enough that nobody can fill the memory with them (a room costs about
# 3 KiB, a membership 90 octets).
MAX_ROOMS = 1000
MAX_ROOMS_EACH = 20
MAX_MEMBERS = 10_000

# Masks in each of a room's lists; other servers have 60 to 100.
MAX_MASKS = 100

# What is said that is to be read later, and not only by programs.
REMEMBERED = frozenset(("message", "notice"))

# What a member may be, the higher first, and the sign before their name.
RANKS = {"o": "@", "v": "+"}

# The lists of masks: who may not join or speak, who may nevertheless, and who is
# invited.
LISTS = ("b", "e", "I")


@dataclass(frozen=True)
class Topic:
    """What a room is about, who said so, and when (seconds since 1970)."""

    text: str = ""
    by: str = ""
    time: float = 0.0


@dataclass
class Modes:
    """What may be done in a room.

    @ivar flags: letters as IRC has them: C{n}, only members speak; C{t}, only
        operators set the topic; C{m}, only who has a voice speaks; C{i}, only who
        is invited joins; C{s}, it is not listed; C{C}, nothing for programs;
        C{R}, only who has logged in joins; C{M}, only they speak.
    @ivar key: what who joins has to say; empty for nothing.
    @ivar limit: people; 0 for L{MAX_MEMBERS}.
    @ivar slow: seconds that a member who is nobody special waits between two
        postings; 0 for none.
    @ivar lists: for each letter the masks, who set them, and when.
    """

    flags: set[str] = field(default_factory=lambda: {"n", "t"})
    key: str = ""
    limit: int = 0
    slow: float = 0.0
    lists: dict[str, dict[str, tuple[str, float]]] = field(default_factory=dict)


class Room:
    """A room.

    @param name: with its C{#}.
    @param soon: has a function called when the reactor's turn is over.
    @param created: when, in seconds since 1970.
    @param since: the number of the last posting that this room may have had
        before, and that only a store remembers.
    @ivar members: who is in it, by the key of their name.
    @ivar moves: is another number when members are others than before, or called
        otherwise, but for those who have come.
    @ivar ranks: letters of L{RANKS}, of those who have any.
    @ivar founder: the account of who made it and keeps order there; may be empty.
    @ivar isKept: it is there even if nobody is in it.
    @ivar spoke: when members said something, in a slow room.
    @ivar invited: who may join though it is closed.
    @ivar history: the last postings.
    @ivar metadata: what it says about itself, for programs.
    """

    metadata: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        name: str,
        soon: Callable[[Callable[[], None]], None],
        created: float = 0,
        since: int = 0,
    ) -> None:
        self.name = name
        self.created = created
        self.members: dict[str, Person] = {}
        self.moves = 0
        self.ranks: dict[Person, str] = {}
        self.invited: WeakSet[Person] = WeakSet()
        self.spoke: WeakKeyDictionary[Person, float] = WeakKeyDictionary()
        self.founder = ""
        self.isKept = False
        self.topic = Topic()
        self.modes = Modes()
        self.history = Ring(HISTORY, MAX_HISTORY_OCTETS, since)
        self.outbox = Outbox(name, soon, self.members)

    def enter(self, person: Person) -> None:
        """C{person} joins; what is said from now on is for them too.

        What others have to be told first is not for them.
        """
        if len(self.members) >= MAX_MEMBERS:
            raise RefusedError(f"{self.name} is full", "full", self.name)
        self.outbox.came(person)
        self.members[key(person.name)] = person

    def leave(
        self,
        person: Person,
        reason: str = "left",
        parting: str = "",
        isQuit: bool = False,
        without: Collection[Person] = (),
    ) -> None:
        """C{person} goes; who comes back has no rank any more, and all see that."""
        hadRank = person in self.ranks
        self.remove(person)
        self.outbox.went(person, reason, parting, isQuit, without)
        if hadRank and not isQuit:
            self.flush()

    def remove(self, person: Person) -> None:
        """C{person} is in it no more; nobody is told."""
        del self.members[key(person.name)]
        self.moves += 1
        self.ranks.pop(person, None)
        self.spoke.pop(person, None)

    def renamed(self, person: Person, new: str, without: Collection[Person]) -> None:
        """C{person} has another name from now on."""
        del self.members[key(person.name)]
        self.members[key(new)] = person
        self.outbox.renamed(person, new, without)

    def post(self, event: Event, sender: Person | None = None) -> None:
        """Tell everybody but C{sender}, who knows it already."""
        self.outbox.post(event, () if sender is None else (sender,))
        if isinstance(event, Posting):
            if event.id and event.kind in REMEMBERED:
                self.history.append(event)
        elif isinstance(event, Speech):
            self.history.append(event)
        else:
            self.happened(event)

    def happened(self, event: Event) -> None:
        """Something has happened that is no word; L{Chronicle} keeps it."""

    def flush(self) -> None:
        """Hand out what waits."""
        self.outbox.flush()

    @property
    def hasWords(self) -> bool:
        """Whether something said waits to be handed out."""
        return self.outbox.hasWords

    def signs(self, person: Person) -> str:
        """What stands before a member's name, the highest sign first."""
        ranks = self.ranks.get(person, "")
        return "".join(sign for rank, sign in RANKS.items() if rank in ranks)

    def hasRank(self, person: Person, rank: str) -> bool:
        """Whether C{person} is that, here."""
        return rank in self.ranks.get(person, "")

    def setRank(self, person: Person, rank: str, on: bool) -> bool:
        """Make C{person} that, or no longer; whether it made a difference."""
        if self.hasRank(person, rank) == on:
            return False
        ranks = self.ranks.pop(person, "").replace(rank, "")
        if ranks := ranks + rank if on else ranks:
            self.ranks[person] = ranks
        return True

    def lists(self, letter: str, source: Source) -> bool:
        """Whether one of a list's masks means C{source}.

        C{$a:} stands before the mask of an account.
        """
        return any(isMeant(mask, source) for mask in self.modes.lists.get(letter, ()))


def isMeant(mask: str, source: Source) -> bool:
    """Whether a mask of a room's lists means C{source}."""
    if mask.startswith("$a:"):
        return bool(source.account) and matches(mask[3:], source.account)
    if matches(mask, source.mask):
        return True
    origin = f"{source.name}!{source.user}@{source.origin}"
    return bool(source.origin) and matches(mask, origin)
