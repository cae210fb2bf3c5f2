"""Logging in with a client certificate, as people's clients do it.

Each comes with a certificate of its own making; C{ann} has put it on her account.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGHUP, SIGUSR1

from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import selfSigned
from tests.clientcertificates import (
    KINDS,
    clientCertificate,
    fingerprintIn,
    writtenTo,
)
from tests.folders import folderFor
from tests.live.ircprograms import LOOPBACK, Program, Weechat
from tests.live.servers import TIMEOUT, Process, twistd

PROXY = b"PROXY TCP4 192.0.2.7 127.0.0.1 56324 6697\r\n"
WELCOME = ("CAP LS 302", "NICK {0}", "USER {0} 0 * :{0}")
EXTERNAL = ("CAP REQ :sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +", "CAP END")


class Wire:
    """Somebody on a socket of their own, with Python's C{ssl}.

    @param path: of a certificate with its key; none, if empty.
    """

    def __init__(self, port: int, path: str = "", first: bytes = b"") -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if path:
            context.load_cert_chain(path)
        connection = socket.create_connection((LOOPBACK, port), TIMEOUT)
        connection.sendall(first)
        self._connection = context.wrap_socket(connection)
        self._lines = self._connection.makefile("rb")

    @property
    def shown(self) -> bytes:
        """The server's certificate."""
        return self._connection.getpeercert(binary_form=True) or b""

    def says(self, *lines: str) -> None:
        self._connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def waitFor(self, text: str) -> str:
        for octets in self._lines:
            line: str = octets.decode().rstrip("\r\n")
            if text in line:
                return line
        raise AssertionError(f"the end came before {text!r}")

    def begin(self, name: str) -> str:
        """What is offered for SASL."""
        self.says(*(line.format(name) for line in WELCOME))
        return self.waitFor("sasl=").partition("sasl=")[2].partition(" ")[0]

    def close(self) -> None:
        self._lines.close()
        self._connection.close()


class CertificateTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = folderFor(self)
        self.server = writtenTo(self.folder, selfSigned(LOOPBACK), "server.pem")
        self.ann = writtenTo(self.folder, clientCertificate(), "ann.pem")
        self.fingerprint = fingerprintIn(clientCertificate())

    @contextmanager
    def chatting(self, *options: str) -> Iterator[tuple[Process, int, int, int]]:
        """A chat whose three doors have TLS, and their ports."""
        endpoint = f"ssl:0:interface={LOOPBACK}:privateKey={self.server}"
        doors = [f"--{door}={endpoint}" for door in ("listen", "irc", "web")]
        words = (*doors, "--room=#tea", "--max-per-peer=0", *options)
        with twistd("chat", *words) as process:
            started = [process.waitFor(r"starting on (\d+)")[1] for _ in doors]
            lines, irc, web = map(int, started)
            yield process, lines, irc, web

    def wire(self, port: int, path: str = "", first: bytes = b"") -> Wire:
        wire = Wire(port, path, first)
        self.addCleanup(wire.close)
        return wire

    def register(self, port: int, first: bytes = b"") -> None:
        """Ann makes an account, has it know her certificate, and goes."""
        wire = self.wire(port, self.ann, first)
        wire.begin("ann")
        wire.says("CAP END", "REGISTER * * pencil", "CERT ADD", "QUIT")
        wire.waitFor(f"{self.fingerprint} logs in to ann from now on.")
        wire.waitFor("ERROR ")

    def comeIn(self, port: int, first: bytes = b"") -> Wire:
        """Ann comes back, without a password."""
        wire = self.wire(port, self.ann, first)
        self.assertTrue(wire.begin("ann").startswith("EXTERNAL,"))
        wire.says(*EXTERNAL, "WHOIS ann")
        for text in (" 900 ", " 903 ", " 001 ann ", " 276 ann ann :has client "):
            line = wire.waitFor(text)
        self.assertTrue(line.endswith(self.fingerprint), line)
        return wire


