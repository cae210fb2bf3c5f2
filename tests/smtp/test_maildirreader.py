"""L{protocols.smtp.maildirreader}: beside Python's own reader, and others."""

from __future__ import annotations

import mailbox
import os
from contextlib import closing
from email.message import Message as EmailMessage
from pathlib import Path

from protocols.smtp.inboxes import Inboxes
from protocols.smtp.maildirfolders import Folders
from protocols.smtp.maildirreader import MaildirReader
from protocols.smtp.reading import Query
from tests.smtp.test_maildir import SMALL, MaildirCase


class PythonTests(MaildirCase):
    """Python's own reader of Maildirs."""

    def test_reads(self) -> None:
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        self.deliver(delivery)
        self.deliver(delivery, login="ann")
        with closing(mailbox.Maildir(str(self.path), create=False)) as box:
            self.assertEqual(box.list_folders(), ["ann"])
            for folder in (box, box.get_folder("ann")):
                ((key, message),) = folder.items()
                self.assertEqual(message["Subject"], "small")
                self.assertEqual(folder.get_bytes(key), SMALL)

    def test_flagsAndDeletes(self) -> None:
        delivery = self.open()
        number, other = self.deliver(delivery), self.deliver(delivery)
        with closing(mailbox.Maildir(str(self.path), create=False)) as box:
            keys = sorted(box.keys())
            message = box[keys[0]]
            message.set_subdir("cur")
            message.set_flags("S")
            box[keys[0]] = message
            box.remove(keys[1])
        self.assertEqual([each.id for each in delivery.find()], [number])
        self.assertEqual(delivery.find()[0].envelope.sender, "a@x.example")
        self.assertRaises(KeyError, delivery.open, other)
        self.assertEqual(delivery.delete([number]), 1)
        self.assertEqual(self.files("cur"), [])

    def test_addsItsOwn(self) -> None:
        """RFC 5321, section 4.4: Return-Path is the envelope's sender."""
        delivery = self.open()
        added = EmailMessage()
        added["Return-Path"] = "<c@z.example>"
        added["Delivered-To"] = "d@y.example"
        added["Subject"] = "added"
        with closing(mailbox.Maildir(str(self.path), create=False)) as box:
            box.add(added)
            box.add(b"no header at all\n")
        said, bare = sorted(delivery.find(), key=lambda each: -len(each.subject))
        self.assertEqual(said.envelope.sender, "c@z.example")
        self.assertEqual(said.envelope.recipients, ("d@y.example",))
        self.assertGreater(said.envelope.receivedAt, 1e9)
        self.assertEqual((bare.envelope.sender, bare.envelope.recipients), ("", ()))


class ReadingTests(MaildirCase):
    def test_longInbox(self) -> None:
        """Its name is kept, though its folder's is cut."""
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        for letter in "¥£":
            name = "€" * 126 + letter
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
