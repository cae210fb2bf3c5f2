"""C{twistd chat --irc} with real sockets and other people's clients."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from signal import SIGTERM
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols.irc import IRCClient

from protocols.chat.irc import IRCFactory
from protocols.testing import runningInThread
from tests.folders import folderFor
from tests.live.ircprograms import LOOPBACK, Ii, Irssi, Nc, Program, Sic, Weechat
from tests.live.servers import TIMEOUT, twistd

LISTEN = f"tcp:0:interface={LOOPBACK}"
PROXY = b"PROXY TCP4 192.0.2.7 127.0.0.1 56324 6667\r\n"


@contextmanager
def chatting(
    *options: str, irc: str = LISTEN, **more: str
) -> Iterator[tuple[int, int]]:
    """The ports of a chat's two doors, for lines and for IRC."""
    words = (f"--listen={LISTEN}", f"--irc={irc}", "--max-per-peer=0", *options)
    with twistd("chat", *words, **more) as server:
        lines = server.waitFor(r"Factory.* starting on (\d+)")[1]
        yield int(lines), int(server.waitFor(r"Factory.* starting on (\d+)")[1])


class ProgramTests(SynchronousTestCase):
    """Register, join, talk, and see who is at the other door."""

    def meet(self, program: Any) -> None:
        """Somebody with C{program}, and somebody with C{nc} at the line door."""
        folder = Path(folderFor(self), "home")
        folder.mkdir(parents=True)
        with chatting("--room=#tea") as (lines, irc):
            client = program(irc, "ann", folder)
            self.addCleanup(client.close)
            client.join("#tea")
            nc = Program("nc", LOOPBACK, str(lines))
            self.addCleanup(nc.close)
            nc.types("bob")
            nc.waitFor("You are in #tea, with ann.")
            client.waitFor("bob")
            nc.types("hello-na\u00efve-\u540d\u524d")
            client.waitFor("hello-na\u00efve-\u540d\u524d")
            client.talk("hello-from-ann")
            nc.waitFor("#tea <ann> hello-from-ann")
            nc.types("/leave")
            client.waitFor("bob")

    def test_nc(self) -> None:
        self.meet(Nc)

    def test_sic(self) -> None:
        self.meet(Sic)

    def test_ii(self) -> None:
        self.meet(Ii)

    def test_irssi(self) -> None:
        self.meet(Irssi)

    def test_weechat(self) -> None:
        self.meet(Weechat)

    def test_allInOneRoom(self) -> None:
        """Those of them that there are, each with the words of the others."""
        folder = Path(folderFor(self))
        with chatting("--room=#tea") as (_, irc):
            people: list[Any] = []
            for number, kind in enumerate((Nc, Sic, Irssi)):
                home = folder / str(number)
                home.mkdir(parents=True)
                people.append(kind(irc, f"person{number}", home))
                self.addCleanup(people[-1].close)
            for person in people:
                person.join("#tea")
            for number, person in enumerate(people):
                person.talk(f"words-of-{number}")
                for other in people:
                    if other is not person:
                        other.waitFor(f"words-of-{number}")


class Talker(IRCClient):
    """Twisted's own client: tells a queue what happens."""

    nickname = "ann"

    def __init__(self, happened: Queue[tuple[str, ...]]) -> None:
        self._happened = happened

    def signedOn(self) -> None:
        self._happened.put(("signedOn",))
        self.join("#tea")

    def joined(self, channel: str) -> None:
        self._happened.put(("joined", channel))

    def userJoined(self, user: str, channel: str) -> None:
        self._happened.put(("userJoined", user, channel))

    def privmsg(self, user: str, channel: str, message: str) -> None:
        self._happened.put(("privmsg", user.partition("!")[0], channel, message))

    def action(self, user: str, channel: str, data: str) -> None:
        self._happened.put(("action", user.partition("!")[0], channel, data))


