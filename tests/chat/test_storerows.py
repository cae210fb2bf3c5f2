"""L{protocols.chat.storerows} and L{protocols.chat.storepages}: rows, both ways."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import Posting
from protocols.chat.spans import MAX_ID, Moment, Span, milliseconds
from protocols.chat.storepages import (
    Unwritten,
    firstIdAt,
    readKey,
    readMarker,
    readPage,
)
from protocols.chat.storerows import (
    MAX_ROOMS,
    RESERVED,
    postingOf,
    readRooms,
    reserve,
    rowOf,
    writeBatch,
)
from protocols.chat.storeschema import (
    MAX_MARKERS,
    STEPS,
    VERSION,
    bringUpToDate,
    connect,
)
from protocols.chat.storespool import Batch
from tests.chat.stores import ids, posting
from tests.folders import folderFor

texts = st.text(max_size=20)
postings = st.builds(
    Posting,
    room=texts.map("#".__add__),
    text=texts,
    sender=texts,
    isAction=st.booleans(),
    id=st.integers(1, MAX_ID - 1),
    time=st.integers(0, 2**42).map(lambda n: n / 1000),
    kind=texts,
    account=texts,
    mask=texts,
    tags=texts,
)


class RowTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.addCleanup(self.connection.close)
        bringUpToDate(self.connection)

    @settings(deadline=None)
    @given(st.lists(postings, max_size=5, unique_by=lambda each: each.id))
    def test_thereAndBack(self, some: list[Posting]) -> None:
        self.connection.execute("DELETE FROM posting")
        writeBatch(Batch(sorted(some, key=lambda each: each.id)), self.connection)
        for each in some:
            span = Span.around(each.id, 1)
            self.assertEqual(
                readPage(each.room, span, Unwritten(), self.connection), [each]
            )

    def test_row(self) -> None:
        """Milliseconds are kept as they are; half a character is not one."""
        row = rowOf(Posting("#a", "x\ud800y", "ann", id=1, time=1700000000.123))
        self.assertEqual(row[:3], (1, 1_700_000_000_123, "ann"))
        self.assertEqual(row[-2:], ("x?y", "#a"))
        back = postingOf(row[:-1], "#A")
        self.assertEqual((back.room, back.time), ("#A", 1700000000.123))

    @settings(max_examples=50, deadline=None)
    @given(
        st.dictionaries(st.integers(1, 10**12), st.integers(0, 20), max_size=30),
        st.integers(-1, 21),
    )
    def test_firstIdAt(self, moments: dict[int, int], time: int) -> None:
        """Ids may have holes of any size, and times may be the same."""
        self.connection.execute("DELETE FROM posting")
        times = sorted(moments.values())
        some = [
            Posting("#a", "", id=number, time=at / 1000)
            for number, at in zip(sorted(moments), times, strict=True)
        ]
        writeBatch(Batch(some), self.connection)
        expected = next(
            (each.id for each in some if milliseconds(each.time) >= time), MAX_ID
        )
        self.assertEqual(firstIdAt(time, self.connection), expected)

    def test_reserve(self) -> None:
        self.assertEqual(reserve(self.connection), 0)
        self.assertEqual(reserve(self.connection), RESERVED)
        writeBatch(Batch([posting(9 * RESERVED)]), self.connection)
        self.assertEqual(reserve(self.connection), 10 * RESERVED)

    def test_markersAreBounded(self) -> None:
        """One person's do not push another's out; those there are, move on."""
        markers = {("ann", str(n)): 1 for n in range(MAX_MARKERS + 5)}
        writeBatch(Batch(markers={**markers, ("bob", "x"): 1}), self.connection)
        writeBatch(Batch(markers={("ann", "0"): 2}), self.connection)
        found = [
            readMarker(account, target, self.connection)
            for account, target in (
                *(("ann", "0"), ("ann", str(MAX_MARKERS - 1))),
                *(("ann", str(MAX_MARKERS)), ("bob", "x")),
            )
        ]
        self.assertEqual(found, [2, 1, 0, 1])

    def test_roomsAreBounded(self) -> None:
        """Those that something was saved of longest ago are forgotten."""
        rooms = {f"#{n}": (f"#{n}", "{}") for n in range(MAX_ROOMS)}
        writeBatch(Batch(rooms=dict(rooms)), self.connection)
        again = {"#0": ("#0", "{}"), "#new": ("#new", "{}")}
        writeBatch(Batch(rooms=dict(again)), self.connection)
        names = [name for name, _ in readRooms(self.connection, ())]
        self.assertEqual(len(names), MAX_ROOMS)
        self.assertEqual((names[0], names[-2:]), ("#2", ["#0", "#new"]))

    def test_pageByTimeOfWhatWaits(self) -> None:
        writeBatch(Batch([posting(1), posting(2)]), self.connection)
        waiting = Unwritten([posting(2), posting(3), posting(4)])
        span = Span.before(Moment(posting(4).time), 2)
        self.assertEqual(ids(readPage("#a", span, waiting, self.connection)), [2, 3])
        span = Span.after(Moment(posting(4).time), 2)
        self.assertEqual(readPage("#a", span, waiting, self.connection), [])

    def test_halfMadeTables(self) -> None:
        """A step is taken as a whole, or not at all."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as half:
            half.execute("CREATE TABLE room (x)")
            self.assertRaises(sqlite3.Error, bringUpToDate, half)
            self.assertEqual(
                half.execute("SELECT count(*) FROM sqlite_master").fetchall(), [(1,)]
            )
        self.assertTrue(all("CREATE TABLE" in step for step in STEPS))

    def test_madeByTwo(self) -> None:
        """Two processes that share a file of an older version find it at once."""
        path = f"{folderFor(self)}/chat"
        with closing(connect(path)) as other, closing(connect(path)) as real:

            class Late:
                """What it sees first is what was before the other one came."""

                in_transaction = False

                def execute(self, text: str, *more: Any) -> Any:
                    found = real.execute(text, *more).fetchall()
                    if text == "PRAGMA user_version" and found == [(0,)]:
                        bringUpToDate(other)
                    return found

                def executescript(self, text: str) -> Any:
                    try:
                        return real.executescript(text)
                    finally:
                        self.in_transaction = real.in_transaction

            late: Any = Late()
            bringUpToDate(late)
            self.assertFalse(real.in_transaction)
            self.assertEqual(real.execute("PRAGMA user_version").fetchone(), (VERSION,))
            self.assertEqual(readKey(real), readKey(other))
