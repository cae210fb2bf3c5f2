"""POP3 with other people's clients: poplib and curl (RFC 1939, 2449, 2595)."""

from __future__ import annotations

import poplib
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.sasl import PasswordFile
from protocols.smtp import MemoryDelivery, Message
from protocols.smtp.message import Envelope
from protocols.smtp.pop3 import MAX_FAILED_LOGINS, POP3Factory
from protocols.smtp.store import SQLiteDelivery
from protocols.starttls import RenewableContext
from protocols.testing import runningInThread
from protocols.testing.certificates import selfSigned
from tests.folders import folderFor
from tests.live.servers import TIMEOUT

CONTENT = b"Subject: t\r\n\r\n.a\r\n\r\n..\r\n\xe9\0b\r\n"
LARGE = b"Subject: large\r\n\r\n" + b"".join(
    b"%b%06d\r\n" % (b"." * (n % 3), n) for n in range(200_000)
)


class POP3Case(SynchronousTestCase):
    contents: tuple[bytes, ...] = (CONTENT, LARGE, b"no line end")

    def setUp(self) -> None:
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:secret\n")
        certificate = Path(folderFor(self), "mx.pem")
        certificate.write_bytes(selfSigned("127.0.0.1", "localhost"))
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.store = self.makeStore()
        self.factory = POP3Factory(
            self.store,
            [PasswordFile(str(path))],
            clock=None,
            tls=RenewableContext(str(certificate)),
            loginInClear=True,
        )
        running = runningInThread(self.factory)
        self.server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)
        self.factory._realm._reactor = self.server.reactor
        self.fill()

    def makeStore(self) -> Any:
        return MemoryDelivery()

    def fill(self) -> None:
        for content in self.contents:
            message = Message(Envelope("a@x", ("b@y",)), content)
            self.server.call(self.store.messageReceived, message)

    def client(self) -> poplib.POP3:
        made = poplib.POP3(self.server.host, self.server.port, timeout=TIMEOUT)
        self.addCleanup(made.close)
        return made

    def login(self) -> poplib.POP3:
        client = self.client()
        client.user("ann")
        client.pass_("secret")
        return client


