"""L{protocols.chat.store} and L{protocols.chat.storememory}: the same for both."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import Posting
from protocols.chat.spans import MAX_ID, MAX_PAGE, Moment, Span
from protocols.chat.storeinterface import targetOf
from protocols.chat.storememory import MAX_TARGETS, MemoryStore
from tests.chat.stores import (
    NOW,
    ThreadClock,
    ids,
    openStore,
    outcome,
    pathFor,
    posting,
)
from tests.chat.test_spans import TIMES, expected, spans

EVERYTHING = Posting(
    "#a",
    "h\u00e9llo \U0001f600 \x02bold\x02",
    "ann",
    True,
    7,
    NOW + 0.123,
    "notice",
    "Ann",
    "ann@host.example",
    "+typing=active;+draft/reply=6",
)


class TargetTests(SynchronousTestCase):
    def test_targets(self) -> None:
        """Rooms are found as the lobby finds them; what is no room, literally."""
        self.assertEqual(targetOf("#L\u043ebby"), targetOf("#lobby"))
        self.assertNotEqual(targetOf("Ann\0Bob"), targetOf("ann\0bob"))


class Keeping:
    """What each store does."""

    store: Any
    assertEqual: Any
    assertRaises: Any

    def append(self, *postings: Posting) -> None:
        for each in postings:
            self.store.append(each)

    def page(self, span: Span, room: str = "#a") -> list[Posting]:
        found: list[Posting] = outcome(self.store.page(room, span))
        return found

    def found(self, words: str, *rooms: str, **options: Any) -> list[int]:
        return ids(outcome(self.store.search(rooms or ["#a"], words, **options)))

    def test_everyField(self) -> None:
        self.append(EVERYTHING)
        self.assertEqual(self.page(Span.latest(1)), [EVERYTHING])
        outcome(self.store.flush())
        self.assertEqual(self.page(Span.latest(1)), [EVERYTHING])

    def test_rooms(self) -> None:
        """A room's postings are its own, however its name is written."""
        private = posting(2, room="ann\0bob")
        self.append(posting(1), private, posting(3, room="#B"), posting(4, room="#A"))
        self.assertEqual(ids(self.page(Span.latest(9))), [1, 4])
        self.assertEqual(self.page(Span.latest(9), "ann\0bob"), [private])
        self.assertEqual(
            [each.room for each in self.page(Span.latest(9), "#b")], ["#b"]
        )
        self.assertEqual(self.page(Span.latest(9), "#c"), [])

    def test_appendedTwice(self) -> None:
        """A node that resumes gets something again; it is not kept again."""
        self.append(posting(1), posting(2))
        outcome(self.store.flush())
        self.append(posting(2, "other"), posting(1), posting(3))
        outcome(self.store.flush())
        self.assertEqual(
            [each.text for each in self.page(Span.latest(9))], ["hello"] * 3
        )

    def test_whatCantBeKept(self) -> None:
        for bad in (
            posting(0),
            posting(-1),
            posting(MAX_ID),
            Posting("#a", "x", id=1, time=float("nan")),
            Posting("#a", "x", id=1, time=float("inf")),
        ):
            self.assertRaises(ValueError, self.store.append, bad)
        self.append(posting(MAX_ID - 1))
        self.assertEqual(ids(self.page(Span.latest(1))), [MAX_ID - 1])

    def test_search(self) -> None:
        self.append(
            posting(1, "The caf\u00e9 is open"),
            posting(2, "the CAFE is closed"),
            posting(3, "an e-mail", room="#b"),
            posting(4, "mail, e."),
            posting(5, "open the cafe", room="ann\0bob"),
        )
        self.assertEqual(self.found("cafe"), [1, 2])
        self.assertEqual(self.found("caf\u00c9 OPEN"), [1])
        self.assertEqual(self.found("cafe", "#a", "ann\0bob", "#c"), [1, 2, 5])
        self.assertEqual(self.found("e-mail", "#a", "#b"), [3])
        self.assertEqual(self.found("cafe", limit=1), [2])
        self.assertEqual(self.found("cafe", limit=1, before=2), [1])
        self.assertEqual(self.found("caf"), [])
        self.assertEqual(self.found("cafe", limit=0), [])
        self.assertEqual(outcome(self.store.search([], "cafe")), [])

    def test_foundInTheRoomThatWasAskedFor(self) -> None:
        self.append(posting(1, "hello", room="#Lobby"))
        (found,) = outcome(self.store.search(["#LOBBY"], "hello"))
        self.assertEqual(found.room, "#LOBBY")

    def test_searchForSigns(self) -> None:
        """Nothing that is typed means anything to the index (FTS5, 3)."""
        self.append(posting(1, "NOT a near b"))
        for words in (
            *('"', '""', '" OR "a', "a*", "^a", "text:a", "{text}: a", "a NEAR b"),
            *("NOT", "a AND", "(", ")", "a + b", "-a", "a\0b", "'", "\ud800", "!!! ?"),
            *("x" * 10_000, "a " * 10_000),
        ):
            self.found(words)
        self.assertEqual(self.found('"NEAR" (a) ???'), [1])
        self.assertEqual(self.found("??? !"), [])
        self.assertEqual(self.found(""), [])

    def checkPages(self, wanted: list[Span], flushed: int) -> None:
        """Whether something has been written yet is not seen."""
        room = f"#{self.nextRoom()}"
        whole = [
            Posting(room, "x", id=self.base + n, time=NOW * self.number + time)
            for n, time in TIMES.items()
        ]
        for place, each in enumerate(whole):
            if place == flushed:
                outcome(self.store.flush())
            self.append(each)
        for span in wanted:
            moved = Span(span.kind, self.moved(span.low), self.moved(span.high), 5)
            self.assertEqual(self.page(moved, room), expected(whole, moved))

    number = base = 0

    def nextRoom(self) -> int:
        self.number += 1
        self.base = self.number * 100
        return self.number

    def moved(self, point: Any) -> Any:
        if isinstance(point, Moment):
            return Moment(NOW * self.number + point.time)
        return point if point == MAX_ID else point + self.base

    def test_redact(self) -> None:
        """Gone from pages and from the index, written or not."""
        self.append(posting(1), posting(2, room="#b"), posting(3))
        outcome(self.store.flush())
        self.append(posting(4))
        for number in (1, 2, 4, 9):
            self.store.redact(number)
        for _ in range(2):
            self.assertEqual(ids(self.page(Span.latest(9))), [3])
            self.assertEqual(self.page(Span.latest(9), "#b"), [])
            self.assertEqual(self.found("hello", "#a", "#b"), [3])
            outcome(self.store.flush())
        self.append(posting(5))
        self.assertEqual(ids(self.page(Span.latest(9))), [3, 5])

    def test_talks(self) -> None:
        """Of one person, the last word of each."""
        for number, room in enumerate(
            ("ann|bob", "ann|eve", "bob|eve", "#ann", "ann|bob", "al|ann", "ann|ann"), 1
        ):
            self.append(posting(number, room=room))
        talks = outcome(self.store.talks("Ann"))
        found = [(each.room, each.id) for each in talks]
        whole = [("ann|eve", 2), ("ann|bob", 5), ("al|ann", 6), ("ann|ann", 7)]
        self.assertEqual(found, whole)
        self.assertEqual(ids(outcome(self.store.talks("ann", 2))), [6, 7])
        self.assertEqual(outcome(self.store.talks("an%")), [])

    def test_close(self) -> None:
        self.append(posting(1))
        outcome(self.store.close())
        outcome(self.store.close())