class TwistedClientTests(SynchronousTestCase):
    def test_talk(self) -> None:
        happened: Queue[tuple[str, ...]] = Queue()
        factory = IRCFactory()
        with runningInThread(factory) as server:
            factory.clock = server.reactor
            client: Any = server.call(self.connect, server, happened)
            for expected in (("signedOn",), ("joined", "#tea")):
                self.assertEqual(happened.get(timeout=TIMEOUT), expected)
            person = Nc(server.port, "bob", Path())
            self.addCleanup(person.close)
            person.join("#tea")
            self.assertEqual(happened.get(timeout=TIMEOUT)[0], "userJoined")
            person.talk("hello")
            self.assertEqual(
                happened.get(timeout=TIMEOUT), ("privmsg", "bob", "#tea", "hello")
            )
            person.talk("\1ACTION waves\1")
            self.assertEqual(
                happened.get(timeout=TIMEOUT), ("action", "bob", "#tea", "waves")
            )
            server.call(client.msg, "#tea", "hello bob")
            person.waitFor("PRIVMSG #tea :hello bob")
            server.call(client.quit, "bye")
            person.waitFor("QUIT :Quit: bye")

    def connect(self, server: Any, happened: Queue[tuple[str, ...]]) -> Any:
        endpoint = TCP4ClientEndpoint(server.reactor, LOOPBACK, server.port)
        return endpoint.connect(Factory.forProtocol(lambda: Talker(happened)))


class Wire:
    """Somebody on a socket of their own."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self.says("NICK ann", "USER a 0 * :Ann")
        self.waitFor(" 001 ann ")

    def says(self, *lines: str) -> None:
        self._connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def waitFor(self, text: str) -> str:
        for octets in self._lines:
            line = octets.decode().rstrip("\r\n")
            if text in line:
                return str(line)
        raise AssertionError(f"the end came before {text!r}")

    def close(self) -> None:
        self._lines.close()
        self._connection.close()


class EndpointTests(SynchronousTestCase):
    def wire(self, port: int, first: bytes = b"", tls: bool = False) -> Wire:
        connection = socket.create_connection((LOOPBACK, port), TIMEOUT)
        self.addCleanup(connection.close)
        if first:
            connection.sendall(first)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(connection)
        wire = Wire(connection)
        self.addCleanup(wire.close)
        return wire

    def endpoint(self) -> str:
        return f"ssl:0:interface={LOOPBACK}:privateKey=development"

    def test_tls(self) -> None:
        """An endpoint string is all that it takes; WHOIS says so (671)."""
        home = folderFor(self)
        with chatting(irc=self.endpoint(), XDG_DATA_HOME=home) as (_, port):
            wire = self.wire(port, tls=True)
            wire.says("WHOIS ann")
            wire.waitFor(" 671 ann ann ")

    def test_clear(self) -> None:
        with chatting() as (_, port):
            wire = self.wire(port)
            wire.says("WHOIS ann", "LUSERS")
            wire.waitFor(" 378 ann ann :is connecting from ~a@127.0.0.1 127.0.0.1")
            self.assertNotIn(" 671 ", wire.waitFor(" 317 "))
            wire.waitFor(" 255 ann :I have 1 clients")

    def test_proxied(self) -> None:
        """The address is the one that the proxy tells of."""
        with chatting("--proxy-from=127.0.0.0/8") as (_, port):
            wire = self.wire(port, PROXY)
            wire.says("WHOIS ann")
            wire.waitFor(" 378 ann ann :is connecting from ~a@192.0.2.7 192.0.2.7")

    def test_proxiedTLS(self) -> None:
        home = folderFor(self)
        options = ("--proxy-from=127.0.0.0/8",)
        with chatting(*options, irc=self.endpoint(), XDG_DATA_HOME=home) as (_, port):
            wire = self.wire(port, PROXY, tls=True)
            wire.says("WHOIS ann")
            wire.waitFor(" 378 ann ann :is connecting from ~a@192.0.2.7 192.0.2.7")
            wire.waitFor(" 671 ann ann ")

    def test_drain(self) -> None:
        """Both doors say that the server stops."""
        with twistd("chat", f"--listen={LISTEN}", f"--irc={LISTEN}") as server:
            port = int(server.waitFor(r"IRCFactory.* starting on (\d+)")[1])
            wire = self.wire(port)
            server.send(SIGTERM)
            wire.waitFor("ERROR :Closing link: The server is stopping")
            server.ended()
