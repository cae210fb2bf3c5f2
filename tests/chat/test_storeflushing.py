"""L{protocols.chat.storeflushing}: when what is appended is written."""

from __future__ import annotations

from protocols.chat.spans import Span
from protocols.chat.storeflushing import (
    FLUSH_AFTER,
    MAX_BATCH,
)
from protocols.chat.storeinterface import Account, StoreError
from tests.chat.storefiles import FileTestCase
from tests.chat.stores import (
    ids,
    outcome,
    posting,
)


class WhenTests(FileTestCase):
    def test_together(self) -> None:
        """Nothing is written for each; all is after a twentieth of a second."""
        store = self.open()
        for number in range(1, 11):
            store.append(posting(number))
            self.clock.advance(FLUSH_AFTER / 20)
        self.assertEqual(self.written(), [])
        self.clock.advance(FLUSH_AFTER / 2)
        self.assertEqual(self.written(), list(range(1, 11)))
        store.append(posting(11))
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(self.written()[-1], 11)

    def test_manyAreNotWaitedFor(self) -> None:
        store = self.open()
        for number in range(1, 2 * MAX_BATCH + 2):
            store.append(posting(number))
        self.clock.advance(0)
        self.assertEqual(len(self.written()), 2 * MAX_BATCH)
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(len(self.written()), 2 * MAX_BATCH + 1)

    def test_whileItIsWritten(self) -> None:
        """Nothing that is appended then is overlooked, or seen twice."""
        store = self.open()
        store.append(posting(1))
        self.clock.isSlow = True
        first = store.flush()
        store.append(posting(2))
        second, nothingMore = store.flush(), store.flush()
        page = store.page("#a", Span.latest(9))
        self.assertNoResult(first)
        self.clock.doWork()
        self.assertEqual(outcome(first), None)
        self.assertEqual([outcome(second), outcome(nothingMore)], [None] * 2)
        self.assertEqual(ids(outcome(page)), [1, 2])
        self.assertEqual(self.written(), [1, 2])

    def test_flushOfWhatIsUnderWay(self) -> None:
        store = self.open()
        store.append(posting(1))
        self.clock.isSlow = True
        both = store.flush(), store.flush()
        self.assertNoResult(both[1])
        self.clock.doWork()
        self.assertEqual(list(map(outcome, both)), [None, None])
        self.assertEqual(outcome(store.flush()), None)

    def test_closeWritesEverything(self) -> None:
        store = self.open()
        for number in range(1, MAX_BATCH + 3):
            store.append(posting(number))
        outcome(store.close())
        self.assertEqual(len(self.written()), MAX_BATCH + 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        store.append(posting(99_999))
        store.setReadMarker("ann", "#a", 1.0)
        store.saveRoom("#a", {})
        store.redact(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        for refused in (
            store.flush(),
            store.page("#a", Span.latest(1)),
            store.search(["#a"], "hello"),
            store.addAccount(Account("ann", "x"), 1),
        ):
            self.assertRaises(StoreError, outcome, refused)

    def test_closeWaitsForThreads(self) -> None:
        store = self.open()
        self.clock.isSlow = True
        page = store.page("#a", Span.latest(9))
        store.append(posting(1))
        both = store.close(), store.close()
        self.assertNoResult(both[0])
        self.clock.doWork()
        self.assertEqual(list(map(outcome, both)), [None, None])
        self.assertEqual(outcome(page), [])
