"""The SQLite store: large contents, bounds, inboxes, reading, older files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.bodyfiles import ABANDONED, BodyFiles
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import SMTPError
from protocols.smtp.message import Envelope, Message
from protocols.smtp.parameters import MailParameters, RecipientParameters
from protocols.smtp.reader import SQLiteReader
from protocols.smtp.reading import Query
from protocols.smtp.retention import Retention
from protocols.smtp.store import BODY_FILE_ABOVE, TIDY_EVERY, SQLiteDelivery
from tests.folders import folderFor
from tests.smtp.queues import ThreadCalls

SMALL = b"Subject: small\r\n\r\nx\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"0123456789\r\n" * (BODY_FILE_ABOVE // 10)
ENVELOPE = Envelope(
    "a@x.example",
    ("b@y.example", "é@z.example"),
    "192.0.2.1",
    "client.example",
    MailParameters(size=5, body="BINARYMIME", envid="QQ", others={"XBEFORE": 7.0}),
    7.5,
    (RecipientParameters(("NEVER",)), RecipientParameters((), "rfc822;é@z")),
    "ann",
    "127.0.0.1:25",
    "ESMTPSA",
)


class KeepingCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.calls = ThreadCalls()
        self.path = os.path.join(folderFor(self), "mail", "store.sqlite")

    def open(self, **options: Any) -> SQLiteDelivery:
        delivery = SQLiteDelivery(self.path, self.calls, **options)
        self.addCleanup(delivery.close)
        return delivery

    def deliver(
        self, delivery: SQLiteDelivery, content: bytes = SMALL, **facts: Any
    ) -> Any:
        envelope = Envelope("a@x.example", ("b@y.example",), **facts)
        return self.hand(delivery, Message(envelope, content))

    def hand(self, delivery: SQLiteDelivery, message: Message) -> Any:
        done = delivery.messageReceived(message)
        self.calls.makeUntil(done)
        return self.successResultOf(done)

    def files(self) -> list[str]:
        folder = Path(self.path + ".d")
        return sorted(os.listdir(folder)) if folder.is_dir() else []


class EnvelopeTests(KeepingCase):
    def test_everythingComesBack(self) -> None:
        delivery = self.open()
        for envelope in (ENVELOPE, Envelope("", ("b@y",))):
            self.hand(delivery, Message(envelope, SMALL))
            self.assertEqual(delivery.find()[-1].envelope, envelope)


class LargeTests(KeepingCase):
    def test_octetForOctet(self) -> None:
        """In a file, and nothing of it in the database."""
        delivery = self.open()
        self.deliver(delivery, LARGE)
        self.assertEqual(delivery.content(1), LARGE)
        self.assertEqual(delivery.find()[0].size, len(LARGE))
        self.assertEqual(delivery.find()[0].subject, "large")
        self.assertEqual(len(self.files()), 1)
        with closing(sqlite3.connect(self.path)) as reader:
            ((octets,),) = reader.execute("SELECT length(content) FROM message")
        self.assertEqual(octets, 0)

    def test_limit(self) -> None:
        delivery = self.open()
        self.deliver(delivery, b"x" * BODY_FILE_ABOVE)
        self.assertEqual(self.files(), [])
        self.deliver(delivery, b"x" * (BODY_FILE_ABOVE + 1))
        self.assertEqual(len(self.files()), 1)

    def test_private(self) -> None:
        self.deliver(self.open(), LARGE)
        folder = Path(self.path + ".d")
        modes = [each.stat().st_mode & 0o777 for each in (folder, *folder.iterdir())]
        self.assertEqual(modes, [0o700, 0o600])

    def test_deleted(self) -> None:
        delivery = self.open()
        self.deliver(delivery, LARGE)
        self.deliver(delivery, SMALL)
        self.assertEqual(delivery.delete([1, 7]), 1)
        self.assertEqual(self.files(), [])
        self.assertRaises(KeyError, delivery.content, 1)
        self.assertEqual([each.id for each in delivery.find()], [2])

    def test_onTheDiskBeforeItIsNamed(self) -> None:
        """File, then its folder, then the commit."""
        synced: list[bool] = []

        def fsync(descriptor: int) -> None:
            with closing(sqlite3.connect(self.path)) as reader:
                ((count,),) = reader.execute("SELECT count(*) FROM message")
            synced.append(os.path.isdir(f"/proc/self/fd/{descriptor}"))
            self.assertEqual(count, 0)

        delivery = self.open()
        with patch("protocols.smtp.bodyfiles.os.fsync", fsync):
            self.deliver(delivery, LARGE)
        self.assertEqual(synced, [False, True])

    def test_full(self) -> None:
        """The disk is full for a large content: 452, nothing left, and well again."""
        delivery = self.open()
        full = OSError(28, "No space left on device")
        with patch("protocols.smtp.bodyfiles.os.fsync", side_effect=full):
            done: Deferred[Any] = delivery.messageReceived(
                Message(Envelope("", ("b@y",)), LARGE)
            )
            self.calls.makeUntil(done)
        error = self.failureResultOf(done, SMTPError).value
        self.assertEqual((error.reply.code, error.reply.enhanced), (452, "4.3.1"))
        self.assertEqual((self.files(), delivery.find()), ([], []))
        self.assertEqual(self.deliver(delivery, LARGE).code, 250)

    def test_commitThatFails(self) -> None:
        """What was prepared for it is removed."""
        delivery = self.open()
        with patch.object(delivery._tidying, "beforeCommit", side_effect=OSError):
            done = delivery.messageReceived(Message(Envelope("", ("b@y",)), LARGE))
            self.calls.makeUntil(done)
        self.failureResultOf(done, SMTPError)
        self.assertEqual(self.files(), [])

    def test_clientThatLeaves(self) -> None:
        """Its message is closed while it is copied: no part of it is kept."""
        delivery = self.open()
        file = BytesIO(LARGE)
        message = Message(Envelope("", ("b@y",)), file, size=len(LARGE) + 1)
        done = delivery.messageReceived(message)
        self.calls.makeUntil(done)
        self.failureResultOf(done, SMTPError)
        self.assertEqual(self.files(), [])


class SweepTests(KeepingCase):
    def test_leftByACrash(self) -> None:
        delivery = self.open()
        self.deliver(delivery, LARGE)
        delivery.close()
        named = self.files()
        for name in ("old", "new"):
            Path(self.path + ".d", name).write_bytes(b"part")
        for name in ("old", *named):
            os.utime(Path(self.path + ".d", name), (0, 0))
        self.calls.advance(ABANDONED + 1)
        os.utime(Path(self.path + ".d", "new"), (self.calls.seconds(),) * 2)
        self.deliver(self.open())
        self.assertEqual(self.files(), sorted([*named, "new"]))

    def test_noFolder(self) -> None:
        files = BodyFiles(os.path.join(folderFor(self), "none"))
        self.assertEqual(files.sweep(lambda name: False, 1e9), 0)
        files.delete("none")


class RetentionTests(KeepingCase):
    def kept(self, delivery: SQLiteDelivery) -> list[int]:
        return [stored.id for stored in delivery.find()]

    def test_count(self) -> None:
        delivery = self.open(retention=Retention(maxMessages=3))
        for _ in range(5):
            self.deliver(delivery)
        self.assertEqual(self.kept(delivery), [3, 4, 5])

    def test_octets(self) -> None:
        delivery = self.open(retention=Retention(maxOctets=len(LARGE)))
        for content in (SMALL, SMALL, LARGE):
            self.deliver(delivery, content)
        self.assertEqual(self.kept(delivery), [3])
        self.deliver(delivery)
        self.assertEqual((self.kept(delivery), self.files()), ([4], []))

    def test_age(self) -> None:
        """Also when nothing new comes."""
        delivery = self.open(retention=Retention(maxAge=100.0))
        self.deliver(delivery, receivedAt=self.calls.seconds())
        self.calls.advance(TIDY_EVERY)
        self.deliver(delivery, receivedAt=self.calls.seconds())
        self.assertEqual(self.kept(delivery), [1, 2])
        self.calls.advance(TIDY_EVERY)
        delivery.close()
        self.assertEqual(self.kept(delivery), [2])
        self.assertEqual(self.calls.getDelayedCalls(), [])

    def test_sums(self) -> None:
        """Right also when others delete."""
        delivery = self.open(retention=Retention(maxMessages=2))
        for _ in range(2):
            self.deliver(delivery)
        SQLiteReader(self.path).delete([1])
        self.deliver(delivery)
        self.assertEqual(self.kept(delivery), [2, 3])


class RoomTests(KeepingCase):
    """RFC 1870, section 6.1."""

    def test_room(self) -> None:
        delivery = self.open()
        self.assertTrue(delivery.hasRoom(0))
        self.assertFalse(delivery.hasRoom(1 << 62))


class InboxTests(KeepingCase):
    def test_apart(self) -> None:
        inboxes = Inboxes.fromTexts(["tests=to:*@y.example", "{}=login:*"])
        delivery = self.open(inboxes=inboxes)
        self.deliver(delivery)
        self.hand(delivery, Message(ENVELOPE, SMALL))
        found = [stored.inboxes for stored in delivery.find()]
        self.assertEqual(found, [("tests",), ("ann", "tests")])
        query = Query(inbox="ann")
        self.assertEqual([stored.id for stored in delivery.find(query)], [2])


class ArrivalTests(KeepingCase):
    def test_announced(self) -> None:
        delivery = self.open()
        for content, subject in ((SMALL, "small"), (LARGE, "large")):
            waiting = delivery.arrivals.waitFor(Query(subject=subject))
            self.deliver(delivery, content)
            stored = self.successResultOf(waiting)
            self.assertEqual(stored, delivery.find()[-1])
        self.assertFalse(delivery.arrivals.waiting)

    def test_clientThatLeft(self) -> None:
        """Its message is closed by then; it was kept all the same."""
        delivery = self.open()
        waiting = delivery.arrivals.waitFor(Query())
        message = Message(Envelope("", ("b@y",)), SMALL)
        delivery.messageReceived(message).addErrback(lambda _: None).cancel()
        message.close()
        self.calls.makeOne()
        self.assertEqual(self.successResultOf(waiting).id, 1)
