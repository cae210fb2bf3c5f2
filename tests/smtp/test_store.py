"""L{protocols.smtp.store}: 250 means that it is on the disk."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from functools import partial
from threading import Event
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.interfaces import Envelope, Message, SMTPError
from protocols.smtp.parameters import MailParameters
from protocols.smtp.schema import VERSION, SchemaError, connect
from protocols.smtp.store import SQLiteDelivery
from protocols.smtp.writer import GroupWriter, Job
from tests.folders import folderFor
from tests.smtp.queues import TIMEOUT, ThreadCalls

ENVELOPE = Envelope(
    "a@x.example",
    ("b@y.example", "é@z.example"),
    "192.0.2.1",
    "client.example",
    MailParameters(size=5, body="8BITMIME", smtputf8=True),
    7.5,
)


class StoreTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.calls = ThreadCalls()
        self.path = os.path.join(folderFor(self), "mail", "store.sqlite")
        self.delivery = self.open()

    def open(self, **options: Any) -> SQLiteDelivery:
        delivery = SQLiteDelivery(self.path, self.calls, **options)
        self.addCleanup(delivery.close)
        return delivery

    def deliver(self, content: bytes = b"x\r\n", **options: Any) -> Any:
        """The reply to a message."""
        done = self.delivery.messageReceived(Message(ENVELOPE, content, **options))
        self.calls.makeUntil(done)
        return self.successResultOf(done)

    def refused(self) -> Any:
        """The reply to a message that is refused."""
        done = self.delivery.messageReceived(Message(ENVELOPE, b"x\r\n"))
        self.calls.makeOne()
        failure = self.failureResultOf(done)
        failure.trap(SMTPError)
        return failure.value.reply


class KeepingTests(StoreTestCase):
    def test_envelopeAndContent(self) -> None:
        content = bytes(range(256)) + b"\r\n"
        reply = self.deliver(content, lint=frozenset(("nul", "8bit")))
        self.assertEqual((reply.code, reply.text), (250, "OK, stored as 1"))
        (stored,) = self.delivery.find()
        self.assertEqual((stored.id, stored.envelope), (1, ENVELOPE))
        self.assertEqual((stored.size, stored.lint), (258, {"nul", "8bit"}))
        self.assertEqual(self.delivery.content(1), content)
        self.assertRaises(KeyError, self.delivery.content, 2)

    @settings(max_examples=20, deadline=None)
    @given(st.binary(max_size=2000))
    def test_octetForOctet(self, content: bytes) -> None:
        self.deliver(content)
        self.assertEqual(self.delivery.content(self.delivery.find()[-1].id), content)

    def test_anotherProcessSeesIt(self) -> None:
        """It is committed when the reply is given, not some time later."""
        self.deliver()
        self.assertEqual(len(self.open().find()), 1)

    def test_private(self) -> None:
        self.deliver()
        for name in os.listdir(os.path.dirname(self.path)):
            mode = os.stat(os.path.join(os.path.dirname(self.path), name)).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600, name)
        self.assertEqual(
            stat.S_IMODE(os.stat(os.path.dirname(self.path)).st_mode), 0o700
        )

    def test_closeWritesWhatIsPending(self) -> None:
        done = [
            self.delivery.messageReceived(Message(ENVELOPE, b"x")) for _ in range(50)
        ]
        self.delivery.close()
        self.assertEqual(len(self.delivery.find()), 50)
        for each in done:
            self.calls.makeUntil(each)
        self.assertEqual([self.successResultOf(d).code for d in done], [250] * 50)
        self.assertRaises(
            SMTPError, self.delivery.messageReceived, Message(ENVELOPE, b"")
        )

    def test_whoLeavesMeanwhile(self) -> None:
        """A client that goes while its message is written harms nobody's."""
        done = self.delivery.messageReceived(Message(ENVELOPE, b"x"))
        done.cancel()
        self.failureResultOf(done)
        self.calls.makeOne()
        self.assertEqual(self.deliver().code, 250)


