"""L{protocols.smtp.delivery}: mail in memory, and how it is read."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery, Message
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.message import Envelope
from protocols.smtp.reading import Query
from protocols.smtp.retention import Retention


def message(subject: str, *recipients: str, **facts: Any) -> Message:
    content = f"Subject: {subject}\r\n\r\nx\r\n".encode()
    return Message(Envelope("a@x", recipients or ("b@y",), **facts), content)


class ReadingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.delivery = MemoryDelivery(inboxes=Inboxes.fromTexts(["tests=to:*@z"]))
        for each in (message("one"), message("two", "c@z"), message("three")):
            self.delivery.messageReceived(each)

    def ids(self, **query: Any) -> list[int]:
        return [stored.id for stored in self.delivery.find(Query(**query))]

    def test_find(self) -> None:
        self.assertEqual(self.ids(), [1, 2, 3])
        self.assertEqual(self.ids(subject="T", after=1), [2, 3])
        self.assertEqual(self.ids(inbox="tests"), [2])
        self.assertEqual(self.delivery.find()[1], self.delivery.find()[1])

    def test_open(self) -> None:
        with self.delivery.open(1) as file:
            self.assertEqual(file.read(), b"Subject: one\r\n\r\nx\r\n")
        self.assertRaises(KeyError, self.delivery.open, 4)

    def test_delete(self) -> None:
        before = self.delivery.octets
        self.assertEqual(self.delivery.delete([1, 4]), 1)
        self.assertEqual((self.ids(), self.delivery.octets < before), ([2, 3], True))
        self.delivery.clear()
        self.assertEqual((self.ids(), self.delivery.octets), ([], 0))
        self.delivery.messageReceived(message("four"))
        self.assertEqual(self.ids(), [4])
        self.delivery.close()

    def test_arrivals(self) -> None:
        waiting = self.delivery.arrivals.waitFor(Query(subject="five"))
        self.delivery.messageReceived(message("four"))
        self.assertNoResult(waiting)
        self.delivery.messageReceived(message("five"))
        self.assertEqual(self.successResultOf(waiting), self.delivery.find()[-1])

    def test_age(self) -> None:
        delivery = MemoryDelivery(retention=Retention(maxAge=10.0))
        for time in (0.0, 5.0, 11.0):
            delivery.messageReceived(message("x", receivedAt=time))
        self.assertEqual([stored.id for stored in delivery.find()], [2, 3])
