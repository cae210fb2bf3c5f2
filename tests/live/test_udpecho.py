"""C{twistd udpecho} with real sockets and other people's clients."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.live.servers import TIMEOUT, twistd

STARTED = r"starting on (\d+)"


@contextmanager
def serving(interface: str) -> Iterator[int]:
    """The port of a server on that interface."""
    with twistd("udpecho", f"--listen=udp:0:interface={interface}") as server:
        yield int(server.waitFor(STARTED)[1])


class UDPEchoTests(SynchronousTestCase):
    def exchange(
        self, family: int, host: str, port: int, payloads: list[bytes]
    ) -> None:
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.settimeout(TIMEOUT)
            client.connect((host, port))
            for payload in payloads:
                client.send(payload)
                self.assertEqual(client.recv(65536), payload)

    def test_sizes(self) -> None:
        payloads = [bytes([size & 255]) * size for size in (0, 1, 1472, 65507)]
        with serving("127.0.0.1") as port:
            self.exchange(socket.AF_INET, "127.0.0.1", port, payloads)

    def test_ipv6(self) -> None:
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            raise SkipTest("no IPv6 here") from None
        with serving("::1") as port:
            self.exchange(socket.AF_INET6, "::1", port, [b"six", b"x" * 65507])

    def test_burst(self) -> None:
        """What waits in the receive buffer is answered to the last."""
        with serving("127.0.0.1") as port:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(TIMEOUT)
                client.connect(("127.0.0.1", port))
                client.send(b"awake?")
                client.recv(100)
                sent = {b"%d" % number for number in range(100)}
                for payload in sent:
                    client.send(payload)
                self.assertEqual({client.recv(100) for _ in sent}, sent)

    def test_socat(self) -> None:
        self.talk("socat", "-t{time}", "-", "UDP4:127.0.0.1:{port}")

    def test_nc(self) -> None:
        self.talk("nc", "-u", "-w1", "127.0.0.1", "{port}")

    def talk(self, *words: str) -> None:
        if shutil.which(words[0]) is None:
            raise SkipTest(f"{words[0]} is not installed")
        with serving("127.0.0.1") as port:
            command = [word.format(port=port, time=1) for word in words]
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as client:
                assert client.stdin is not None
                assert client.stdout is not None
                client.stdin.write(b"over UDP\n")
                client.stdin.flush()
                self.assertEqual(client.stdout.readline(), b"over UDP\n")
                client.kill()
