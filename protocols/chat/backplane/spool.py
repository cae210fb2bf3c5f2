"""What this node has published and has not seen come back. Pure.

It is bounded: should the backplane be away for long, what was said first is dropped,
and each room is told how much is missing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocols.chat.backplane.interface import Note
from protocols.chat.backplane.words import Draft
from protocols.chat.storespool import Gap

# Messages and octets that wait: a crowd types some hundred a second, so minutes.
MAX_MESSAGES = 10_000
MAX_OCTETS = 8 * 1024 * 1024

# Rooms of which it is known how much is missing, in one outage.
MAX_GAPS = 1000


@dataclass(eq=False)
class Waiting:
    """A message that has not come back so far.

    @ivar draft: what was said, if it is that. All else is state, which is
        published anew when the backplane is back.
    @ivar sender: who said it, and to whom if not to a room, as nodes call them.
    @ivar isSent: it is under way.
    @ivar isTold: those in this process know it already.
    """

    serial: int
    room: str
    message: bytes
    notes: Sequence[Note] = ()
    draft: Draft | None = None
    isSent: bool = False
    isTold: bool = False
    sender: str = ""
    target: str = ""


class BusSpool:
    """Keeps messages in the order of their serials.

    Words are bounded; all else is only kept while the backplane answers, which it
    does within seconds or is lost.

    @param most: words that wait.
    @param maxOctets: octets of them.
    @ivar gaps: what was dropped of what was said, by room, with the serial of the
        last of it.
    """

    def __init__(self, most: int = MAX_MESSAGES, maxOctets: int = MAX_OCTETS) -> None:
        self._most = most
        self._maxOctets = maxOctets
        self._octets = 0
        self._waiting: OrderedDict[int, Waiting] = OrderedDict()
        self._unsent: OrderedDict[int, Waiting] = OrderedDict()
        self._words: OrderedDict[int, Waiting] = OrderedDict()
        self.serial = 0
        self.gaps: dict[str, tuple[int, Gap]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Waiting]:
        """All that wait, the oldest first."""
        return iter(list(self._waiting.values()))

    @property
    def underWay(self) -> int:
        """How many are sent and have not come back."""
        return len(self._waiting) - len(self._unsent)

    def nextSerial(self) -> int:
        """What the next message is to be called."""
        self.serial += 1
        return self.serial

    def add(self, waiting: Waiting) -> None:
        """Keep one, and drop the oldest words if they are too many."""
        self._waiting[waiting.serial] = self._unsent[waiting.serial] = waiting
        if waiting.draft is None:
            return
        self._words[waiting.serial] = waiting
        self._octets += len(waiting.message)
        while len(self._words) > self._most or self._octets > self._maxOctets:
            self._drop(next(iter(self._words.values())))

    def came(self, serial: int) -> Waiting | None:
        """One has come back."""
        waiting = self._waiting.pop(serial, None)
        if waiting is not None:
            self._unsent.pop(serial, None)
            if self._words.pop(serial, None) is not None:
                self._octets -= len(waiting.message)
        return waiting

    def takeUnsent(self, most: int) -> list[Waiting]:
        """The next ones to be sent, the oldest first; they count as sent."""
        taken: list[Waiting] = []
        while self._unsent and len(taken) < most:
            _, waiting = self._unsent.popitem(last=False)
            waiting.isSent = True
            taken.append(waiting)
        return taken

    def lost(self) -> None:
        """Nobody knows what has arrived: words are sent again, all else is not."""
        for waiting in self:
            if waiting.draft is None:
                self.came(waiting.serial)
            waiting.isSent = False
        self._unsent = OrderedDict(self._waiting)

    def takeGaps(self) -> list[tuple[int, Gap]]:
        """What is missing, in the order of the serials; it counts as told."""
        gaps, self.gaps = self.gaps, {}
        return sorted(gaps.values(), key=lambda gap: gap[0])

    def addFirst(self, waiting: list[Waiting]) -> None:
        """Have some be sent before all others; their serials are lower."""
        first = {each.serial: each for each in waiting}
        self._waiting = OrderedDict({**first, **self._waiting})
        self._unsent = OrderedDict({**first, **self._unsent})

    def _drop(self, waiting: Waiting) -> None:
        self.came(waiting.serial)
        draft = waiting.draft
        isRoom = draft is not None and draft.room.startswith("#")
        if draft is None or not isRoom or waiting.isSent:
            return
        before = self.gaps.get(draft.room)
        if before is not None or len(self.gaps) < MAX_GAPS:
            count = before[1].count if before is not None else 0
            self.gaps[draft.room] = waiting.serial, Gap(draft, count + 1)