class DoorTests(CertificateTestCase):
    def test_external(self) -> None:
        with self.chatting() as (_, _, irc, _):
            self.register(irc)
            self.comeIn(irc)

    def test_without(self) -> None:
        """Who has none is let in as ever, and offered no EXTERNAL."""
        with self.chatting() as (_, _, irc, _):
            wire = self.wire(irc)
            self.assertNotIn("EXTERNAL", wire.begin("bob"))
            wire.says("CAP END")
            wire.waitFor(" 001 bob ")

    def test_odd(self) -> None:
        """Expired, for something else: all connect, and are known again."""
        with self.chatting() as (_, _, irc, _):
            for number, kind in enumerate(set(KINDS) - {"of a short key"}):
                pem = clientCertificate(kind)
                wire = self.wire(irc, writtenTo(self.folder, pem))
                self.assertIn("EXTERNAL", wire.begin(f"bob{number}"), kind)
                wire.says("CAP END", f"WHOIS bob{number}")
                line = wire.waitFor(" 276 ")
                self.assertTrue(line.endswith(fingerprintIn(pem)), kind)

    def test_nobodys(self) -> None:
        with self.chatting() as (_, _, irc, _):
            wire = self.wire(irc, self.ann)
            wire.begin("ann")
            wire.says(*EXTERNAL)
            wire.waitFor(" 904 ")
            wire.waitFor(" 001 ann ")

    def test_renewal(self) -> None:
        """SIGHUP: another certificate of the server's, which asks as before."""
        with self.chatting() as (process, _, irc, _):
            self.register(irc)
            before = self.comeIn(irc)
            renewed = selfSigned(LOOPBACK, "renewed.example")
            writtenTo(self.folder, renewed, "server.pem")
            process.send(SIGHUP)
            process.send(SIGUSR1)
            process.waitFor("'accepted'")
            text = renewed.decode()
            certificate = text[text.index("-----BEGIN CERT") :]
            wanted = ssl.PEM_cert_to_DER_cert(certificate)
            before.says("QUIT")
            before.waitFor("ERROR ")
            self.assertEqual(self.comeIn(irc).shown, wanted)

    def test_behindProxy(self) -> None:
        """The PROXY header is in front of TLS, whose certificate is the client's."""
        with self.chatting("--proxy-from=127.0.0.0/8") as (_, _, irc, _):
            self.register(irc, PROXY)
            wire = self.comeIn(irc, PROXY)
            wire.says("WHOIS ann")
            wire.waitFor(" 378 ann ann :is connecting from ~ann@192.0.2.7 ")

    def test_lineDoor(self) -> None:
        """The name is enough there."""
        with self.chatting() as (_, lines, irc, _):
            self.register(irc)
            ann, bob = self.wire(lines, self.ann), self.wire(lines)
            ann.says("ann", "/certificate")
            ann.waitFor("* Hello, ann.")
            ann.waitFor(f"* {self.fingerprint} (this connection)")
            bob.says("ann")
            bob.waitFor("belongs to an account")

    def test_browsersAreNotAsked(self) -> None:
        """They would put up a window for it."""
        for door, isAsked in ((2, True), (3, False)):
            with self.chatting() as doors:
                said = self.sClient(doors[door], "")
                asked = "Requested Signature Algorithms" in said
                self.assertEqual(asked, isAsked, said)

    def sClient(self, port: int, said: str, *words: str) -> str:
        """What C{openssl s_client} prints."""
        where = ("-connect", f"{LOOPBACK}:{port}")
        done = subprocess.run(
            ["openssl", "s_client", *where, *words],
            input=said.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        return done.stdout.decode()


class ProgramTests(CertificateTestCase):
    def test_openssl(self) -> None:
        with self.chatting() as (_, _, irc, _):
            self.register(irc)
            where = ("-connect", f"{LOOPBACK}:{irc}", "-cert", self.ann)
            words = ("s_client", "-quiet", *where, "-key", self.ann)
            client = Program("openssl", *words)
            self.addCleanup(client.close)
            for line in (*WELCOME, *EXTERNAL):
                client.types(line.format("ann"))
            client.waitFor(" 903 * :SASL authentication successful")
            client.waitFor(" 001 ann ")

    def test_irssi(self) -> None:
        with self.chatting() as (_, _, irc, _):
            self.register(irc)
            client = Irssi(irc, self.folder, self.ann)
            self.addCleanup(client.close)
            client.waitFor("SASL authentication succeeded")
            client.waitFor("MOTD")
            client.types("/quote CERT LIST")
            client.waitFor(f"{self.fingerprint} (this connection)")

    def test_weechat(self) -> None:
        with self.chatting() as (_, _, irc, _):
            self.register(irc)
            # The options of TLS had another name before 4.0.
            names = [f"{kind}{end}" for kind in ("ssl", "tls") for end in ("", "_cert")]
            values = ("on", self.ann) * 2
            tls = map(" ".join, zip(names, values, strict=True))
            verify = ("ssl_verify off", "tls_verify off")
            sasl = ("sasl_mechanism external", "sasl_username ann")
            folder = Path(self.folder, "weechat")
            client = Weechat(irc, "ann", folder, *tls, *verify, *sasl)
            self.addCleanup(client.close)
            client.waitForServer("You are now logged in as ann")


class Irssi(Program):
    """C{irssi}, on a terminal, with a certificate."""

    def __init__(self, port: int, folder: str, path: str) -> None:
        words = ("-n", "ann", "--home", f"{folder}/irssi")
        super().__init__("irssi", *words, terminal=True)
        self.types("/set cmd_queue_speed 10msec")
        network = "-sasl_username ann -sasl_password x -sasl_mechanism EXTERNAL"
        self.types(f"/network add {network} home")
        tls = f"-tls -notls_verify -tls_cert {path}"
        self.types(f"/server add {tls} -network home {LOOPBACK} {port}")
        self.types("/connect home")

    def types(self, line: str, end: str = "\r") -> None:
        super().types(line, end)
