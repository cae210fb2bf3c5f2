"""L{protocols.smtp.export}: read again by the standard library."""

from __future__ import annotations

import mailbox
import os
from pathlib import Path
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery, Message
from protocols.smtp.export import ExportError, exportMail
from protocols.smtp.message import Envelope
from tests.folders import folderFor

CONTENTS = (
    b"Subject: one\r\n\r\nFrom here\r\n>From there\r\nFromage\r\n",
    b"Subject: two\r\n\r\nno line end",
)


class ExportTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.store = MemoryDelivery()
        for content in CONTENTS:
            message = Message(Envelope("a@x", ("b@y",), receivedAt=1e9), content)
            self.store.messageReceived(message)
        self.folder = folderFor(self)

    def export(self, form: str) -> Path:
        target = Path(self.folder, form)
        count = exportMail(form, self.store, self.store.find(), str(target))
        self.assertEqual(count, 2)
        self.assertEqual(os.listdir(self.folder), [form])
        return target

    def test_mbox(self) -> None:
        """RFC 4155; quoted so that it can be undone (mboxrd)."""
        target = self.export("mbox")
        lines = target.read_bytes().split(b"\n")
        self.assertEqual(lines[0], b"From a@x Sun Sep  9 01:46:40 2001")
        self.assertEqual(lines[3:6], [b">From here", b">>From there", b"Fromage"])
        box = mailbox.mbox(target)
        self.addCleanup(box.close)
        self.assertEqual([each["subject"] for each in box], ["one", "two"])

    def test_maildir(self) -> None:
        box = mailbox.Maildir(self.export("maildir"), create=False)
        found = {box.get_bytes(key) for key in box.iterkeys()}
        self.assertEqual(found, set(CONTENTS))

    def test_eml(self) -> None:
        target = self.export("eml")
        found = tuple((target / f"{n}.eml").read_bytes() for n in (1, 2))
        self.assertEqual(found, CONTENTS)

    def test_nothingIsOverwritten(self) -> None:
        for form in ("mbox", "eml"):
            target = self.export(form)
            with self.assertRaisesRegex(ExportError, "is there already"):
                exportMail(form, self.store, [], str(target))
            os.rename(target, Path(folderFor(self), "away"))

    def test_wholeOrNotAtAll(self) -> None:
        for form in ("mbox", "maildir", "eml"):
            full = OSError(28, "No space left on device")
            with patch("protocols.smtp.export.os.fsync", side_effect=full):
                with self.assertRaisesRegex(ExportError, "No space left"):
                    self.export(form)
            self.assertEqual(os.listdir(self.folder), [])