class ClientTests(POP3Case):
    def test_octetForOctet(self) -> None:
        client = self.login()
        sizes = [len(CONTENT), len(LARGE), len(b"no line end")]
        self.assertEqual(client.stat(), (3, sum(sizes)))
        for number, content in enumerate(self.contents, 1):
            _, lines, _ = client.retr(number)
            self.assertEqual(b"\r\n".join(lines), content.removesuffix(b"\r\n"))
        self.assertEqual(client.uidl()[1], [b"1 1", b"2 2", b"3 3"])
        self.assertEqual(client.top(1, 1)[1], [b"Subject: t", b"", b".a"])
        client.quit()

    def test_deletedAtTheEnd(self) -> None:
        client = self.login()
        client.dele(1)
        self.assertRaises(poplib.error_proto, client.dele, 1)
        self.assertRaises(poplib.error_proto, client.retr, 1)
        self.assertEqual(self.login().stat()[0], 3)
        client.quit()
        self.assertEqual(self.login().stat()[0], 2)

    def test_takenBack(self) -> None:
        client = self.login()
        client.dele(1)
        client.rset()
        client.quit()
        self.assertEqual(self.login().stat()[0], 3)

    def test_apop(self) -> None:
        client = self.client()
        client.apop("ann", "secret")
        self.assertEqual(client.stat()[0], 3)

    def test_stls(self) -> None:
        client = self.client()
        self.assertIn("STLS", client.capa())
        client.stls(self.trust)
        self.assertNotIn("STLS", client.capa())
        client.user("ann")
        client.pass_("secret")
        self.assertEqual(client.stat()[0], 3)

    def test_underTLSOnly(self) -> None:
        self.factory.loginInClear = False
        client = self.client()
        self.assertNotIn("USER", client.capa())
        self.assertRaises(poplib.error_proto, client.user, "ann")
        self.assertRaises(poplib.error_proto, client.apop, "ann", "secret")
        client = self.client()
        client.stls(self.trust)
        client.user("ann")
        client.pass_("secret")

    def test_wrong(self) -> None:
        """Three times, and that is all."""
        client = self.client()
        for _ in range(MAX_FAILED_LOGINS):
            client.user("ann")
            self.assertRaises(poplib.error_proto, client.pass_, "wrong")
        self.assertRaises((poplib.error_proto, OSError), client.user, "ann")

    def curl(self, path: str, *words: str) -> bytes:
        if shutil.which("curl") is None:
            raise SkipTest("curl is not installed")
        url = f"pop3://{self.server.host}:{self.server.port}/{path}"
        done = subprocess.run(
            ["curl", "-sS", "--user", "ann:secret", *words, url],
            timeout=TIMEOUT,
            capture_output=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_curl(self) -> None:
        sizes = [len(CONTENT), len(LARGE), len(b"no line end")]
        listed = b"".join(b"%d %d\r\n" % pair for pair in enumerate(sizes, 1))
        self.assertEqual(self.curl(""), listed)
        self.assertEqual(self.curl("1"), CONTENT)
        self.assertEqual(self.curl("2"), LARGE)
        self.curl("1", "-l", "-X", "DELE")
        self.assertEqual(len(self.login().list()[1]), 2)


class LineTests(POP3Case):
    contents = (CONTENT,)

    def talk(self, *said: bytes) -> list[bytes]:
        """The first words of the answers to all of it, said at once."""
        where = (self.server.host, self.server.port)
        with socket.create_connection(where, TIMEOUT) as connection:
            with connection.makefile("rb") as heard:
                heard.readline()
                connection.sendall(b"".join(line + b"\r\n" for line in said))
                lines = heard.read().splitlines()
                return [line.split()[0] for line in lines if line[:1] in b"+-"]

    def test_pipelined(self) -> None:
        """RFC 2449, section 6.6: in order, also behind a login."""
        said = (b"USER ann", b"PASS secret", b"STAT", b"DELE 1", b"STAT", b"QUIT")
        self.assertEqual(self.talk(*said), [b"+OK"] * 6)

    def test_mistakes(self) -> None:
        login = (b"USER ann", b"PASS secret")
        for line in (
            *(b"", b"HELLO", b"RPOP ann", b"LIST x", b"LIST 0", b"LIST 2", b"DELE"),
            *(b"DELE 0", b"DELE x", b"RETR 2", b"TOP 1", b"TOP 1 -1", b"NOOP x"),
            *(b"UIDL 9", b"RETR  1", b"\xff\xfe", b"AUTH PLAIN"),
        ):
            answers = self.talk(*login, line, b"QUIT")
            self.assertEqual(answers, [b"+OK", b"+OK", b"-ERR", b"+OK"], line)
        self.assertEqual(
            self.talk(b"STAT", b"PASS x", b"QUIT"), [b"-ERR", b"-ERR", b"+OK"]
        )

    def test_saidBeforeTheHandshake(self) -> None:
        """RFC 2595, section 4: nothing of it is obeyed, also not half a line."""
        where = (self.server.host, self.server.port)
        with socket.create_connection(where, TIMEOUT) as connection:
            heard = b""
            while heard.count(b"\n") < 2:
                if not heard.count(b"STLS") and heard.count(b"\n") == 1:
                    connection.sendall(b"STLS\r\nUSER ann\r\nPASS secret\r\nQU")
                    heard += b"STLS"
                heard += connection.recv(1)
            self.assertEqual(heard.count(b"+OK"), 2)
            with self.trust.wrap_socket(connection, server_hostname="localhost") as tls:
                tls.sendall(b"IT\r\nSTAT\r\nQUIT\r\n")
                with tls.makefile("rb") as rest:
                    answers = [line.split()[0] for line in rest.read().splitlines()]
            self.assertEqual(answers, [b"-ERR", b"-ERR", b"+OK"])


class DiskTests(ClientTests):
    """The same from an SQLite store, in the thread pool."""

    def makeStore(self) -> Any:
        class Later:
            """Callable before there is a server."""

            def callFromThread(inner, *args: Any) -> None:
                self.server.reactor.callFromThread(*args)

            def callLater(inner, *args: Any) -> Any:
                return self.server.reactor.callLater(*args)

            def seconds(inner) -> float:
                return 0.0

        path = str(Path(folderFor(self), "mail.sqlite"))
        store = SQLiteDelivery(path, Later())
        self.addCleanup(store.close)
        return store
