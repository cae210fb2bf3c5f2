"""L{protocols.smtp.maildirnames} and its folders: names of ours and of others."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.inboxes import MAX_NAME, Inboxes, safeName
from protocols.smtp.maildirfolders import Folders
from protocols.smtp.maildirnames import (
    MAX_FOLDER,
    Names,
    folderOf,
    inboxOf,
    numberOf,
    receivedAt,
    uniqueOf,
)
from protocols.smtp.maildirreader import MaildirReader
from protocols.smtp.reading import Query
from tests.smtp.test_maildir import MaildirCase


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
        self.assertAlmostEqual(receivedAt(number), max(now, last / 1e6), delta=1e-4)

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


class ReadingTests(MaildirCase):
    def test_longInbox(self) -> None:
        """Its name is kept, though its folder's is cut."""
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        for letter in "äö":
            name = "é" * 126 + letter
            number = self.deliver(delivery, login=name)
            (stored,) = delivery.find(Query(inbox=name))
            self.assertEqual((stored.id, stored.inboxes), (number, (name,)))
        self.assertEqual(delivery.find(Query(inbox="other")), [])

    def test_noMaildir(self) -> None:
        self.assertRaises(FileNotFoundError, MaildirReader, str(self.path))
        self.assertFalse(self.path.exists())

    def test_sameNumber(self) -> None:
        """Whatever others name theirs, each has a number of its own."""
        delivery = self.open()
        for host in ("a", "b", "c"):
            Path(self.path, "new", f"5.M6P7Q8.{host}").write_bytes(host.encode())
        found = [(each.id, delivery.content(each.id)) for each in delivery.find()]
        self.assertEqual(found, [(5000006, b"a"), (5000007, b"b"), (5000008, b"c")])
        delivery.close()

    def test_movedMeanwhile(self) -> None:
        """A mail program takes it to cur between our two looks."""
        delivery = self.open()
        number = self.deliver(delivery)
        entries = Folders(str(self.path)).entries
        (entry,) = entries()
        (path,) = entry.places.values()
        target = self.path / "cur" / f"{entry.unique}:2,S"
        path.rename(target)
        self.patch(delivery._folders, "entries", iter([[entry], entries()]).__next__)
        self.assertEqual(delivery.find()[0].id, number)
        target.unlink()
        looks = iter([[entry], [], [entry], []])
        self.patch(delivery._folders, "entries", looks.__next__)
        self.assertEqual(delivery.find(), [])
        self.assertRaises(KeyError, delivery.open, number)

    def test_envelopeThatCantBeRead(self) -> None:
        delivery = self.open()
        content = b"Return-Path: <r@x.example>\r\nSubject: s\r\n\r\n"
        self.deliver(delivery, content)
        (envelope,) = (self.path / "envelopes").iterdir()
        for text in (b"", b"[]", b"{}", b"\xff", b'{"recipients": 3}'):
            envelope.write_bytes(text)
            (stored,) = delivery.find()
            self.assertEqual(
                (stored.envelope.sender, stored.subject), ("r@x.example", "s")
            )

    def test_whatIsNoMail(self) -> None:
        delivery = self.open()
        os.makedirs(self.path / "new" / "folder")
        (self.path / "new" / ".hidden").write_bytes(b"")
        os.makedirs(self.path / ".index")
        self.assertEqual(delivery.find(), [])
