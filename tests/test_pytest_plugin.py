"""The pytest fixture. These tests are pytest's own; trial sees the first only."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.trial.unittest import SynchronousTestCase

from protocols.pytest_plugin import serveInThread, smtpInbox  # noqa: F401 - fixtures
from tests.testing.samples import Echo, factoryOf

if TYPE_CHECKING:
    from protocols.pytest_plugin import ServeInThread
    from protocols.smtpinbox import SMTPInbox


class LightTests(SynchronousTestCase):
    def test_importsNoTwisted(self) -> None:
        """It is loaded in every run of pytest, whether of use or not."""
        code = "import sys, protocols.pytest_plugin; sys.exit('twisted' in sys.modules)"
        path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        done = subprocess.run(
            [sys.executable, "-c", code], env=path, timeout=60, check=False
        )
        self.assertEqual(done.returncode, 0)


def test_serves(serveInThread: ServeInThread) -> None:  # noqa: F811
    servers = [serveInThread(factoryOf(Echo)) for _ in range(2)]
    for server in servers:
        with socket.create_connection((server.host, server.port), 10) as client:
            client.sendall(b"hi")
            assert client.recv(10) == b"hi"


def test_listens(serveInThread: ServeInThread) -> None:  # noqa: F811
    server = serveInThread(factoryOf(Echo), listen="tcp:0:interface=127.0.0.2")
    assert server.host == "127.0.0.2"


def test_inbox(smtpInbox: SMTPInbox) -> None:  # noqa: F811
    with smtplib.SMTP(smtpInbox.host, smtpInbox.port, timeout=10) as client:
        client.sendmail("a@x", ["b@y"], b"Subject: hello\r\n\r\nAnn\r\n")
    mail = smtpInbox.waitFor(to="b@y", subject="HELLO")
    assert (mail.sender, mail.text) == ("a@x", "Ann\n")
