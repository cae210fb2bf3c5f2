"""L{protocols.smtpinbox}, with smtplib as the program that is tested."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.faults import FaultError
from protocols.smtpinbox import NothingCameError, SMTPInbox

TIMEOUT = 10


def message(subject: str, to: str = "ann@y.example") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "shop@x.example", to, subject
    made.set_content("Grüße, Ann\n")
    made.add_alternative("<p>Grüße, Ann</p>", subtype="html")
    return made


class InboxCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.inbox = SMTPInbox().__enter__()
        self.addCleanup(self.inbox.__exit__, None, None, None)

    def send(self, *subjects: str, login: str = "") -> None:
        with smtplib.SMTP(self.inbox.host, self.inbox.port, timeout=TIMEOUT) as client:
            if login:
                client.login(login, "whatever")
            for subject in subjects:
                client.send_message(message(subject))


class WaitTests(InboxCase):
    def test_thereAlready(self) -> None:
        self.send("Welcome", "Receipt", login="shop")
        mail = self.inbox.waitFor(to="ANN@*", subject="receipt", sender="shop@*")
        self.assertEqual((mail.id, mail.login), (2, "shop"))
        self.assertEqual(mail.recipients, ("ann@y.example",))
        self.assertEqual(mail.text, "Grüße, Ann\n")
        self.assertEqual(mail.parsed["Subject"], mail.subject)
        self.assertIn(b"Subject: Receipt\r\n", mail.content)
        self.assertIn("ann@y.example: 'Receipt'", repr(mail))
        self.assertEqual(self.inbox.waitFor().subject, "Welcome")
        self.assertEqual(self.inbox.waitFor(after=1).subject, "Receipt")

    def test_comesLater(self) -> None:
        """To wait ends when it comes, and not when the time is over."""
        later = Thread(target=self.send, args=("Welcome",))
        later.start()
        mail = self.inbox.waitFor(subject="Welcome", timeout=TIMEOUT)
        later.join(TIMEOUT)
        self.assertEqual((mail.subject, self.inbox.count), ("Welcome", 1))

    def test_nothing(self) -> None:
        """What a person reads whose test has failed."""
        with self.assertRaises(NothingCameError) as caught:
            self.inbox.waitFor(to="bob@*", timeout=0.01)
        self.assertIn("to='bob@*'", str(caught.exception))
        self.assertIn("none is there at all", str(caught.exception))
        self.send("Welcome")
        with self.assertRaises(TimeoutError) as other:
            self.inbox.waitFor(subject="Receipt", timeout=0.01)
        self.assertIn("subject='Receipt'", str(other.exception))
        self.assertIn(
            "shop@x.example to ann@y.example: 'Welcome'", str(other.exception)
        )

    def test_clear(self) -> None:
        self.send("Welcome")
        self.inbox.clear()
        self.assertEqual(self.inbox.messages, [])

    def test_noText(self) -> None:
        with smtplib.SMTP(self.inbox.host, self.inbox.port, timeout=TIMEOUT) as client:
            attached = b"Content-Type: application/pdf\r\n\r\n%PDF"
            client.sendmail("a@x", ["b@y"], attached)
        self.assertEqual(self.inbox.waitFor().text, "")


class FaultTests(InboxCase):
    def test_onceAndThenWell(self) -> None:
        """What a sender has to do: try again."""
        self.inbox.inject('RCPT reply="451 4.3.0 later" times=1')
        with self.assertRaises(smtplib.SMTPRecipientsRefused) as caught:
            self.send("Welcome")
        self.assertEqual(caught.exception.recipients["ann@y.example"][0], 451)
        self.send("Welcome")
        self.assertEqual(self.inbox.waitFor(subject="Welcome").id, 1)

    def test_cut(self) -> None:
        self.inbox.inject("DATA disconnect")
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.send("Welcome")
        self.inbox.inject()
        self.send("Welcome")

    def test_noRule(self) -> None:
        self.assertRaises(FaultError, self.inbox.inject, "hello")
