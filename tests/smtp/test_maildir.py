"""L{protocols.smtp.maildir}: as D. J. Bernstein's "Using maildir format" asks."""

from __future__ import annotations

import mailbox
import os
from contextlib import closing
from email.message import Message as EmailMessage
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
from protocols.smtp.maildir import LARGE, SWEEP_EVERY, TIDY_EVERY, MaildirDelivery
from protocols.smtp.maildirfolders import ABANDONED
from protocols.smtp.message import Envelope, Message
from protocols.smtp.reading import Query
from protocols.smtp.retention import Retention
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

    def test_onTheDiskBeforeItIsNamed(self) -> None:
        for content in (SMALL, BIG):
            delivery, synced = self.open(), []
            count = len(self.files("new"))

            def fsync(descriptor: int) -> None:
                name = os.readlink(f"/proc/self/fd/{descriptor}")
                part = Path(name).relative_to(self.path).parts[:1]
                here = len(self.files("new")) - count
                synced.append((*part, os.path.isdir(name), here))

            with patch("protocols.smtp.maildirfolders.os.fsync", fsync):
                self.deliver(delivery, content)
            expected = [
                ("tmp", False, 0),
                ("envelopes", False, 0),
                ("envelopes", True, 0),
                ("new", True, 1),
            ]
            self.assertEqual(synced, expected)

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


class BoundTests(MaildirCase):
    def test_count(self) -> None:
        delivery = self.open(retention=Retention(maxMessages=2))
        numbers = [self.deliver(delivery) for _ in range(4)]
        self.assertEqual([each.id for each in delivery.find()], numbers[2:])
        self.assertEqual(len(self.files("envelopes")), 2)

    def test_age(self) -> None:
        """Also when nothing new comes."""
        self.calls.advance(1e9)
        delivery = self.open(retention=Retention(maxAge=100.0))
        for _ in range(2):
            last = self.deliver(delivery)
            self.calls.advance(TIDY_EVERY)
        self.close(delivery)
        self.assertEqual([each.id for each in delivery.find()], [last])

    def test_thatCantBeDeleted(self) -> None:
        """What was kept was kept."""
        delivery = self.open(retention=Retention(maxMessages=1))
        first = self.deliver(delivery)
        with patch("protocols.smtp.maildirfolders.Path.unlink", side_effect=FULL):
            second = self.deliver(delivery)
        self.assertEqual([each.id for each in delivery.find()], [first, second])
        third = self.deliver(delivery)
        self.assertEqual([each.id for each in delivery.find()], [third])

    def test_abandoned(self) -> None:
        """After 36 hours; what is newer may be somebody's."""
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        self.deliver(delivery, login="ann")
        self.calls.advance(ABANDONED + 10)
        for part in ("tmp", ".ann/tmp", "envelopes"):
            for name, age in (("old", ABANDONED + 1), ("new", ABANDONED - 1)):
                path = self.path / part / name
                path.write_bytes(b"part")
                os.utime(path, (self.calls.seconds() - age,) * 2)
        (envelope,) = (self.path / "envelopes").glob("*.json")
        os.utime(envelope, (0, 0))
        self.calls.advance(SWEEP_EVERY)
        self.close(delivery)
        self.assertEqual(self.files("tmp") + self.files(".ann/tmp"), ["new", "new"])
        self.assertEqual(self.files("envelopes"), sorted(["new", envelope.name]))
        self.assertEqual(len(delivery.find()), 1)


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
