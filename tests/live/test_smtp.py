"""C{twistd smtp} with other people's clients, and killed under load."""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.smtp import MemoryDelivery, SMTPFactory
from protocols.testing import runningInThread
from tests.folders import folderFor
from tests.live.servers import ROOT, TIMEOUT

CONTENT = b"Subject: test\r\n\r\n.one dot\r\n..two\r\n\r\nlast line\r\n"


class ClientTests(SynchronousTestCase):
    """Each client says something of its own; the mail is the same."""

    def setUp(self) -> None:
        self.delivery = MemoryDelivery()
        factory = SMTPFactory(self.delivery, hostname="mx.example")
        running = runningInThread(factory)
        self.server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)

    def run_(self, *words: str) -> None:
        """Run a client, or skip for the lack of it."""
        if shutil.which(words[0]) is None:
            raise SkipTest(f"{words[0]} is not installed")
        done = subprocess.run(
            words, timeout=TIMEOUT, capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def received(self) -> bytes:
        (message,) = self.server.call(list, self.delivery.messages)
        self.assertEqual(message.envelope.recipients, ("b@y.example",))
        content: bytes = message.content
        return content

    def test_smtplib(self) -> None:
        with smtplib.SMTP(
            self.server.host, self.server.port, timeout=TIMEOUT
        ) as client:
            client.ehlo("client.example")
            self.assertTrue(client.has_extn("pipelining"))
            client.sendmail("a@x.example", ["b@y.example"], CONTENT)
        self.assertEqual(self.received(), CONTENT)

    def test_smtplibWithUTF8(self) -> None:
        message = EmailMessage()
        message["From"], message["To"] = "ä@x.example", "b@y.example"
        message.set_content("Grüße\n")
        with smtplib.SMTP(
            self.server.host, self.server.port, timeout=TIMEOUT
        ) as client:
            client.send_message(message)
        self.assertIn("Grüße".encode(), self.received())

    def test_curl(self) -> None:
        path = os.path.join(folderFor(self), "mail.eml")
        Path(path).write_bytes(CONTENT)
        url = f"smtp://{self.server.host}:{self.server.port}/client.example"
        mail = ("--mail-from", "a@x.example", "--mail-rcpt", "b@y.example")
        self.run_("curl", "-sS", "--url", url, *mail, "-T", path)
        self.assertEqual(self.received(), CONTENT)

    def test_swaks(self) -> None:
        self.swaks()
        self.assertIn(b"\r\n\r\nThis is a test mailing\r\n", self.received())

    def test_swaksPipelined(self) -> None:
        self.swaks("--pipeline")
        self.assertIn(b"\r\n\r\nThis is a test mailing\r\n", self.received())

    def swaks(self, *words: str) -> None:
        where = f"{self.server.host}:{self.server.port}"
        people = ("--from", "a@x.example", "--to", "b@y.example")
        self.run_("swaks", "--server", where, *people, *words)


class CrashTests(SynchronousTestCase):
    """Kill -9 under load: what was answered 250 is there, and nothing is partial."""

    def test_rounds(self) -> None:
        program = str(ROOT / "benchmarks" / "crash.py")
        done = subprocess.run(
            [sys.executable, program, "--rounds", "3"],
            timeout=4 * TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"3 rounds: [1-9][0-9]* answered 250, all there")
