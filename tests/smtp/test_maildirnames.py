"""L{protocols.smtp.maildirnames}: names of ours and of others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.inboxes import MAX_NAME, safeName
from protocols.smtp.maildirnames import (
    MAX_FOLDER,
    Names,
    folderOf,
    inboxOf,
    numberOf,
    receivedAt,
    uniqueOf,
)


class NameTests(SynchronousTestCase):
    def test_name(self) -> None:
        names = Names("mx.example", 42)
        expected = 12_500_000, "12.M500000P42Q1.mx.example,S=9"
        self.assertEqual(names.next(12.5, 9), expected)
        expected = 12_500_001, "12.M500001P42Q2.mx.example,S=9"
        self.assertEqual(names.next(12.5, 9), expected)

    def test_hostsThatCantBeNames(self) -> None:
        """The description's own way: octal."""
        _, name = Names("a/b:c", 1).next(1.0, 0)
        self.assertIn(r".a\057b\072c,", name)

    @given(st.floats(0, 1e10), st.integers(0, 10**15))
    def test_thereAndBack(self, now: float, last: int) -> None:
        number, name = Names("mx.example", 1, last).next(now, 5)
        self.assertGreater(number, last)
        self.assertEqual(numberOf(uniqueOf(f"{name}:2,FS"), 0), number)
        off = abs(receivedAt(number) - max(now, last / 1e6))
        self.assertLess(off, 1e-4)

    @given(st.text(), st.integers(0, 2**62))
    def test_anyName(self, name: str, modified: int) -> None:
        self.assertGreaterEqual(numberOf(uniqueOf(name), modified), 0)

    def test_namesOfOthers(self) -> None:
        self.assertEqual(numberOf("7.M12P3V5.host,S=3,W=4", 0), 7_000_012)
        self.assertEqual(numberOf("7.123_4.host", 9_000_005_999), 9_000_005)
        apart = {numberOf(name, 9_000_000_000) for name in ("7.a", "7.b")}
        self.assertEqual(len(apart), 2)
        self.assertEqual({number // 10**6 for number in apart}, {9})


class FolderTests(SynchronousTestCase):
    def test_names(self) -> None:
        for inbox, folder in {"inbox": "", "ann@x.example": ".ann@x.example"}.items():
            self.assertEqual((folderOf(inbox), inboxOf(folder)), (folder, inbox))

    @given(st.text(max_size=MAX_NAME))
    def test_anyInbox(self, text: str) -> None:
        folder = folderOf(safeName(text))
        self.assertLessEqual(len(folder.encode()), MAX_FOLDER)
        self.assertNotIn("/", folder)
        self.assertNotIn(folder, (".", ".."))
