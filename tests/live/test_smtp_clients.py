"""C{twistd smtp} as a team runs it: TLS, logins, LMTP and POP3, with their clients."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.smtp.reader import SQLiteReader
from protocols.testing.certificates import selfSigned
from tests.folders import folderFor
from tests.live.servers import TIMEOUT, twistd

CONTENT = b"Subject: test\r\n\r\n.one dot\r\nlast line\r\n"
PEOPLE = ("--from", "a@x.example", "--to", "b@y.example")
LISTEN = "--listen=tcp:0:interface=127.0.0.1"


class TeamTests(SynchronousTestCase):
    """STARTTLS and logins are demanded; LMTP is on a UNIX socket."""

    def setUp(self) -> None:
        self.folder = Path(folderFor(self))
        self.pem, self.lmtp = self.folder / "mx.pem", self.folder / "lmtp"
        self.pem.write_bytes(selfSigned("localhost", "127.0.0.1"))
        (self.folder / "passwords").write_text("ann:secret\n")
        (self.folder / "mail.eml").write_bytes(CONTENT)
        running = twistd(
            *("smtp", LISTEN, f"--starttls={self.pem}", "--hostname=mx.example"),
            *(f"--auth={self.folder / 'passwords'}", "--require-login"),
            *(f"--lmtp=unix:{self.lmtp}", "--pop3=tcp:0:interface=127.0.0.1"),
            f"--store={self.folder / 'mail.sqlite'}",
        )
        server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)
        self.port = int(server.waitFor(r"SMTPFactory.* starting on (\d+)")[1])
        self.pop3 = int(server.waitFor(r"POP3Factory.* starting on (\d+)")[1])

    def run_(self, *words: str, status: int = 0, **more: str) -> str:
        """Run a client, or skip for the lack of it."""
        if shutil.which(words[0]) is None:
            raise SkipTest(f"{words[0]} is not installed")
        done = subprocess.run(
            words,
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **more},
        )
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def kept(self, protocol: str) -> bytes:
        """The one message, and how it came."""
        store = SQLiteReader(str(self.folder / "mail.sqlite"))
        (stored,) = store.find()
        self.assertEqual(stored.envelope.protocol, protocol)
        return store.content(stored.id)

    def swaks(self, *words: str, status: int = 0) -> str:
        return self.run_("swaks", *PEOPLE, *words, status=status)

    def login(self, kind: str, password: str = "secret") -> list[str]:
        where = f"127.0.0.1:{self.port}"
        words = ["--server", where, "--tls", "--auth", kind]
        return [*words, "--auth-user", "ann", "--auth-password", password]

    def test_swaks(self) -> None:
        self.swaks(*self.login("PLAIN"), "--pipeline")
        self.assertIn(b"This is a test mailing", self.kept("ESMTPSA"))

    def test_swaksLogin(self) -> None:
        self.swaks(*self.login("LOGIN"))

    def test_swaksWithTheWrongPassword(self) -> None:
        said = self.swaks(*self.login("PLAIN", "wrong"), status=28)
        self.assertIn("535 5.7.8", said)

    def test_swaksWithoutALogin(self) -> None:
        said = self.swaks("--server", f"127.0.0.1:{self.port}", "--tls", status=23)
        self.assertIn("530 5.7.0", said)

    def test_swaksByLMTP(self) -> None:
        """Two recipients, two answers (RFC 2033, section 4.2)."""
        words = ("--protocol", "LMTP", "--socket", str(self.lmtp))
        said = self.swaks(*words, "--to", "b@y.example,c@z.example")
        self.assertEqual(len(re.findall(r"250 2\.0\.0 OK, stored", said)), 2)
        self.kept("LMTP")

    def test_curl(self) -> None:
        """In by SMTP, out by POP3, octet for octet."""
        trust = ("--ssl-reqd", "--cacert", str(self.pem), "--user", "ann:secret")
        people = ("--mail-from", "a@x.example", "--mail-rcpt", "b@y.example")
        url = f"smtp://localhost:{self.port}/client.example"
        mail = str(self.folder / "mail.eml")
        self.run_("curl", "-sS", url, *trust, *people, "-T", mail)
        self.assertEqual(self.kept("ESMTPSA"), CONTENT)
        got = str(self.folder / "got.eml")
        self.run_("curl", "-sS", f"pop3://localhost:{self.pop3}/1", *trust, "-o", got)
        self.assertEqual(Path(got).read_bytes(), CONTENT)

    def test_msmtp(self) -> None:
        """With SCRAM-SHA-256, which we did not write the client of."""
        config = self.folder / "msmtprc"
        config.write_text(
            f"account default\nhost 127.0.0.1\nport {self.port}\nfrom a@x.example\n"
            f"auth scram-sha-256\nuser ann\npassword secret\ntls on\n"
            f"tls_trust_file {self.pem}\n"
        )
        config.chmod(0o600)
        if shutil.which("msmtp") is None:
            raise SkipTest("msmtp is not installed")
        subprocess.run(
            ["msmtp", "-C", str(config), "b@y.example"],
            input=CONTENT,
            timeout=TIMEOUT,
            check=True,
        )
        self.assertIn(b".one dot\r\nlast line\r\n", self.kept("ESMTPSA"))

    def test_commandInjection(self) -> None:
        """The tester of the STARTTLS research finds none."""
        tester = Path(sys.executable).with_name("command-injection-tester")
        if not tester.exists():
            raise SkipTest("command-injection-tester is not installed")
        for protocol, port in {"smtp": self.port, "pop3": self.pop3}.items():
            words = (f"--{protocol}", f"--{protocol}-port", str(port), "--nocolor")
            quick = ("--timeout", "0.3", "--logdir", str(self.folder))
            done = subprocess.run(
                [str(tester), *words, *quick, "127.0.0.1"],
                timeout=TIMEOUT,
                capture_output=True,
                text=True,
                check=False,
            )
            said = done.stdout + done.stderr
            self.assertIn("Sanity test done", said)
            self.assertNotRegex(said, r"Command injection here|(Prob|Poss)(able|ible)")


class SourceTests(SynchronousTestCase):
    """Postfix's own sender."""

    def test_smtpSource(self) -> None:
        program = shutil.which("smtp-source", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            raise SkipTest("smtp-source is not installed")
        folder = folderFor(self)
        store = f"--store={folder}/mail.sqlite"
        with twistd("smtp", LISTEN, store, "--hostname=mx.example") as server:
            port = server.waitFor(r"SMTPFactory.* starting on (\d+)")[1]
            people = ("-f", "a@x.example", "-t", "b@y.example")
            load = ("-s", "10", "-m", "200", "-l", "4096", "-d")
            subprocess.run(
                [program, *load, *people, f"127.0.0.1:{port}"],
                timeout=TIMEOUT,
                check=True,
            )
        found = SQLiteReader(f"{folder}/mail.sqlite").find()
        self.assertEqual(len(found), 200)


class ManySessionsTests(SynchronousTestCase):
    def test_idleOnes(self) -> None:
        """Bounded for each address, whoever it is."""
        with twistd("smtp", LISTEN, "--max-per-peer=5") as server:
            port = int(server.waitFor(r"SMTPFactory.* starting on (\d+)")[1])
            connections = [
                socket.create_connection(("127.0.0.1", port), TIMEOUT) for _ in range(6)
            ]
            first = [connection.recv(100)[:3] for connection in connections]
            for connection in connections:
                connection.close()
        self.assertEqual(sorted(first), [b"220"] * 5 + [b"421"])
