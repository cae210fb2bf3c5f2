"""L{protocols.smtp.inboxmail}: an inbox as POP3 sees it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery, Message
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.inboxmail import InboxRealm, StuffedFile
from protocols.smtp.message import Envelope

PIECES = st.lists(st.sampled_from([b"\r\n", b".", b"\n", b"\r", b"a", b"..", b"\0"]))


def unstuffed(octets: bytes) -> bytes:
    """What a client makes of a message (RFC 1939, section 3)."""
    end = (b"\r\n" + octets + b".\r\n").index(b"\r\n.\r\n")
    text = (b"\r\n" + octets)[: end + 2].replace(b"\r\n..", b"\r\n.")
    return text[2:]


class StuffedTests(SynchronousTestCase):
    @given(PIECES.map(b"".join), st.integers(1, 5))
    def test_octetForOctet(self, content: bytes, size: int) -> None:
        """However it is cut; and it has a line end at its end."""
        file = StuffedFile(BytesIO(content))
        stuffed = b"".join(iter(lambda: file.read(size), b""))
        whole = content if content.endswith(b"\r\n") else content + b"\r\n"
        self.assertEqual(unstuffed(stuffed), whole)
        self.assertNotIn(b"\r\n.\r\n", b"\r\n" + stuffed)
        self.assertEqual(file.read(1), b"")


class InboxTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.store = MemoryDelivery(inboxes=Inboxes.fromTexts(["{}=to:*@y"]))
        for to, content in {
            "ann@y": b"..a\r\n",
            "bob@y": b"b\r\n",
            "Ann@y": b"",
        }.items():
            self.store.messageReceived(Message(Envelope("", (to,)), content))

    def inbox(self, name: bytes, *rules: str) -> Any:
        realm = InboxRealm(self.store, None, Inboxes.fromTexts(rules))
        asked = realm.requestAvatar(name, None, "interface")
        interface, inbox, leave = self.successResultOf(asked)
        self.assertEqual((interface, leave()), ("interface", None))
        return inbox

    def test_everything(self) -> None:
        inbox = self.inbox(b"whoever")
        self.assertEqual(inbox.listMessages(), [5, 3, 2])
        self.assertEqual(inbox.listMessages(1), 3)
        self.assertEqual(inbox.getUidl(2), b"3")
        file = self.successResultOf(inbox.getMessage(0))
        self.assertEqual(file.read(100), b"...a\r\n")

    def test_apart(self) -> None:
        inbox = self.inbox(b"ANN@y", "{}=to:*@y")
        self.assertEqual([inbox.getUidl(n) for n in (0, 1)], [b"1", b"3"])
        for number in (-1, 2):
            self.assertRaises(ValueError, inbox.getUidl, number)
            self.assertRaises(ValueError, inbox.listMessages, number)

    def test_deletedAtTheEnd(self) -> None:
        """RFC 1939, section 6."""
        inbox = self.inbox(b"whoever")
        inbox.deleteMessage(0)
        self.assertRaises(ValueError, inbox.deleteMessage, 0)
        self.assertEqual(inbox.listMessages(), [0, 3, 2])
        inbox.undeleteMessages()
        self.assertEqual(inbox.listMessages(), [5, 3, 2])
        inbox.deleteMessage(1)
        self.assertEqual(len(self.store.messages), 3)
        self.assertEqual(self.successResultOf(inbox.sync()), 1)
        self.assertEqual([stored.id for stored in self.store.find()], [1, 3])

    def test_goneMeanwhile(self) -> None:
        inbox = self.inbox(b"whoever")
        self.store.clear()
        self.failureResultOf(inbox.getMessage(0), ValueError)
