"""L{protocols.smtp.reader}: reading the SQLite store, of whatever version."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

from protocols.smtp.message import Envelope
from protocols.smtp.parameters import MailParameters
from protocols.smtp.reader import SQLiteReader
from protocols.smtp.reading import HEADER_ROOM, Query
from protocols.smtp.retention import Retention
from protocols.smtp.schema import STEPS, VERSION
from tests.smtp.test_keeping import LARGE, SMALL, KeepingCase


class ReadingTests(KeepingCase):
    def test_subjects(self) -> None:
        delivery = self.open()
        long = b"X: " + b"x" * 9000 + b"\r\nSubject: deep\r\n\r\n"
        none = b"X: " + b"x" * HEADER_ROOM + b"\r\nSubject: too deep\r\n\r\n"
        for content in (SMALL, long, none, b""):
            self.deliver(delivery, content)
        found = [stored.subject for stored in delivery.find()]
        self.assertEqual(found, ["small", "deep", "", ""])
        found = [stored.id for stored in delivery.find(Query(subject="DEEP", after=1))]
        self.assertEqual(found, [2])

    def test_fileThatIsGone(self) -> None:
        delivery = self.open()
        self.deliver(delivery, LARGE)
        for name in self.files():
            os.unlink(os.path.join(self.path + ".d", name))
        self.assertEqual(delivery.find()[0].subject, "")
        self.assertRaises(KeyError, delivery.open, 1)

    def test_nothingIsMade(self) -> None:
        """To read what is not there makes no empty store."""
        self.assertRaises(FileNotFoundError, SQLiteReader, self.path)
        self.assertFalse(os.path.exists(self.path))

    def test_otherProcesses(self) -> None:
        delivery = self.open()
        reader = SQLiteReader(self.path)
        with closing(reader.changes()) as changes:
            before = changes.execute("PRAGMA data_version").fetchone()
            self.deliver(delivery)
            self.assertNotEqual(
                changes.execute("PRAGMA data_version").fetchone(), before
            )
        self.assertEqual(reader.content(1), SMALL)
        reader.close()


class MigrationTests(KeepingCase):
    def test_firstVersion(self) -> None:
        """A file of the first version is brought up to date, with all its mail."""
        os.makedirs(os.path.dirname(self.path))
        with closing(sqlite3.connect(self.path)) as old:
            old.executescript(STEPS[0])
            said = '{"size": 3, "body": "", "smtputf8": true}'
            old.execute(
                "INSERT INTO message (received, sender, peer, helo, parameters, lint,"
                " size, content) VALUES (1.5, 'a@x', '192.0.2.1', 'c', ?, 'nul', 3, ?)",
                (said, b"a\r\n"),
            )
            old.execute("INSERT INTO recipient VALUES (1, 0, 'b@y')")
            old.execute("PRAGMA user_version=1")
            old.commit()
        delivery = self.open(retention=Retention(maxMessages=1))
        (stored,) = delivery.find()
        parameters = MailParameters(size=3, smtputf8=True)
        envelope = Envelope("a@x", ("b@y",), "192.0.2.1", "c", parameters, 1.5)
        self.assertEqual((stored.envelope, stored.inboxes), (envelope, ("inbox",)))
        self.assertEqual(delivery.content(1), b"a\r\n")
        self.deliver(delivery)
        self.assertEqual([each.id for each in delivery.find()], [2])
        with closing(sqlite3.connect(self.path)) as reader:
            version = reader.execute("PRAGMA user_version").fetchone()
        self.assertEqual(version, (VERSION,))
