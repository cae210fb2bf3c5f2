"""Hostile and odd input at the doors of a chat, as users start it: real sockets."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.folders import folderFor
from tests.live.servers import TIMEOUT, Process, twistd
from tests.live.test_chat import LOOPBACK, STARTED, Person

PLACE = f"tcp:0:interface={LOOPBACK}"
FREE = ("--max-per-peer=0", "--accept-rate=0")

# What a process may grow by while it is sent 64 MiB without a line's end, in KiB.
MOST_GROWTH = 100
CHUNK, CHUNKS = b"A" * 65536, 1024

# Octets sent one by one, and seconds of CPU that they may take: each has a segment and
# a turn of the reactor, of which one takes some 20 microseconds.
OCTETS = 2000
MOST_CPU = 0.5

# Who wants one name in the same moment.
RIVALS = 12

# Descriptors of a process that is to have too few, and who comes then.
DESCRIPTORS = 64
MANY = 100

# Who is there when the server stops, and says a last word.
MEMBERS = 100


class Doors:
    """A chat that listens for lines and for IRC, and what its process needs."""

    def __init__(self, process: Process, line: int, irc: int) -> None:
        self.process, self.line, self.irc = process, line, irc
        self._proc = Path(f"/proc/{process._process.pid}")

    def memory(self, what: str = "VmRSS") -> int:
        """KiB; of C{VmHWM}, the most since L{forgetPeak}."""
        status = (self._proc / "status").read_text()
        found = re.search(rf"{what}:\s+(\d+)", status)
        assert found is not None
        return int(found[1])

    def forgetPeak(self) -> None:
        (self._proc / "clear_refs").write_text("5")

    def cpu(self) -> float:
        stat = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return sum(map(int, stat[11:13])) / os.sysconf("SC_CLK_TCK")

    def allow(self, descriptors: int) -> None:
        limits = (descriptors, descriptors)
        pid = self.process._process.pid
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


@contextmanager
def doors(*options: str) -> Iterator[Doors]:
    words = ("chat", f"--listen={PLACE}", f"--irc={PLACE}", *options)
    with twistd(*words) as process:
        line, irc = (int(process.waitFor(STARTED)[1]) for _ in range(2))
        yield Doors(process, line, irc)


class Program(Person):
    """Somebody with an IRC client."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(port, f"NICK {name}\r\nUSER u 0 * :r\r\nJOIN #lobby")


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def open(self, *options: str) -> Doors:
        return self.stack.enter_context(doors(*options))

    def person(self, port: int, name: str, kind: Any = Person) -> Any:
        person = kind(port, name)
        self.stack.callback(person.close)
        return person

    def come(self, chat: Doors, *names: str) -> list[Any]:
        people = [self.person(chat.line, name) for name in names]
        for person in people:
            person.waitFor("You are in #lobby")
        return people


class AmountTests(Case):
    def test_withoutALinesEnd(self) -> None:
        """64 MiB: told once, and next to nothing is kept."""
        chat = self.open()
        program = self.person(chat.irc, "pat", Program)
        program.waitFor(" 366 ")
        (ann,) = self.come(chat, "ann")
        cases = ((ann, "too long", "/who", "In #"), (program, "417", "PING x", "PONG"))
        for person, told, asked, answer in cases:
            chat.forgetPeak()
            before = chat.memory()
            for _ in range(CHUNKS):
                person.socket.sendall(CHUNK)
            person.waitFor(told)
            person.says(f"\n{asked}")
            person.waitFor(answer)
            self.assertLess(chat.memory("VmHWM") - before, MOST_GROWTH)

    def test_octetByOctet(self) -> None:
        """Said once, for no more than a turn of the reactor each."""
        chat = self.open()
        ann, bob = self.come(chat, "ann", "bob")
        bob.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        before = chat.cpu()
        for _ in range(OCTETS):
            bob.socket.send(b"x")
        bob.says("")
        self.assertEqual(ann.waitFor("xxx"), "#lobby <bob> " + "x" * OCTETS)
        self.assertLess(chat.cpu() - before, MOST_CPU)

    def test_noDescriptors(self) -> None:
        """Who comes has to wait, and the members notice nothing; one line of log."""
        chat = self.open(*FREE)
        ann, bob = self.come(chat, "ann", "bob")
        chat.allow(DESCRIPTORS)
        with ExitStack() as stack:
            for _ in range(MANY):
                connection = socket.create_connection((LOOPBACK, chat.line), TIMEOUT)
                stack.enter_context(closing(connection))
            chat.process.waitFor("no descriptors are left")
            bob.says("hello")
            ann.waitFor("<bob> hello")
        (eve,) = self.come(chat, "eve")
        eve.says("here")
        ann.waitFor("<eve> here")
        said = "".join(chat.process.said)
        self.assertNotIn("EMFILE", said)