class ChatStoreTests(Keeping, SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ThreadClock()
        self.store = openStore(self, self.clock, pathFor(self))

    @settings(max_examples=30, deadline=None)
    @given(st.lists(spans, min_size=1, max_size=8), st.integers(0, 7))
    def test_pages(self, wanted: list[Span], flushed: int) -> None:
        self.checkPages(wanted, flushed)


class MemoryStoreTests(Keeping, SynchronousTestCase):
    def setUp(self) -> None:
        self.store = MemoryStore()

    @settings(max_examples=30, deadline=None)
    @given(st.lists(spans, min_size=1, max_size=8), st.integers(0, 7))
    def test_pages(self, wanted: list[Span], flushed: int) -> None:
        self.checkPages(wanted, flushed)

    def test_startsAnew(self) -> None:
        self.store.watch(self.fail)
        self.assertEqual((self.store.highestId(), self.store.loadRooms()), (0, []))

    def test_bounds(self) -> None:
        store = MemoryStore(most=3, maxOctets=100)
        for number in range(1, 6):
            store.append(posting(number))
        self.assertEqual(ids(outcome(store.page("#a", Span.latest(9)))), [3, 4, 5])
        for number in range(6, 6 + MAX_TARGETS):
            store.append(posting(number, room=f"#r{number}"))
        self.assertEqual(outcome(store.page("#a", Span.latest(9))), [])
        self.assertEqual(len(outcome(store.page("#r6", Span.latest(MAX_PAGE)))), 1)
