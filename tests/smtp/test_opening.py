"""L{protocols.smtp.opening}: what C{--store} may say."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.smtp import DiscardingDelivery, MemoryDelivery
from protocols.smtp.delivery import MAX_MESSAGES
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.maildir import MaildirDelivery
from protocols.smtp.message import Envelope, Message
from protocols.smtp.opening import StoreError, openReader, openStore, waiterFor
from protocols.smtp.retention import Retention
from protocols.smtp.store import SQLiteDelivery
from protocols.smtp.watching import waitForNext
from tests.folders import folderFor
from tests.smtp.queues import ThreadCalls


class OpeningTests(SynchronousTestCase):
    def test_kinds(self) -> None:
        folder = folderFor(self)
        for where, kind in {
            "memory": MemoryDelivery,
            "discard": DiscardingDelivery,
            f"{folder}/mail.sqlite": SQLiteDelivery,
            f"sqlite:{folder}/other.sqlite": SQLiteDelivery,
            f"maildir:{folder}/Maildir": MaildirDelivery,
        }.items():
            bounds = {"inboxes": Inboxes(), "retention": Retention(maxMessages=5)}
            store = openStore(where, ThreadCalls(), **bounds)  # type: ignore[arg-type]
            self.assertIsInstance(store, kind)
            if kind is not DiscardingDelivery:
                self.assertEqual(store.find(), [])
                store.close()
        self.assertTrue(os.path.exists(f"{folder}/other.sqlite"))
        for where in (f"sqlite:{folder}/mail.sqlite", f"maildir:{folder}/Maildir"):
            reader = openReader(where)
            self.assertEqual(reader.find(), [])
            reader.close()

    def test_memoryIsBounded(self) -> None:
        """Also when an age alone was asked for."""
        for asked in (None, Retention(maxAge=1e9)):
            store = openStore("memory", ThreadCalls(), retention=asked)
            for _ in range(MAX_MESSAGES + 1):
                store.messageReceived(Message(Envelope("", ("b@y",)), b""))
            self.assertEqual(len(store.messages), MAX_MESSAGES)

    def test_notThere(self) -> None:
        folder = folderFor(self)
        for where in (f"{folder}/none", f"maildir:{folder}/none"):
            with self.assertRaisesRegex(StoreError, "is there any mail yet"):
                openReader(where)
        self.assertEqual(os.listdir(folder), [])

    def test_whoWaits(self) -> None:
        """PostgreSQL tells of a commit; the others are looked at."""
        self.assertIs(waiterFor("maildir:x"), waitForNext)
        self.assertIs(waiterFor("mail.sqlite"), waitForNext)
        try:
            from protocols.smtp import postgreswatching
        except ImportError:
            raise SkipTest("psycopg is not installed") from None
        self.assertIs(waiterFor("postgresql://h/d"), postgreswatching.waitForNext)

    def test_faults(self) -> None:
        bad = Path(folderFor(self), "bad")
        bad.write_bytes(b"no database" * 100)
        for where in (str(bad), f"maildir:{bad}", "/dev/null/mail.sqlite"):
            with self.assertRaises(StoreError) as caught:
                openStore(where, ThreadCalls())
            self.assertTrue(str(caught.exception).startswith(f"{where!r}: "))

    def test_withoutPsycopg(self) -> None:
        names = ("postgres", "postgresreader")
        gone: Any = dict.fromkeys(f"protocols.smtp.{name}" for name in names)
        with patch.dict(sys.modules, gone):
            with self.assertRaisesRegex(StoreError, "pip install"):
                openStore("postgresql://u:secret@h/d", ThreadCalls())
            with self.assertRaisesRegex(StoreError, "pip install"):
                openReader("postgresql://u:secret@h/d")
