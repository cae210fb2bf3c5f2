"""L{protocols.smtp.waiting}."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.message import Envelope
from protocols.smtp.reading import Query, Stored
from protocols.smtp.waiting import Arrivals, NothingCameError, waitForMail

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


class Store:
    """A store on the disk: to look into it takes its time."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        self.found: list[Stored] = []

    def find(self, query: Query) -> list[Stored]:
        return [stored for stored in self.found if query.matches(stored)]


class Reactor(Clock):
    """With a thread pool in which everything waits for the test."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []

    def getThreadPool(self) -> Reactor:
        return self

    def callInThreadWithCallback(self, done: Any, function: Any, *args: Any) -> None:
        self.asked.append((done, function, args))

    def callFromThread(self, function: Any, *args: Any) -> None:
        function(*args)

    def look(self) -> None:
        done, function, args = self.asked.pop(0)
        done(True, function(*args))

    def fail(self) -> None:
        from twisted.python.failure import Failure

        self.asked.pop(0)[0](False, Failure(OSError("gone")))


class WaitTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.store, self.reactor = Store(), Reactor()
        waiting = waitForMail(self.store, Query(to="b@*"), self.reactor, 5.0)
        self.waiting: Deferred[Stored] = Deferred.fromCoroutine(waiting)

    def test_thereAlready(self) -> None:
        self.store.found = [STORED]
        self.reactor.look()
        self.assertEqual(self.successResultOf(self.waiting), STORED)
        self.assertFalse(self.store.arrivals.waiting)

    def test_comesWhileWeLook(self) -> None:
        self.store.arrivals.announce(STORED)
        self.assertNoResult(self.waiting)
        self.reactor.look()
        self.assertEqual(self.successResultOf(self.waiting), STORED)

    def test_comesLater(self) -> None:
        self.reactor.look()
        self.store.arrivals.announce(STORED)
        self.assertEqual(self.successResultOf(self.waiting), STORED)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_nothing(self) -> None:
        self.store.found = [Stored(9, Envelope("", ("c@z",)), 1, subject="other")]
        self.reactor.look()
        self.reactor.advance(5)
        self.reactor.look()
        error = self.failureResultOf(self.waiting, NothingCameError).value
        self.assertIn("<> to c@z: 'other'", str(error))
        self.assertFalse(self.store.arrivals.waiting)

    def test_canNotLook(self) -> None:
        self.reactor.fail()
        self.failureResultOf(self.waiting, OSError)
        self.assertFalse(self.store.arrivals.waiting)

    def test_givenUp(self) -> None:
        self.reactor.look()
        self.waiting.cancel()
        self.failureResultOf(self.waiting, CancelledError)
        self.assertFalse(self.store.arrivals.waiting)
