"""The load client of the benchmarks counts what is right, and tells what is wrong."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from threading import Thread
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.live.servers import ROOT, TIMEOUT

HOST = "127.0.0.1"


def benchmark(name: str) -> str:
    return str(ROOT / "benchmarks" / name)


class LoadCase(SynchronousTestCase):
    def setUp(self) -> None:
        if not (shutil.which("gcc") or shutil.which("cc")):
            raise SkipTest("a C compiler is not installed")
        command = [sys.executable, benchmark("loadclient.py")]
        made = subprocess.run(
            command, timeout=TIMEOUT, capture_output=True, text=True, check=True
        )
        self.program = made.stdout.strip()

    def load(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *words],
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    def figures(self, *words: str) -> dict[str, Any]:
        done = self.load(*words)
        self.assertEqual(done.stderr, "")
        figures: dict[str, Any] = json.loads(done.stdout)
        return figures


class RightTests(LoadCase):
    """Against the servers of the benchmarks: in C, and Twisted's."""

    def served(self, name: str) -> str:
        """The port of a server that lasts as long as the test."""
        command = [sys.executable, benchmark("servers.py"), name]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        assert server.stdout is not None
        return server.stdout.readline().strip()

    def test_echo(self) -> None:
        for name in ("c-tcp", "plain"):
            where = ("echo", HOST, self.served(name), "-t", "10", "-n", "1000")
            small = self.figures(*where, "-c", "7", "-s", "10", "-k", "3")
            self.assertEqual((small["messages"], small["errors"]), (1000, 0))
            self.assertEqual(small["octets"], 10_000)
            large = self.figures(*where, "-s", "100001", "-k", "9")
            self.assertEqual((large["messages"], large["errors"]), (1000, 0))
            self.assertGreaterEqual(large["p99"], large["p50"])

    def test_fan(self) -> None:
        for name in ("c-fan", "fan"):
            where = ("fan", HOST, self.served(name), "-t", "10", "-n", "50")
            figures = self.figures(*where, "-c", "20", "-k", "4", "-g", "hello #")
            self.assertEqual((figures["messages"], figures["errors"]), (1000, 0))

    def test_datagrams(self) -> None:
        for name in ("c-udp", "datagrams"):
            where = ("datagrams", HOST, self.served(name), "-t", "10", "-n", "1000")
            figures = self.figures(*where, "-c", "5", "-k", "4")
            sent = figures["messages"] + figures["errors"]
            self.assertGreaterEqual(sent, 1000)
            self.assertLess(figures["errors"], 100)


class WrongTests(LoadCase):
    """One line says what is wrong."""

    def assertWrong(self, expected: str, *words: str) -> None:
        done = self.load(*words)
        self.assertEqual((done.stdout, done.stderr), ("", f"load: {expected}\n"))
        self.assertNotEqual(done.returncode, 0)

    def answering(self, answer: bytes) -> str:
        """The port of a server that answers once, and closes."""
        server = socket.create_server((HOST, 0))
        self.addCleanup(server.close)

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        return str(server.getsockname()[1])

    def test_otherOctets(self) -> None:
        where = ("echo", HOST, self.answering(b"x"))
        self.assertWrong("an answer is not what was sent", *where)

    def test_closed(self) -> None:
        where = ("echo", HOST, self.answering(b""))
        self.assertWrong("the server has closed a connection", *where)

    def test_nobody(self) -> None:
        with socket.create_server((HOST, 0)) as server:
            port = str(server.getsockname()[1])
        expected = "the server does not listen: Connection refused"
        self.assertWrong(expected, "echo", HOST, port)
        expected = "the server is gone: Connection refused"
        self.assertWrong(expected, "datagrams", HOST, port)

    def test_elsewhere(self) -> None:
        expected = "the host is 127.0.0.1 or ::1"
        self.assertWrong(expected, "echo", "192.0.2.1", "7")

    def test_options(self) -> None:
        for words in (("-c", "20001"), ("-t", "121"), ("-s", "0"), ("-k", "x")):
            done = self.load("echo", HOST, "7", *words)
            self.assertRegex(done.stderr, r"^load: \S+ is not from \d+ to \d+\n$")
            self.assertEqual(done.returncode, 2)
