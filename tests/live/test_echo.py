"""C{twistd echo} with other people's clients, over every kind of endpoint."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.tcpecho import EchoFactory
from protocols.testing import runningInThread, selfSigned
from tests.folders import folderFor
from tests.live.servers import TIMEOUT, twistd

DATA = bytes(range(256)) * 4000


class ClientTests(SynchronousTestCase):
    """All that was sent comes back, also what was sent right before FIN."""

    def talk(self, *words: str, data: bytes = DATA) -> bytes:
        """What a client prints when it is given C{data} and then the end."""
        if shutil.which(words[0]) is None:
            raise SkipTest(f"{words[0]} is not installed")
        done = subprocess.run(
            words, input=data, timeout=TIMEOUT, capture_output=True, check=False
        )
        return done.stdout

    def test_nc(self) -> None:
        with runningInThread(EchoFactory()) as server:
            said = self.talk("nc", "-N", server.host, str(server.port))
        self.assertTrue(said == DATA)

    def test_socat(self) -> None:
        with runningInThread(EchoFactory()) as server:
            where = f"TCP:{server.host}:{server.port}"
            said = self.talk("socat", "-t10", "-", where)
        self.assertTrue(said == DATA)

    def test_socatOverUNIX(self) -> None:
        path = os.path.join(folderFor(self), "echo.sock")
        with runningInThread(EchoFactory(), f"unix:{path}"):
            said = self.talk("socat", "-t10", "-", f"UNIX-CONNECT:{path}")
        self.assertTrue(said == DATA)

    def test_openssl(self) -> None:
        """A line to and fro: openssl closes TLS, which has no half-close."""
        path = os.path.join(folderFor(self), "localhost.pem")
        with open(path, "wb") as file:
            file.write(selfSigned())
        if shutil.which("openssl") is None:
            raise SkipTest("openssl is not installed")
        listen = f"--listen=ssl:0:interface=127.0.0.1:privateKey={path}"
        with twistd("echo", listen) as server:
            port = server.waitFor(r"starting on (\d+)")[1]
            where = f"127.0.0.1:{port}"
            words = ["openssl", "s_client", "-quiet", "-connect", where]
            with subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as client:
                assert client.stdin is not None
                assert client.stdout is not None
                client.stdin.write(b"under TLS\n")
                client.stdin.flush()
                self.assertEqual(client.stdout.readline(), b"under TLS\n")
                client.kill()

    def test_ipv6(self) -> None:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            raise SkipTest("no IPv6 here") from None
        with runningInThread(EchoFactory(), r"tcp6:0:interface=\:\:1") as server:
            said = self.talk("nc", "-N", "::1", str(server.port))
        self.assertTrue(said == DATA)
