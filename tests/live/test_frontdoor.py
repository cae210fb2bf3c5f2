"""The `protocols` command as a person meets it: a process, its table, Ctrl-C."""

from __future__ import annotations

import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

import protocols
from protocols.config import KINDS
from protocols.frontdoor import FAREWELL

# Seconds in which a process must start, answer or end; a slow machine needs two.
PATIENCE = 30.0
READY = b"Ctrl-C ends it.\n"
ANYWHERE = [f"--{kind}-listen=0" for kind in KINDS]
ROW = re.compile(r"^(\w+) +127\.0\.0\.1:(\d+)/(tcp|udp) ", re.MULTILINE)


class Door:
    """One process of the command, and what it has said so far."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "protocols", *arguments],
            cwd=Path(protocols.__file__).parents[1],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said = ""

    def untilReady(self) -> dict[str, int]:
        """The port of each service, once the table is there."""
        out = self.process.stdout
        assert out is not None
        deadline = time.monotonic() + PATIENCE
        said = b""
        with DefaultSelector() as selector:
            selector.register(out, EVENT_READ)
            while READY not in said and selector.select(deadline - time.monotonic()):
                chunk = os.read(out.fileno(), 65536)
                if not chunk:
                    break
                said += chunk
        self.said = said.decode()
        return {kind: int(port) for kind, port, _ in ROW.findall(self.said)}

    def end(self) -> tuple[int, str, str]:
        """Exit status, and what it said since on standard output and error."""
        out, error = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out.decode(), error.decode()

    def close(self) -> None:
        """See to it that nothing stays behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE)


class FrontDoorTests(SynchronousTestCase):
    def setUp(self) -> None:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def door(self, *arguments: str) -> Door:
        door = Door({"XDG_DATA_HOME": str(self.directory)}, *arguments)
        self.addCleanup(door.close)
        return door

    def test_allFourAnswerAndCtrlCEndsThem(self) -> None:
        door = self.door(*ANYWHERE)
        ports = door.untilReady()
        self.assertEqual(set(ports), set(KINDS), door.said)
        self.assertIn(f"Mail is kept in {self.directory}/txprotocols.", door.said)
        self.assertEqual(overTCP(ports["echo"], b"hello\n"), b"hello\n")
        self.assertEqual(overUDP(ports["udpecho"], b"hello"), b"hello")
        self.assertNotEqual(greetingOf(ports["chat"]), b"")
        self.mailed(ports["smtp"])
        door.process.send_signal(signal.SIGINT)
        status, out, error = door.end()
        self.assertEqual((status, out), (0, f"{FAREWELL}\n"), error)
        self.assertNotIn("Traceback", error)

    def mailed(self, port: int) -> None:
        """A message that was taken is in the directory that the table named."""
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
            client.sendmail("me@example.org", ["you@example.org"], "S: x\n\nseen\n")
        files = [each for each in self.directory.rglob("*") if each.is_file()]
        self.assertTrue(any(b"seen" in each.read_bytes() for each in files), files)

    def test_theLinesOfTheTableWorkAsTheyStand(self) -> None:
        door = self.door(*ANYWHERE)
        door.untilReady()
        tried = [
            self.tried(line)
            for line in re.findall(r"(?:printf|swaks) .*", door.said)
            if programOf(line)
        ]
        self.assertTrue(tried)

    def tried(self, line: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", line], capture_output=True, timeout=PATIENCE, check=False
        )
        self.assertEqual(done.returncode, 0, (line, done.stdout, done.stderr))
        if "nc" in line:
            self.assertEqual(done.stdout, b"hello\n", line)
        return line

    def test_aPortThatIsTakenIsOneLine(self) -> None:
        first = self.door(*ANYWHERE)
        ports = first.untilReady()
        for kind, port in ports.items():
            listens = [each for each in ANYWHERE if each != f"--{kind}-listen=0"]
            second = self.door(*listens, f"--{kind}-listen={port}")
            said = f"port {port} on 127.0.0.1 is taken: choose another with"
            expected = (1, "", f"protocols: {said} --{kind}-listen\n")
            self.assertEqual(second.end(), expected)
        self.assertEqual(overTCP(ports["echo"], b"still here"), b"still here")

    def test_aWrongOptionIsOneLine(self) -> None:
        status, out, error = self.door("--chat-listen=nowhere:1").end()
        self.assertEqual((status, out, error.count("\n")), (2, "", 1))
        self.assertTrue(error.startswith("protocols: --chat-listen: "))

    def test_aDirectoryThatCanNotBeWrittenIsOneLine(self) -> None:
        (self.directory / "file").touch()
        path = self.directory / "file" / "mail"
        status, out, error = self.door(*ANYWHERE, "--data-dir", str(path)).end()
        self.assertEqual((status, out, error.count("\n")), (1, "", 1))
        self.assertIn("--data-dir", error)

    def test_thePrintedFileCanBeServed(self) -> None:
        status, text, _ = self.door("--print-config").end()
        self.assertEqual(status, 0)
        path = self.directory / "suite.toml"
        path.write_text(re.sub(r":70\d\d:", ":0:", text))
        checked = self.door("--check-config", "--config", str(path)).end()
        self.assertEqual(checked, (0, f"{path}: 4 services, no errors\n", ""))
        self.assertEqual(set(self.door("--config", str(path)).untilReady()), set(KINDS))

    def test_theLogIsJSONLines(self) -> None:
        log = self.directory / "log.jsonl"
        door = self.door(*ANYWHERE, "--log-json", str(log))
        overTCP(door.untilReady()["echo"], b"counted")
        door.process.send_signal(signal.SIGTERM)
        self.assertEqual(door.end()[0], 0)
        lines = log.read_text().splitlines()
        self.assertTrue(all(line[0] + line[-1] == "{}" for line in lines))
        (ended,) = [line for line in lines if "connectionEnded" in line]
        self.assertIn('"bytesIn": 7', ended)


def overTCP(port: int, data: bytes) -> bytes:
    """What comes back until the peer has finished, after we have."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        back = b""
        while chunk := client.recv(65536):
            back += chunk
        return back


def overUDP(port: int, data: bytes) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.sendto(data, ("127.0.0.1", port))
        return client.recv(65536)


def greetingOf(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        return client.recv(65536)


def programOf(line: str) -> bool:
    """Whether the program that the line needs is on this machine."""
    needed = re.findall(r"\b(?:nc|curl|swaks)\b", line)
    return all(shutil.which(program) for program in needed)
