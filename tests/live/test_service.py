"""C{twistd echo} as it is run: signals, drain, TLS, systemd."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import selfSigned
from tests.folders import folderFor
from tests.live.servers import ROOT, TIMEOUT, twistd

LOOPBACK = "127.0.0.1"
LISTEN = f"--listen=tcp:0:interface={LOOPBACK}"
STARTED = r"starting on (\d+)"
EIGHT_MEGABYTES = 8_000_000
# The kernel buffers some megabytes on each side and each way.
MORE_THAN_BUFFERS = 100_000_000


def receive(client: socket.socket, size: int) -> bytes:
    """Exactly C{size} octets, or all up to the end."""
    data = bytearray()
    while len(data) < size and (piece := client.recv(size - len(data))):
        data += piece
    return bytes(data)


def connect(port: int) -> socket.socket:
    return socket.create_connection((LOOPBACK, port), TIMEOUT)


class DrainTests(SynchronousTestCase):
    def test_whatWasTakenArrivesWhole(self) -> None:
        """8 MB on their way when SIGTERM comes: the client gets every octet."""
        data = os.urandom(EIGHT_MEGABYTES)
        with twistd("echo", LISTEN) as server:
            port = int(server.waitFor(STARTED)[1])
            with connect(port) as client:
                sender = Thread(target=client.sendall, args=(data,))
                sender.start()
                first = receive(client, 1)
                server.send(signal.SIGTERM)
                server.waitFor("SIGTERM")
                rest = receive(client, EIGHT_MEGABYTES - 1)
                sender.join(TIMEOUT)
                self.assertEqual(client.recv(1), b"")
            self.assertTrue(first + rest == data, "what came back is not what was sent")
            self.assertEqual(server.ended(), 0)
            self.assertIn(f"{EIGHT_MEGABYTES} octets in", "".join(server.said))

    def test_nobodyNewWhileDraining(self) -> None:
        with twistd("echo", LISTEN) as server:
            port = int(server.waitFor(STARTED)[1])
            with connect(port) as client:
                self.keepBusy(client)
                server.send(signal.SIGTERM)
                server.waitFor("Port .* Closed")
                self.assertTrue(self.isRefused(port), "it goes on listening")

    def isRefused(self, port: int) -> bool:
        """Whether nobody listens; Twisted logs the end of a port just before it."""
        for _ in range(1000):
            try:
                connect(port).close()
            except ConnectionRefusedError:
                return True
            except ConnectionResetError:
                # It was about to be accepted when the port was closed.
                continue
        return False

    def test_deadline(self) -> None:
        """Who does not end in time is cut."""
        with twistd("echo", LISTEN, "--drain-timeout=0.2") as server:
            with connect(int(server.waitFor(STARTED)[1])) as client:
                self.keepBusy(client)
                server.send(signal.SIGTERM)
                server.waitFor("(aborted)")

    def test_secondSignalEndsAtOnce(self) -> None:
        with twistd("echo", LISTEN, "--drain-timeout=3600") as server:
            with connect(int(server.waitFor(STARTED)[1])) as client:
                self.keepBusy(client)
                server.send(signal.SIGTERM)
                server.waitFor("SIGTERM")
                server.send(signal.SIGTERM)
                self.assertEqual(server.ended(), 0)
                self.assertIn("(aborted)", "".join(server.said))

    def keepBusy(self, client: socket.socket) -> None:
        """Send more than all buffers hold, without reading: it never falls quiet."""

        def send() -> None:
            with contextlib.suppress(OSError):
                client.sendall(bytes(MORE_THAN_BUFFERS))

        sender = Thread(target=send)
        sender.start()
        self.addCleanup(sender.join, TIMEOUT)
        self.addCleanup(client.close)
        self.assertEqual(receive(client, 1), b"\0")


class SignalTests(SynchronousTestCase):
    def test_hangupDoesNotKill(self) -> None:
        with twistd("echo", LISTEN) as server:
            with connect(int(server.waitFor(STARTED)[1])) as client:
                for _ in range(3):
                    server.send(signal.SIGHUP)
                    client.sendall(b"still there")
                    self.assertEqual(receive(client, 11), b"still there")

    def test_renewedCertificate(self) -> None:
        """SIGHUP: new connections see the new one, old connections stay."""
        path = os.path.join(folderFor(self), "localhost.pem")
        with open(path, "wb") as file:
            file.write(selfSigned("localhost", "first.example"))
        listen = f"--listen=ssl:0:interface={LOOPBACK}:privateKey={path}"
        with twistd("echo", listen) as server:
            port = int(server.waitFor(STARTED)[1])
            with self.tls(port) as old:
                first = old.getpeercert(binary_form=True)
                with open(path, "wb") as file:
                    file.write(selfSigned("localhost", "second.example"))
                server.send(signal.SIGHUP)
                server.send(signal.SIGUSR1)
                server.waitFor("'accepted': 1")
                with self.tls(port) as new:
                    self.assertNotEqual(new.getpeercert(binary_form=True), first)
                old.sendall(b"still there")
                self.assertEqual(receive(old, 11), b"still there")

    def tls(self, port: int) -> Any:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(connect(port), server_hostname="localhost")


class StartTests(SynchronousTestCase):
    def test_takenPort(self) -> None:
        """One line that names the port and the option; no traceback."""
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = taken.getsockname()[1]
            listen = f"--listen=tcp:{port}:interface={LOOPBACK}"
            with twistd("echo", listen) as server:
                self.assertEqual(server.ended(), 1)
        said = "".join(server.said)
        self.assertIn(f"port {port}: Address already in use", said)
        self.assertIn("--listen", said)
        self.assertNotIn("Traceback", said)

    def test_usageError(self) -> None:
        with twistd("echo", "--listen=tcp:abc") as server:
            server.ended()
        said = "".join(server.said)
        self.assertIn("--listen: port 'abc' is not a number from 0 to 65535", said)
        self.assertNotIn("Traceback", said)


class SystemdTests(SynchronousTestCase):
    def test_readyAndStopping(self) -> None:
        path = os.path.join(folderFor(self), "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.settimeout(TIMEOUT)
            told.bind(path)
            with twistd("echo", LISTEN, NOTIFY_SOCKET=path) as server:
                self.assertEqual(told.recv(100), b"READY=1")
                server.send(signal.SIGHUP)
                self.assertTrue(
                    told.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
                )
                self.assertEqual(told.recv(100), b"READY=1")
                server.send(signal.SIGTERM)
                self.assertEqual(told.recv(100), b"STOPPING=1")

    def test_socketActivation(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as inherited:
            with self.activated("echo", inherited):
                with connect(inherited.getsockname()[1]) as client:
                    client.sendall(b"woken")
                    self.assertEqual(receive(client, 5), b"woken")

    def test_datagramSocketActivation(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inherited:
            inherited.bind((LOOPBACK, 0))
            with self.activated("udpecho", inherited):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.settimeout(TIMEOUT)
                    client.sendto(b"woken", inherited.getsockname())
                    self.assertEqual(client.recv(100), b"woken")

    @contextlib.contextmanager
    def activated(self, service: str, inherited: socket.socket) -> Iterator[None]:
        """The socket is inherited as descriptor 3, as sd_listen_fds(3) has it."""
        number = inherited.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", _ACTIVATED, str(number), service],
            pass_fds=[number],
            cwd=folderFor(self),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


_ACTIVATED = """
import os, sys
if sys.argv[1] != "3":
    os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(
    LISTEN_FDS="1", LISTEN_FDNAMES="echo", LISTEN_PID=str(os.getpid())
)
sys.argv[1:] = [
    "-n", "--pidfile=", sys.argv[2], "--listen=systemd:domain=INET:name=echo"
]
from twisted.scripts.twistd import run
run()
"""
