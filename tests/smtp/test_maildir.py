"""L{protocols.smtp.maildir}: as D. J. Bernstein's "Using maildir format" asks."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IDelivery, IRoom, IStored, SMTPError
from protocols.smtp.maildir import LARGE, MaildirDelivery
from protocols.smtp.message import Envelope, Message
from protocols.smtp.reading import Query
from tests.folders import folderFor
from tests.smtp.queues import ThreadCalls
from tests.smtp.test_keeping import ENVELOPE

SMALL = b"Subject: small\r\n\r\nx\r\n"
BIG = b"Subject: big\r\n\r\n" + b"0123456789\r\n" * (LARGE // 10)
FULL = OSError(28, "No space left on device")


class MaildirCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.calls = ThreadCalls()
        self.path = Path(folderFor(self), "mail", "dir")

    def open(self, **options: Any) -> MaildirDelivery:
        delivery = MaildirDelivery(str(self.path), self.calls, **options)
        self.addCleanup(self.close, delivery)
        return delivery

    def close(self, delivery: MaildirDelivery) -> None:
        self.calls.makeUntil(delivery.close())

    def send(
        self, delivery: MaildirDelivery, content: bytes = SMALL, **facts: Any
    ) -> Deferred[Any]:
        envelope = Envelope("a@x.example", ("b@y.example",), **facts)
        done = delivery.messageReceived(Message(envelope, content))
        self.calls.makeUntil(done)
        return done

    def deliver(self, *args: Any, **facts: Any) -> int:
        """The number of a message that was kept."""
        reply = self.successResultOf(self.send(*args, **facts))
        self.assertEqual(reply.code, 250)
        return int(reply.text.rpartition(" ")[2])

    def refuse(self, *args: Any) -> None:
        """A message is refused, and nothing of it is left."""
        before = self.files()
        error = self.failureResultOf(self.send(*args), SMTPError).value
        self.assertEqual((error.reply.code, error.reply.enhanced), (452, "4.3.1"))
        self.assertEqual(self.files(), before)

    def files(self, part: str = "") -> list[str]:
        below = self.path / part
        return sorted(
            str(p.relative_to(below)) for p in below.rglob("*") if p.is_file()
        )


class KeepingTests(MaildirCase):
    def test_interfaces(self) -> None:
        delivery = self.open()
        for interface in (IDelivery, IStored, IRoom):
            verifyObject(interface, delivery)

    def test_everythingComesBack(self) -> None:
        delivery = self.open()
        for content in (SMALL, BIG, b""):
            message = Message(ENVELOPE, content, lint=frozenset(("nul", "8bit")))
            done = delivery.messageReceived(message)
            self.calls.makeUntil(done)
            stored = delivery.find()[-1]
            self.assertEqual(stored.envelope, ENVELOPE)
            self.assertEqual((stored.size, stored.lint), (len(content), message.lint))
            self.assertEqual(stored.inboxes, ("inbox",))
            self.assertEqual(delivery.content(stored.id), content)
        found = [stored.subject for stored in delivery.find()]
        self.assertEqual(found, ["small", "big", ""])
        self.assertRaises(KeyError, delivery.open, 7)

    @settings(max_examples=20, deadline=None)
    @given(st.binary(max_size=2000))
    def test_octetForOctet(self, content: bytes) -> None:
        delivery = self.open()
        self.assertEqual(delivery.content(self.deliver(delivery, content)), content)

    def test_numbersRise(self) -> None:
        """Also when the clock goes back, and the server begins anew."""
        self.calls.advance(1e9)
        first = self.open()
        numbers = [self.deliver(first), self.deliver(first)]
        self.calls.rightNow = 5.0
        numbers += [self.deliver(first), self.deliver(self.open())]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(numbers[0], 10**15)
        self.assertEqual([each.id for each in first.find()], numbers)
        query = Query(after=numbers[1])
        self.assertEqual([each.id for each in first.find(query)], numbers[2:])

    def test_private(self) -> None:
        self.deliver(self.open(), BIG)
        for path in (self.path, *self.path.rglob("*")):
            mode = path.stat().st_mode & 0o777
            self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, str(path))

    def test_deleted(self) -> None:
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        number = self.deliver(delivery, login="ann")
        self.assertEqual(delivery.delete([number, number, 7]), 1)
        self.assertEqual(self.files(), [os.path.join(".ann", "maildirfolder")])
        self.assertEqual((delivery.find(), delivery.delete([number])), ([], 0))

    def test_closeWritesWhatIsPending(self) -> None:
        delivery = self.open()
        done = [delivery.messageReceived(Message(ENVELOPE, SMALL)) for _ in range(50)]
        self.close(delivery)
        self.assertEqual([self.successResultOf(d).code for d in done], [250] * 50)
        self.assertEqual(len(self.files("new")), 50)
        self.assertRaises(SMTPError, delivery.messageReceived, Message(ENVELOPE, SMALL))
        self.assertEqual(self.calls.getDelayedCalls(), [])


class OrderTests(MaildirCase):
    """250 is said when all of it is on the disk, and not before it can be read."""

    def check(self, content: bytes) -> None:
        delivery = self.open()
        # The first look for what has to go is over then.
        self.calls.makeOne()
        synced: list[tuple[str, bool, int]] = []

        def fsync(descriptor: int) -> None:
            name = os.readlink(f"/proc/self/fd/{descriptor}")
            (part, *_) = Path(name).relative_to(self.path).parts
            synced.append((part, os.path.isdir(name), len(self.files("new"))))

        with patch("protocols.smtp.maildirfolders.os.fsync", fsync):
            self.deliver(delivery, content)
        files = [("tmp", False, 0), ("envelopes", False, 0)]
        folders = [("envelopes", True, 0), ("new", True, 1)]
        self.assertEqual(synced, files + folders)

    def test_small(self) -> None:
        self.check(SMALL)

    def test_large(self) -> None:
        self.check(BIG)

    def test_largeOnesAreNumberedWhenTheyAreSeen(self) -> None:
        """Nobody who asks for what came after the last one misses any."""
        delivery = self.open()
        first = [
            delivery.messageReceived(Message(ENVELOPE, content))
            for content in (BIG, SMALL)
        ]
        for each in first:
            self.calls.makeUntil(each)
        numbers = [self.successResultOf(d).text.split()[-1] for d in first]
        found = {str(each.id): each.subject for each in delivery.find()}
        self.assertEqual([found[number] for number in numbers], ["big", "small"])


class FaultTests(MaildirCase):
    """Each is a 452 4.3.1 with nothing left; when it ends the store works again."""

    def test_full(self) -> None:
        delivery = self.open()
        self.deliver(delivery)
        for content in (SMALL, BIG):
            for step in range(4):
                fault = patch(
                    "protocols.smtp.maildirfolders.os.fsync",
                    side_effect=[None] * step + [FULL],
                )
                with fault:
                    self.refuse(delivery, content)
        self.assertEqual(len(delivery.find()), 1)
        self.deliver(delivery)

    def test_oneInboxFails(self) -> None:
        """One message's fault is not that of those beside it."""
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        self.deliver(delivery, login="ann")
        Path(self.path, ".bob").write_bytes(b"no folder")
        bob = Envelope("", ("b@y.example",), login="bob")
        done = delivery.messageReceived(Message(bob, SMALL))
        self.deliver(delivery, login="ann")
        self.failureResultOf(done, SMTPError)
        self.assertEqual(len(delivery.find()), 2)
        self.assertEqual(len(self.files("tmp") + self.files("envelopes")), 2)

    def test_linksThatFail(self) -> None:
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=to:*"]))
        envelope = Envelope("", ("a", "b"))
        with patch("protocols.smtp.maildirfolders.Path.rename", side_effect=FULL):
            done = delivery.messageReceived(Message(envelope, SMALL))
            self.calls.makeUntil(done)
        self.failureResultOf(done, SMTPError)
        left = {Path(name).name for name in self.files()}
        self.assertEqual(left, {"maildirfolder"})

    def test_gone(self) -> None:
        """The disk goes, is not written elsewhere meanwhile, and comes back."""
        delivery = self.open()
        away = self.path.with_name("away")
        self.path.rename(away)
        self.path.mkdir()
        self.refuse(delivery)
        self.assertEqual(list(self.path.iterdir()), [])
        self.path.rmdir()
        away.rename(self.path)
        self.deliver(delivery)

    def test_tooMuchPending(self) -> None:
        delivery = self.open(maxPending=10)
        done = delivery.messageReceived(Message(ENVELOPE, b"larger than that"))
        with self.assertRaises(SMTPError) as caught:
            delivery.messageReceived(Message(ENVELOPE, b""))
        self.assertEqual(caught.exception.reply.code, 452)
        self.calls.makeUntil(done)
        self.deliver(delivery)

    def test_clientThatLeaves(self) -> None:
        """Its message is closed while it is copied: no part of it is kept."""
        delivery = self.open()
        message = Message(ENVELOPE, BytesIO(BIG), size=len(BIG) + 1)
        done = delivery.messageReceived(message)
        self.calls.makeUntil(done)
        self.failureResultOf(done, SMTPError)
        self.assertEqual(self.files(), [])

    def test_room(self) -> None:
        """RFC 1870, section 6.1."""
        delivery = self.open()
        self.assertTrue(delivery.hasRoom(0))
        self.assertFalse(delivery.hasRoom(1 << 62))
