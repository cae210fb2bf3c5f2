"""Many who come at once: what a large room is told of them, and when."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import Lobby
from protocols.chat.events import Posting
from protocols.chat.outbox import FEW, PACE
from tests.chat.test_room import Somebody


class PaceTests(SynchronousTestCase):
    """Comings and goings in a room with a few more than L{FEW}."""

    def setUp(self) -> None:
        self.now = 1000.0
        self.due: list[Callable[[], None]] = []
        self.waiting: list[tuple[float, Callable[[], None]]] = []
        self.lobby = Lobby(self.due.append, lambda: self.now)
        self.lobby.later = lambda wait, call: self.waiting.append((wait, call))
        self.first = self.enter("first")
        for number in range(FEW):
            self.enter(f"n{number}")
        self.turn()

    def enter(self, name: str) -> Somebody:
        somebody = Somebody(name)
        self.lobby.claim(name, somebody)
        self.lobby.join(somebody, "#tea")
        return somebody

    def turn(self) -> None:
        due, self.due[:] = list(self.due), []
        for call in due:
            call()
        self.first.got, self.got = [], b"".join(self.first.got).decode()

    def elapse(self) -> None:
        """The time that was asked for passes."""
        (wait, call), *self.waiting = self.waiting
        self.now += wait
        call()

    def test_toldTogether(self) -> None:
        """Of all that happens within a while they are told once."""
        for name in ("ann", "bob"):
            self.enter(name)
            self.turn()
            self.assertEqual(self.got, "")
        self.elapse()
        self.turn()
        self.assertEqual(self.got, "#tea * ann, bob joined\r\n")
        self.assertEqual(self.waiting, [])

    def test_atOnceAfterAPause(self) -> None:
        self.now += PACE * (FEW + 2)
        self.enter("ann")
        self.turn()
        self.assertEqual(self.got, "#tea * ann joined\r\n")

    def test_wordsDoNotWait(self) -> None:
        """What is said comes in its turn, behind who has come before it."""
        ann = self.enter("ann")
        self.lobby.rooms["#tea"].post(Posting("#tea", "hi", "ann"), ann)
        self.turn()
        self.assertEqual(self.got, "#tea * ann joined\r\n#tea <ann> hi\r\n")
        self.elapse()
        self.turn()
        self.assertEqual(self.got, "")

    def test_noLongerThanThePace(self) -> None:
        """Whatever the clock on the wall has been set to."""
        self.now -= 3600
        self.enter("ann")
        ((wait, _),) = self.waiting
        self.assertEqual(wait, PACE * (FEW + 1))

    def test_cameAndWent(self) -> None:
        """Who has gone before they were told of is not told of."""
        self.lobby.depart(self.enter("ann"), "left")
        self.elapse()
        self.turn()
        self.assertEqual(self.got, "")