class NameTests(Case):
    def test_oneWins(self) -> None:
        """Of all who want a name in the same moment, at two doors, one gets it."""
        chat = self.open(*FREE)
        lines = [self.person(chat.line, "Bob") for _ in range(RIVALS)]
        programs = [self.person(chat.irc, "b\u043eb", Program) for _ in range(RIVALS)]
        told = [person.waitFor("Bob") for person in lines]
        told += [program.waitFor(":irc.localhost ") for program in programs]
        here = [text for text in told if "Hello" in text or " 001 " in text]
        gone = [text for text in told if "is taken" in text or " 433 " in text]
        self.assertEqual((len(here), len(gone)), (1, 2 * RIVALS - 1))


class EndTests(Case):
    def test_halfClosedAtEachStage(self) -> None:
        """All that was sent before the FIN is answered; then comes ours."""
        chat = self.open()
        hello = "NICK pat\r\nUSER u 0 * :r\r\n"
        for port, said, answer in (
            (chat.line, "", "What is your name?"),
            (chat.line, "bo", "What is your name?"),
            (chat.line, "bob\n", "You are in #lobby"),
            (chat.line, "bob\n/register sesame\n", "You are logged in as bob"),
            (chat.line, "bob sesame\n/history\n", "Nothing was said before"),
            (chat.irc, "CAP LS 302\r\n", "sasl"),
            (chat.irc, hello, " 422 pat "),
            (chat.irc, f"{hello}JOIN #lobby\r\nLIST\r\n", " 323 pat "),
        ):
            with socket.create_connection((LOOPBACK, port), TIMEOUT) as connection:
                connection.sendall(said.encode())
                connection.shutdown(socket.SHUT_WR)
                heard = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
            self.assertIn(answer, heard)

    def test_lastWordsAreKept(self) -> None:
        """SIGTERM: everybody is told, and what was said is in the store."""
        path = Path(folderFor(self), "chat.db")
        chat = self.open(*FREE, f"--store={path}")
        people = self.come(chat, *(f"p{number}" for number in range(MEMBERS)))
        for number, person in enumerate(people):
            person.says(f"last word {number}")
        for _ in range(MEMBERS - 1):
            people[-1].waitFor("last word")
        chat.process.send(signal.SIGTERM)
        for person in people:
            person.waitFor("The server is stopping. Bye.")
            self.assertEqual(person.socket.recv(1), b"")
        self.assertEqual(chat.process.ended(), 0)
        with closing(sqlite3.connect(path)) as database:
            query = "SELECT count(*) FROM posting WHERE text LIKE 'last word %'"
            self.assertEqual(database.execute(query).fetchone(), (MEMBERS,))

    def test_reload(self) -> None:
        """SIGHUP: the message of the day is another, and everybody stays."""
        motd = Path(folderFor(self), "motd")
        motd.write_text("the first\n")
        chat = self.open(f"--motd={motd}")
        pat = self.person(chat.irc, "pat", Program)
        pat.waitFor(":- the first")
        (ann,) = self.come(chat, "ann")
        motd.write_text("another\n")
        chat.process.send(signal.SIGHUP)
        ann.says("still here")
        pat.waitFor("still here")
        pat.says("MOTD")
        pat.waitFor(":- another")


class OtherTongueTests(Case):
    """Who speaks something else at a door is no trouble for it."""

    def test_plainAtTLS(self) -> None:
        secure = f"ssl:0:privateKey=development:interface={LOOPBACK}"
        chat = self.open(f"--irc={secure}")
        port = int(chat.process.waitFor(STARTED)[1])
        with socket.create_connection((LOOPBACK, port), TIMEOUT) as connection:
            connection.sendall(b"NICK pat\r\nUSER u 0 * :r\r\n")
            self.assertNotIn(b"001", b"".join(iter(lambda: connection.recv(999), b"")))
        self.come(chat, "ann")

    def test_TLSAtPlain(self) -> None:
        """A handshake is told something that is none, or nothing, and fails."""
        chat = self.open()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for port in (chat.line, chat.irc):
            with socket.create_connection((LOOPBACK, port), 1) as connection:
                self.assertRaises(OSError, context.wrap_socket, connection)
        self.come(chat, "ann")

    def test_noHeader(self) -> None:
        """Behind a proxy whose header is none: the end, at once."""
        chat = self.open(f"--proxy-from={LOOPBACK}/32")
        for said in (b"bob\r\n", b"PROXY TCP4 1.2.3.400 1.2.3.4 1 2\r\n", b"\0" * 300):
            with socket.create_connection((LOOPBACK, chat.line), TIMEOUT) as connection:
                connection.sendall(said)
                self.assertRaises(ConnectionResetError, connection.recv, 1)

    def test_noGateway(self) -> None:
        """Nobody may say whose connection it is who is not trusted."""
        chat = self.open("--webirc-from=192.0.2.7/32", "--webirc-password=sesame")
        eve = self.person(chat.irc, "eve", Person)
        eve.says("WEBIRC sesame gateway host 198.51.100.1")
        eve.waitFor("ERROR")
        self.assertEqual(eve.socket.recv(1), b"")
