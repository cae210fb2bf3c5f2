"""STARTTLS and TLS from the first octet, with other people's clients (RFC 3207)."""

from __future__ import annotations

import shutil
import smtplib
import socket
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.guard import GuardFactory
from protocols.limits import Limits
from protocols.smtp import MemoryDelivery, Policy, SMTPFactory
from protocols.starttls import RenewableContext
from protocols.testing import runningInThread
from protocols.testing.certificates import selfSigned
from tests.folders import folderFor
from tests.live.servers import TIMEOUT

CONTENT = b"Subject: test\r\n\r\nsecret\r\n"


class TLSTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(folderFor(self), "mx.pem")
        self.path.write_bytes(selfSigned("localhost", "127.0.0.1"))
        self.trust = ssl.create_default_context(cafile=str(self.path))
        self.delivery = MemoryDelivery()
        self.serve()

    def serve(self, listen: str = "tcp:0:interface=127.0.0.1") -> None:
        tls = RenewableContext(str(self.path))
        self.factory = SMTPFactory(self.delivery, hostname="mx.example", tls=tls)
        running = runningInThread(self.wrapped(self.factory), listen)
        self.server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)

    def wrapped(self, factory: Any) -> Any:
        return factory

    def client(self) -> smtplib.SMTP:
        return smtplib.SMTP(self.server.host, self.server.port, timeout=TIMEOUT)

    def talk(self, *said: bytes) -> bytes:
        """Say all this in the clear, each when what was before it is answered, and
        hear everything up to the end.
        """
        where = (self.server.host, self.server.port)
        with ExitStack() as open_:
            connection = open_.enter_context(socket.create_connection(where, TIMEOUT))
            heard = open_.enter_context(connection.makefile("rb"))
            self.hear(heard)
            for segment in said[:-1]:
                connection.sendall(segment)
                self.hear(heard)
            connection.sendall(said[-1])
            connection.shutdown(socket.SHUT_WR)
            return heard.read()

    def hear(self, heard: Any) -> None:
        """A whole reply."""
        lines = iter(heard.readline, b"")
        self.assertTrue(any(line[3:4] == b" " for line in lines))


class StartTLSTests(TLSTests):
    def test_smtplib(self) -> None:
        with self.client() as client:
            client.ehlo("client.example")
            self.assertTrue(client.has_extn("starttls"))
            self.assertFalse(client.has_extn("requiretls"))
            client.starttls(context=self.trust)
            client.ehlo("client.example")
            self.assertFalse(client.has_extn("starttls"))
            self.assertTrue(client.has_extn("requiretls"))
            options = ["REQUIRETLS"]
            client.sendmail("a@x.example", ["b@y.example"], CONTENT, options)
        (message,) = self.server.call(list, self.delivery.messages)
        self.assertEqual(message.envelope.protocol, "ESMTPS")
        self.assertTrue(message.envelope.parameters.requireTLS)

    def test_everythingIsForgotten(self) -> None:
        """Section 4.2: hello and envelope of before do not count."""
        with self.client() as client:
            client.ehlo("client.example")
            client.mail("a@x.example")
            client.starttls(context=self.trust)
            self.assertEqual(client.docmd("RCPT TO:<b@y.example>")[0], 503)
            self.assertEqual(client.docmd("MAIL FROM:<a@x.example>")[0], 503)
            client.ehlo("client.example")
            self.assertEqual(client.docmd("STARTTLS")[0], 503)
            self.assertEqual(client.docmd("NOOP")[0], 250)

    def test_saidBeforeTheHandshake(self) -> None:
        """Section 4.2: what stands behind STARTTLS in the clear is not obeyed."""
        for policy in ("strict", "record"):
            self.factory.policy = Policy("mx.example", lineEndings=policy)
            heard = self.talk(b"EHLO c\r\n", b"STARTTLS\r\nNOOP\r\n")
            self.assertIn(b"554 5.5.0", heard)
            self.assertNotIn(b"\r\n220 2.0.0", heard)
            self.assertNotIn(b"250 2.0.0", heard)

    def test_withAnArgument(self) -> None:
        heard = self.talk(b"EHLO c\r\n", b"STARTTLS x\r\n")
        self.assertIn(b"501 5.5.4", heard)

    def test_noHandshake(self) -> None:
        """Garbage in place of it ends the connection."""
        heard = self.handshake(b"GARBAGE\r\n" * 10)
        self.assertNotIn(b"250", heard)

    def test_handshakeThatNeverComes(self) -> None:
        with patch("protocols.smtp.securing.HANDSHAKE_TIMEOUT", 0.05):
            self.assertEqual(self.handshake(b""), b"")

    def handshake(self, octets: bytes) -> bytes:
        """STARTTLS, C{octets} in place of a handshake, and what comes then."""
        where = (self.server.host, self.server.port)
        with ExitStack() as open_:
            connection = open_.enter_context(socket.create_connection(where, TIMEOUT))
            heard = open_.enter_context(connection.makefile("rb"))
            self.hear(heard)
            connection.sendall(b"EHLO c\r\n")
            self.hear(heard)
            connection.sendall(b"STARTTLS\r\n")
            self.assertEqual(heard.readline()[:3], b"220")
            connection.sendall(octets)
            try:
                return heard.read()
            except ConnectionResetError:
                return b""

    def test_openssl(self) -> None:
        if shutil.which("openssl") is None:
            raise SkipTest("openssl is not installed")
        where = f"{self.server.host}:{self.server.port}"
        done = subprocess.run(
            ["openssl", "s_client", "-starttls", "smtp", "-connect", where, "-quiet"],
            input=b"EHLO c\r\nQUIT\r\n"[8:],
            timeout=TIMEOUT,
            capture_output=True,
            check=False,
        )
        self.assertIn(b"221 2.0.0", done.stdout, done.stderr)

    def test_requireTLS(self) -> None:
        self.factory.policy = Policy("mx.example", requireTLS=True)
        with self.client() as client:
            client.ehlo("client.example")
            self.assertEqual(client.mail("a@x.example")[0], 530)
            client.starttls(context=self.trust)
            client.ehlo("client.example")
            self.assertEqual(client.mail("a@x.example")[0], 250)

    def test_renewed(self) -> None:
        """SIGHUP reads the certificate again."""
        self.path.write_bytes(selfSigned("localhost", "127.0.0.1", "new.example"))
        with self.client() as client:
            with self.assertRaises(ssl.SSLError):
                trust = ssl.create_default_context(cafile=str(self.path))
                client.starttls(context=trust)
        self.server.call(self.factory.reload)
        with self.client() as client:
            client.starttls(context=trust)


class SharedClock(GuardFactory):
    """A guard whose time is its factory's."""

    def __init__(self, factory: Any) -> None:
        super().__init__(factory, Limits(), clock=None)

    @property
    def clock(self) -> Any:
        return self.wrappedFactory.clock

    @clock.setter
    def clock(self, clock: Any) -> None:
        self.wrappedFactory.clock = clock


class GuardedStartTLSTests(StartTLSTests):
    """The same behind a guard, which steps aside."""

    def wrapped(self, factory: Any) -> Any:
        return SharedClock(factory)
