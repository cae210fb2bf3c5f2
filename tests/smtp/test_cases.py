"""Cases that are rare, and were wrong once: literals, a full disk, old errors."""

from __future__ import annotations

import os
from unittest import skipUnless
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery
from protocols.smtp.addresses import AddressError, checkMailbox
from protocols.smtp.content import SPOOL_ABOVE
from tests.smtp.conversations import (
    DATA,
    EHLO,
    ENVELOPE,
    answers,
    codes,
    factoryWith,
    inData,
)

MAIL = b"line of text\r\n" * (SPOOL_ABOVE // 10)


class LiteralTests(SynchronousTestCase):
    """RFC 5321, section 4.1.3: a literal has no zone."""

    def test_zone(self) -> None:
        for mailbox in ("a@[IPv6:fe80::1%eth0]", "a@[IPv6:::1%a b]"):
            with self.assertRaises(AddressError):
                checkMailbox(mailbox)
        self.assertEqual(checkMailbox("a@[IPv6:fe80::1]"), "a@[IPv6:fe80::1]")


class FullDiskTests(SynchronousTestCase):
    """RFC 5321, section 4.2.2: 452, once, at the true end."""

    def test_oneReply(self) -> None:
        delivery = MemoryDelivery()
        conversation = inData(factoryWith(delivery))
        full = OSError(28, "No space left on device")
        with patch("protocols.smtp.content.TemporaryFile", side_effect=full):
            for start in range(0, len(MAIL), 50_000):
                conversation.say(MAIL[start : start + 50_000])
            self.assertEqual(conversation.heard(), b"")
            conversation.say(b".\r\nNOOP\r\n")
        self.assertEqual(codes(conversation.heard()), ["452 4.3.1", "250 2.0.0"])
        self.assertEqual(len(delivery.messages), 0)

    @skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_seenOnlyWhenFlushed(self) -> None:
        conversation = inData()
        with open("/dev/full", "w+b", buffering=1 << 24) as full:
            with patch("protocols.smtp.content.TemporaryFile", return_value=full):
                conversation.say(MAIL + b".\r\n")
        self.assertEqual(codes(conversation.heard()), ["452 4.3.1"])


class ErrorBudgetTests(SynchronousTestCase):
    """RFC 5321, section 3.8: errors count until a message is taken."""

    def test_mailMakesUpForErrors(self) -> None:
        wrong = [b"WRONG\r\n"] * 10
        message = [ENVELOPE, DATA, b"x\r\n.\r\n"]
        heard = answers(EHLO, *wrong, *message, *wrong, b"NOOP\r\n")
        self.assertEqual(heard[-1], "250 2.0.0")
        self.assertEqual(heard.count("500 5.5.1"), 20)
