"""C{twistd chat} with real sockets and other people's clients."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.live.servers import TIMEOUT, Process, twistd

LOOPBACK = "127.0.0.1"
STARTED = r"starting on (\d+)"
CROWD = 300

# So many send 144,000 octets each, as relayed, to one who does not read: 8.6 MB,
# several times what the kernel keeps for a connection whose window stays shut.
WRITERS = 60


@contextmanager
def chatting(*options: str) -> Iterator[tuple[int, Process]]:
    """The port of a chat, and its process."""
    with twistd("chat", f"--listen=tcp:0:interface={LOOPBACK}", *options) as server:
        yield int(server.waitFor(STARTED)[1]), server


class Terminal:
    """A client program, typed to and read from through pipes."""

    def __init__(self, *words: str) -> None:
        path = shutil.which(words[0])
        if path is None:
            raise SkipTest(f"there is no {words[0]} here")
        self._process = subprocess.Popen(
            [path, *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._in: Any = self._process.stdin
        self._out: Any = self._process.stdout

    def types(self, line: str) -> None:
        self._in.write(f"{line}\n".encode())
        self._in.flush()

    def waitFor(self, text: str) -> str:
        """Read up to a line with C{text}; the server's alarm bounds the wait."""
        said = []
        for octets in self._out:
            said.append(octets.decode().rstrip("\r\n"))
            if text in said[-1]:
                return str(said[-1])
        raise AssertionError(f"no {text!r} in {said}")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Person:
    """Somebody on a plain socket."""

    def __init__(self, port: int, name: str) -> None:
        self.socket = socket.create_connection((LOOPBACK, port), TIMEOUT)
        self._lines = self.socket.makefile("rb")
        self.says(name)

    def says(self, line: str) -> None:
        self.socket.sendall(f"{line}\n".encode())

    def waitFor(self, text: str) -> str:
        for octets in self._lines:
            line = octets.decode().rstrip("\r\n")
            if text in line:
                return str(line)
        raise AssertionError(f"the end came before {text!r}")

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


class ProgramTests(SynchronousTestCase):
    """C{nc} and C{telnet} in one room."""

    def terminal(self, *words: str) -> Terminal:
        terminal = Terminal(*words)
        self.addCleanup(terminal.close)
        return terminal

    def talk(self, port: int, ann: Terminal, bob: Terminal) -> None:
        for terminal, name in ((ann, "ann"), (bob, "bob")):
            terminal.waitFor("What is your name?")
            terminal.types(name)
            terminal.waitFor("You are in #lobby")
        ann.waitFor("bob joined")
        ann.types("hello, naïve 名前")
        self.assertEqual(bob.waitFor("hello"), "#lobby <ann> hello, naïve 名前")
        bob.types("\x1b[2Jback")
        self.assertEqual(ann.waitFor("back"), "#lobby <bob> ^[[2Jback")
        bob.types("/quit")
        bob.waitFor("Bye.")
        ann.waitFor("bob quit")

    def test_ncAndNc(self) -> None:
        with chatting() as (port, _):
            words = ("nc", LOOPBACK, str(port))
            self.talk(port, self.terminal(*words), self.terminal(*words))

    def test_ncAndTelnet(self) -> None:
        with chatting() as (port, _):
            self.talk(
                port,
                self.terminal("nc", LOOPBACK, str(port)),
                self.terminal("telnet", "-8", LOOPBACK, str(port)),
            )

    def test_pipe(self) -> None:
        """C{printf | nc -N}: half-closed at once, and all is answered."""
        with chatting() as (port, _):
            nc = self.terminal("nc", "-N", LOOPBACK, str(port))
            said, _ = nc._process.communicate(b"bob\nhello\n/who\n/quit\n", TIMEOUT)
        self.assertIn(b"* In #lobby: bob\r\n* Bye.\r\n", said)
        self.assertEqual(nc._process.returncode, 0)


class CrowdTests(SynchronousTestCase):
    def test_everybodyAtOnce(self) -> None:
        """All come in before anybody is answered to, and hear the same word."""
        options = ("--max-per-peer=0", "--accept-rate=0")
        with chatting(*options) as (port, _), ExitStack() as stack:
            people = [Person(port, f"person-{number}") for number in range(CROWD)]
            for person in people:
                stack.callback(person.close)
            for person in people:
                person.waitFor("You are in #lobby")
            people[0].says("hello")
            for person in people[1:]:
                self.assertEqual(person.waitFor("hello"), "#lobby <person-0> hello")

    def test_tooManyFromOnePeer(self) -> None:
        """Refused at once, and told so."""
        with chatting("--max-per-peer=2") as (port, _), ExitStack() as stack:
            for name in ("ann", "bob"):
                person = Person(port, name)
                stack.callback(person.close)
                person.waitFor("You are in #lobby")
            with socket.create_connection((LOOPBACK, port), TIMEOUT) as third:
                said = third.recv(1000)
        self.assertIn(b"no place for you", said)


class EndTests(SynchronousTestCase):
    def test_theServerStops(self) -> None:
        with chatting() as (port, server):
            ann = Person(port, "ann")
            self.addCleanup(ann.close)
            ann.waitFor("You are in #lobby")
            server.send(signal.SIGTERM)
            ann.waitFor("The server is stopping. Bye.")
            self.assertEqual(ann.socket.recv(1), b"")
            server.ended()

    def test_whoDoesNotReadIsDropped(self) -> None:
        """Once the kernel's buffers and ours are full; the room is told."""
        options = ("--max-per-peer=0", "--accept-rate=0")
        with chatting(*options) as (port, _), ExitStack() as stack:
            ann, deaf, *others = (
                Person(port, name)
                for name in ("ann", "deaf", *(f"loud-{n}" for n in range(WRITERS)))
            )
            for person in (ann, deaf, *others):
                stack.callback(person.close)
            deaf.waitFor("You are in #lobby")
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            for person in others:
                person.waitFor("You are in #lobby")
                for _ in range(9):
                    person.says("/msg deaf " + "\x01" * 8000)
            ann.waitFor("deaf did not keep up")
            others[0].says("still here")
            ann.waitFor("still here")
