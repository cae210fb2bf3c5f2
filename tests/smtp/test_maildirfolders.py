"""The Maildir store: bounds, what was abandoned, and waiting for mail."""

from __future__ import annotations

import os
from unittest.mock import patch

from protocols.smtp.inboxes import Inboxes
from protocols.smtp.maildir import SWEEP_EVERY, TIDY_EVERY
from protocols.smtp.maildirfolders import ABANDONED
from protocols.smtp.message import Message
from protocols.smtp.reading import Query
from protocols.smtp.retention import Retention
from tests.smtp.test_keeping import ENVELOPE
from tests.smtp.test_maildir import BIG, FULL, SMALL, MaildirCase


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
                os.utime(path, (self.calls.seconds() + SWEEP_EVERY - age,) * 2)
        (envelope,) = (self.path / "envelopes").glob("*.json")
        os.utime(envelope, (0, 0))
        self.calls.advance(SWEEP_EVERY)
        self.close(delivery)
        self.assertEqual(self.files("tmp") + self.files(".ann/tmp"), ["new", "new"])
        self.assertEqual(self.files("envelopes"), sorted(["new", envelope.name]))
        self.assertEqual(len(delivery.find()), 1)


class ArrivalTests(MaildirCase):
    def test_announced(self) -> None:
        delivery = self.open(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        for content, subject in ((SMALL, "small"), (BIG, "big")):
            waiting = delivery.arrivals.waitFor(Query(subject=subject))
            self.deliver(delivery, content, login="ann")
            stored = self.successResultOf(waiting)
            self.assertEqual(stored, delivery.find()[-1])
        self.assertFalse(delivery.arrivals.waiting)

    def test_clientThatLeft(self) -> None:
        """Its message is closed by then; it was kept all the same."""
        delivery = self.open()
        waiting = delivery.arrivals.waitFor(Query())
        message = Message(ENVELOPE, SMALL)
        delivery.messageReceived(message).addErrback(lambda _: None).cancel()
        message.close()
        self.calls.makeOne()
        self.assertEqual(self.successResultOf(waiting).id, delivery.find()[0].id)