class FaultTests(StoreTestCase):
    """Each is a 452 4.3.1, and when it ends the store works again."""

    def check(self, reply: Any) -> None:
        self.assertEqual((reply.code, reply.enhanced), (452, "4.3.1"))
        self.assertNotIn("sqlite", reply.text.lower())

    def test_full(self) -> None:
        self.deliver()
        writer = self.delivery._writer
        assert writer._connection is not None
        writer._connection.execute("PRAGMA max_page_count=1")
        done = self.delivery.messageReceived(Message(ENVELOPE, b"x" * 250_000))
        self.calls.makeOne()
        self.check(self.failureResultOf(done).value.reply)
        self.assertEqual(self.deliver().code, 250)
        self.assertEqual(len(self.delivery.find()), 2)

    def test_locked(self) -> None:
        self.delivery.close()
        self.delivery = self.open(busyTimeout=10)
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        self.check(self.refused())
        other.close()
        self.assertEqual(self.deliver().code, 250)

    def test_gone(self) -> None:
        """The disk goes, and comes back."""
        self.delivery.close()
        self.delivery = self.open()
        folder = os.path.dirname(self.path)
        os.rename(folder, folder + "-gone")
        self.check(self.refused())
        os.rename(folder + "-gone", folder)
        self.assertEqual(self.deliver().code, 250)

    def test_tooMuchPending(self) -> None:
        self.delivery.close()
        self.delivery = self.open(maxPending=10)
        done = self.delivery.messageReceived(Message(ENVELOPE, b"123456"))
        with self.assertRaises(SMTPError) as caught:
            self.delivery.messageReceived(Message(ENVELOPE, b"78901"))
        self.check(caught.exception.reply)
        self.calls.makeOne()
        self.successResultOf(done)
        self.assertEqual(self.deliver(b"123456").code, 250)


class SchemaTests(StoreTestCase):
    def test_version(self) -> None:
        with closing(sqlite3.connect(self.path)) as reader:
            self.assertEqual(
                reader.execute("PRAGMA user_version").fetchone(), (VERSION,)
            )

    def test_settings(self) -> None:
        writer = connect(self.path)
        self.assertEqual(writer.execute("PRAGMA journal_mode").fetchone(), ("wal",))
        self.assertEqual(writer.execute("PRAGMA synchronous").fetchone(), (2,))
        writer.close()

    def test_newerFile(self) -> None:
        with closing(sqlite3.connect(self.path)) as writer:
            writer.execute(f"PRAGMA user_version={VERSION + 1}")
        with self.assertRaisesRegex(SchemaError, "newer"):
            SQLiteDelivery(self.path, self.calls)


class GroupTests(SynchronousTestCase):
    """All that is pending is committed as one, and all or nothing."""

    def test_fewCommits(self) -> None:
        path = os.path.join(folderFor(self), "group.sqlite")
        statements: list[str] = []

        def traced() -> sqlite3.Connection:
            connection = connect(path)
            connection.set_trace_callback(statements.append)
            return connection

        calls = ThreadCalls()
        writer = GroupWriter(traced, calls.callFromThread)
        answered: list[int] = []

        def slow(connection: sqlite3.Connection) -> int:
            """While this one is written, the others come."""
            for number in range(99):
                writer.put(Job(lambda _, n=number: n, answered.append))
            return -1

        writer.put(Job(slow, answered.append))
        calls.makeOne()
        calls.makeOne()
        writer.close()
        self.assertEqual(statements.count("COMMIT"), 2)
        self.assertEqual(answered, [-1, *range(99)])

    def test_largeOnesBehindTheOthers(self) -> None:
        """Who needs time to prepare holds up nobody who does not."""
        path = os.path.join(folderFor(self), "group.sqlite")
        calls, order = ThreadCalls(), []
        writer = GroupWriter(lambda: connect(path), calls.callFromThread)
        ready = Event()

        def first(connection: sqlite3.Connection) -> None:
            ready.wait(TIMEOUT)

        writer.put(Job(first, lambda _: None))
        prepare = partial(order.append, "prepared")
        writer.put(Job(lambda _: order.append("large"), lambda _: None, prepare))
        writer.put(Job(lambda _: order.append("small"), lambda _: None))
        ready.set()
        writer.close()
        self.assertEqual(order, ["small", "prepared", "large"])

    def test_notPrepared(self) -> None:
        """Who can't be prepared fails alone."""
        path = os.path.join(folderFor(self), "group.sqlite")
        calls, undone, answers = ThreadCalls(), [], {}
        writer = GroupWriter(lambda: connect(path), calls.callFromThread)

        def fail() -> None:
            raise OSError("full")

        for name, prepare in {"bad": fail, "good": lambda: None}.items():
            answer = partial(answers.__setitem__, name)
            undo = partial(undone.append, name)
            writer.put(Job(lambda _, name=name: name, answer, prepare, undo))
        writer.close()
        while len(answers) < 2:
            calls.makeOne()
        self.assertEqual(answers["good"], "good")
        answers["bad"].trap(OSError)
        self.assertEqual(undone, ["bad"])
