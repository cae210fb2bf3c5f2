"""L{protocols.chat.backplane.merging}: several streams, and one order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.merging import Entry, Merging


def entries(*ids: int) -> list[Entry]:
    return [(each, b"%d" % each) for each in ids]


class MergingTests(SynchronousTestCase):
    def test_whatIsWhole(self) -> None:
        merging = Merging(2, 10)
        found = merging.feed({0: entries(1, 4), 1: entries(2, 3)})
        self.assertEqual(found, entries(1, 2, 3, 4))
        self.assertEqual(merging.positions, [4, 3])

    def test_whatWasCut(self) -> None:
        """Behind the place where a stream was cut, more of it may come first."""
        merging = Merging(2, 2)
        self.assertEqual(merging.feed({0: entries(1, 2), 1: entries(5)}), entries(1, 2))
        self.assertEqual(merging.feed({0: entries(3, 4)}), entries(3, 4))
        self.assertEqual(merging.feed({}), entries(5))

    def test_nothingNew(self) -> None:
        merging = Merging(2, 2, after=7)
        self.assertEqual(merging.feed({0: []}), [])
        self.assertEqual(merging.positions, [7, 7])

    @given(
        st.lists(st.integers(0, 2), max_size=60),
        st.integers(1, 5),
        st.lists(st.integers(1, 20), min_size=1, max_size=10),
    )
    def test_alwaysTheOrderOfPublishing(
        self, streams: list[int], most: int, steps: list[int]
    ) -> None:
        """However it is read while it is published, it is read in order, once."""
        kept: dict[int, list[Entry]] = {0: [], 1: [], 2: []}
        merging, found = Merging(3, most), list[Entry]()
        published, turn = 0, 0
        while len(found) < len(streams):
            for stream in streams[published : published + steps[turn % len(steps)]]:
                published += 1
                kept[stream] += entries(published)
            turn += 1
            read = {
                stream: [e for e in kept[stream] if e[0] > merging.positions[stream]]
                for stream in kept
            }
            found += merging.feed({s: page[:most] for s, page in read.items() if page})
        self.assertEqual(found, entries(*range(1, len(streams) + 1)))
