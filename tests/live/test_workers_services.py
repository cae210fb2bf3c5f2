"""C{--workers}: TLS, UNIX sockets, mail, systemd, and code of one's own."""

from __future__ import annotations

import json
import os
import poplib
import re
import signal
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import selfSigned
from tests.folders import folderFor
from tests.live.servers import ROOT, TIMEOUT, twistd
from tests.live.workerprocesses import (
    BORN,
    LISTEN,
    LOOPBACK,
    SERVE,
    Serving,
    echoes,
    serving,
)

ENOUGH = 40


class ReloadTests(SynchronousTestCase):
    def test_renewedCertificate(self) -> None:
        """SIGHUP: all workers have the new one, and who is connected stays."""
        path = os.path.join(folderFor(self), "localhost.pem")
        Path(path).write_bytes(selfSigned("localhost", "first.example"))
        listen = f"--listen=ssl:0:interface={LOOPBACK}:privateKey={path}"
        told = os.path.join(folderFor(self), "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.settimeout(TIMEOUT)
            notified.bind(told)
            words = ("echo", listen, "--workers=2")
            with serving(*words, NOTIFY_SOCKET=told) as server, ExitStack() as stack:
                self.assertEqual(notified.recv(100), b"READY=1")
                old = [stack.enter_context(self.tls(server)) for _ in range(ENOUGH)]
                first = {each.getpeercert(binary_form=True) for each in old}
                Path(path).write_bytes(selfSigned("localhost", "second.example"))
                server.process.send(signal.SIGHUP)
                self.assertTrue(notified.recv(100).startswith(b"RELOADING=1"))
                self.assertEqual(notified.recv(100), b"READY=1")
                new = [stack.enter_context(self.tls(server)) for _ in range(ENOUGH)]
                second = {each.getpeercert(binary_form=True) for each in new}
                self.assertEqual((len(first), len(second)), (1, 1))
                self.assertNotEqual(first, second)
                self.assertTrue(all(map(echoes, old)))
                server.process.send(signal.SIGTERM)
                self.assertEqual(notified.recv(100), b"STOPPING=1")

    def tls(self, server: Serving) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(server.connect(), server_hostname="localhost")

    def test_logFile(self) -> None:
        """One file, written by the first process; SIGHUP opens it anew."""
        path = Path(folderFor(self), "log")
        words = ("echo", LISTEN, "--workers=2", f"--log-json={path}")
        with serving(*words) as server:
            path.rename(path.with_suffix(".1"))
            server.process.send(signal.SIGHUP)
            server.process.send(signal.SIGUSR1)
            for _ in range(2):
                server.process.waitFor("echo: .*counters")
            server.process.send(signal.SIGTERM)
            server.process.ended()
            lines = [json.loads(line) for line in path.read_text().splitlines()]
        found = {line["worker"] for line in lines if line.get("event") == "snapshot"}
        self.assertEqual(found, {1, 2})


class UNIXTests(SynchronousTestCase):
    def test_unixSocket(self) -> None:
        """One socket for all; its file outlives a worker, and goes at the end."""
        path = os.path.join(folderFor(self), "socket")
        listen = f"--listen=unix:{path}:mode=600"
        with serving("echo", listen, "--workers=2") as server:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            os.kill(server.workers[1], signal.SIGTERM)
            server.process.waitFor("Worker 1 ended .*status 0")
            for _ in range(ENOUGH):
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(TIMEOUT)
                    client.connect(path)
                    self.assertTrue(echoes(client))
            server.process.send(signal.SIGTERM)
            server.process.ended()
            self.assertFalse(os.path.exists(path))
            self.assertNotIn("Traceback", server.said())


class MailTests(SynchronousTestCase):
    def test_oneStore(self) -> None:
        """What 250 was said to is in it, whichever worker took it."""
        path = os.path.join(folderFor(self), "mail.sqlite")
        pop3 = LISTEN.replace("listen", "pop3")
        words = ("smtp", LISTEN, pop3, "--auth=any", "--login-in-clear")
        with serving(*words, "--workers=2", f"--store={path}") as server:
            with ExitStack() as stack:
                clients = [stack.enter_context(self.client(server)) for _ in range(20)]
                for client in clients:
                    client.sendmail("a@x.example", "b@x.example", "Subject: x\n\nhi")
            with closing(sqlite3.connect(path)) as store:
                ((kept,),) = store.execute("SELECT count(*) FROM message")
            self.assertEqual(kept, len(clients))
            for _ in range(4):
                self.assertEqual(self.readable(server), len(clients))
            server.process.send(signal.SIGTERM)
            self.assertEqual(server.process.ended(), 0)

    def readable(self, server: Serving) -> int:
        """How many mails POP3 shows, from whichever worker."""
        ports = set(re.findall(r"POP3Factory.* starting on (\d+)", server.said()))
        self.assertEqual(len(ports), 1)
        reader = poplib.POP3(LOOPBACK, int(ports.pop()), TIMEOUT)
        self.addCleanup(reader.close)
        reader.user("inbox")
        reader.pass_("x")
        return reader.stat()[0]

    def client(self, server: Serving) -> smtplib.SMTP:
        return smtplib.SMTP(LOOPBACK, server.port, "x.example", TIMEOUT)

    def test_memoryIsNotShared(self) -> None:
        with twistd("smtp", LISTEN, "--workers=2") as server:
            server.ended()
        said = "".join(server.said)
        self.assertEqual(said.count("--workers: needs a --store"), 1, said)
        self.assertNotIn("Traceback", said)

    def test_storeThatCanNotBeHad(self) -> None:
        """Told once, by the first process."""
        words = ("smtp", LISTEN, "--workers=2", "--store=maildir:/dev/null")
        with twistd(*words) as server:
            self.assertEqual(server.ended(), 1)
        said = "".join(server.said)
        self.assertEqual(said.count("smtp: --store 'maildir:/dev/null'"), 1, said)
        self.assertNotIn("Worker", said)


OWN = """
import os, sys
from twisted.internet import reactor
from protocols.tcpecho import EchoProtocol

class Telling(EchoProtocol):
    def connectionMade(self):
        print("somebody came")
        self.transport.write(f"{type(reactor).__name__} {os.getpid()}\\n".encode())

if sys.argv[0].endswith("workerprocess.py"):
    if os.path.exists("broken"):
        raise RuntimeError("the disk is broken")

class Exiting(EchoProtocol):
    def dataReceived(self, data):
        os._exit(7)
"""


class OwnCodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = folderFor(self)
        Path(self.folder, "own_echo.py").write_text(OWN)
        self.environment = {"PYTHONPATH": f"{ROOT}{os.pathsep}{self.folder}"}

    def test_protocolAndReactor(self) -> None:
        words = ("--reactor=select", "echo", LISTEN, "--workers=2")
        protocol = "--protocol=own_echo.Telling"
        with serving(*words, protocol, **self.environment) as server:
            with server.connect() as client:
                name, pid = client.makefile().readline().split()
            self.assertEqual(name, "SelectReactor")
            self.assertIn(int(pid), server.workers.values())
            server.process.waitFor(r"worker \d: somebody came")

    def test_workersThatDieAreReplaced(self) -> None:
        words = ("echo", LISTEN, "--workers=2", "--protocol=own_echo.Exiting")
        with serving(*words, **self.environment) as server:
            with server.connect() as client:
                client.sendall(b"x")
                server.process.waitFor(r"Worker \d ended after .*status 7")
            server.process.waitFor(BORN.pattern)

    def test_workersThatCanNotStart(self) -> None:
        """The reason is told, nothing is left, and the status is 1."""
        words = ("echo", LISTEN, "--workers=2", "--protocol=own_echo.Telling")
        with twistd(*words, **self.environment) as server:
            folder = f"/proc/{server._process.pid}/cwd"
            Path(folder, "broken").write_text("")
            self.assertEqual(server.ended(), 1)
        said = "".join(server.said)
        self.assertIn("did not start: --protocol: no 'own_echo.Telling'", said)
        self.assertIn("the disk is broken", said)


class ActivationTests(SynchronousTestCase):
    """Sockets inherited from systemd, as sd_listen_fds(3) has it."""

    def test_stream(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as inherited:
            self.activate("echo", inherited)
            for _ in range(ENOUGH):
                with socket.create_connection(inherited.getsockname()) as client:
                    client.settimeout(TIMEOUT)
                    self.assertTrue(echoes(client))

    def test_datagrams(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inherited:
            inherited.bind((LOOPBACK, 0))
            self.activate("udpecho", inherited)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(TIMEOUT)
                client.sendto(b"woken", inherited.getsockname())
                self.assertEqual(client.recv(100), b"woken")

    def activate(self, service: str, inherited: socket.socket) -> None:
        number = inherited.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", _ACTIVATED, str(number), service],
            pass_fds=[number],
            cwd=folderFor(self),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if SERVE.removeprefix(r"\d+ ") in line:
                return
        self.fail("its workers do not serve")


_ACTIVATED = """
import os, sys
if sys.argv[1] != "3":
    os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(
    LISTEN_FDS="1", LISTEN_FDNAMES="here", LISTEN_PID=str(os.getpid())
)
sys.argv[1:] = [
    "-n", "--pidfile=", sys.argv[2], "--workers=2",
    "--listen=systemd:domain=INET:name=here",
]
from twisted.scripts.twistd import run
run()
"""
