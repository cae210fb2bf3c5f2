"""L{protocols.smtp.waiting}."""

from __future__ import annotations

from twisted.internet.defer import CancelledError
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.message import Envelope
from protocols.smtp.reading import Query, Stored
from protocols.smtp.waiting import Arrivals

STORED = Stored(1, Envelope("a@x", ("b@y",)), 10, subject="hello")


class ArrivalTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.arrivals = Arrivals()

    def test_onlyWhatIsMeant(self) -> None:
        meant = self.arrivals.waitFor(Query(to="b@*"))
        other = self.arrivals.waitFor(Query(to="c@*"))
        self.arrivals.announce(STORED)
        self.assertEqual(self.successResultOf(meant), STORED)
        self.assertNoResult(other)
        self.assertTrue(self.arrivals.waiting)
        other.cancel()
        self.failureResultOf(other, CancelledError)
        self.assertFalse(self.arrivals.waiting)

    def test_everybodyWhoWaits(self) -> None:
        waiting = [self.arrivals.waitFor(Query()) for _ in range(3)]
        self.arrivals.announce(STORED)
        self.assertEqual([self.successResultOf(each) for each in waiting], [STORED] * 3)
        self.arrivals.announce(STORED)

    def test_toWaitAgainAtOnce(self) -> None:
        again: list[object] = []
        first = self.arrivals.waitFor(Query())
        first.addCallback(lambda _: again.append(self.arrivals.waitFor(Query())))
        self.arrivals.announce(STORED)
        self.assertEqual((len(again), self.arrivals.waiting), (1, True))
