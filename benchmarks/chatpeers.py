"""The chats in Python, to be run: C{python chatpeers.py NAME PORT}.

Each has a room in which everybody is who has said a name, and runs until it is
killed. With C{lean-} before its name, one of Twisted's runs on the lean reactor.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parent.parent))

HOST = "127.0.0.1"

# Connections that may wait to be accepted.
BACKLOG = 1024

# No limits here: lines a second, and at once.
UNLIMITED = 1_000_000_000


def line(port: int) -> None:
    """Our line door, behind its guard, as C{twistd chat} serves it."""
    _ours(port, isIRC=False)


def irc(port: int) -> None:
    """Our IRC door, likewise."""
    _ours(port, isIRC=True)


def _ours(port: int, *, isIRC: bool) -> None:
    from twisted.internet import reactor

    from protocols.chat import ChatFactory
    from protocols.chat.tap import Options, ircFactory, openHouse
    from protocols.service import serveStreams

    options: Any = Options()
    off = [f"--{name}=0" for name in ("max-per-peer", "max-connections", "accept-rate")]
    fast = [f"--line-{name}={UNLIMITED}" for name in ("rate", "burst")]
    listen = f"--listen=tcp:{port}:interface={HOST}:backlog={BACKLOG}"
    options.parseOptions([listen, *off, *fast])
    house = openHouse(options, reactor)
    factory: Any = ChatFactory(house, rate=(UNLIMITED, UNLIMITED))
    if isIRC:
        factory = ircFactory(options, house, reactor)
    service: Any = serveStreams("chat", factory, options, reactor)
    service.privilegedStartService()
    service.startService()
    reactor.run()  # type: ignore[attr-defined]


def documented(port: int) -> None:
    """A chat of the shape of the example in Twisted's documentation."""
    from twisted.internet import reactor
    from twisted.internet.protocol import Factory, connectionDone
    from twisted.protocols.basic import LineReceiver

    users: dict[bytes, Any] = {}

    class Chat(LineReceiver):
        name = b""

        def connectionMade(self) -> None:
            self.sendLine(b"What is your name?")

        def connectionLost(self, reason: Any = connectionDone) -> None:
            users.pop(self.name, None)

        def lineReceived(self, line: bytes) -> None:
            if self.name:
                self.handleChat(line)
                return
            self.name = line
            users[line] = self
            self.sendLine(b"Welcome, " + line)

        def handleChat(self, text: bytes) -> None:
            said = b"<" + self.name + b"> " + text
            for protocol in users.values():
                if protocol != self:
                    protocol.sendLine(said)

    factory = Factory.forProtocol(Chat)
    reactor.listenTCP(port, factory, BACKLOG, HOST)  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


class _Chat(asyncio.Protocol):
    users: ClassVar[dict[bytes, _Chat]] = {}
    transport: Any
    name = b""
    begun = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(b"What is your name?\r\n")

    def connection_lost(self, exc: Any) -> None:
        self.users.pop(self.name, None)

    def data_received(self, data: bytes) -> None:
        *lines, self.begun = (self.begun + data).split(b"\r\n")
        for line in lines:
            self.line_received(line)

    def line_received(self, line: bytes) -> None:
        if not self.name:
            self.name = line
            self.users[line] = self
            self.transport.write(b"Welcome, %b\r\n" % line)
            return
        said = b"<%b> %b\r\n" % (self.name, line)
        for user in self.users.values():
            if user != self:
                user.transport.write(said)


def onAsyncio(port: int) -> None:
    """The same on asyncio."""
    asyncio.run(_asyncio(port))


async def _asyncio(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Chat, HOST, port, backlog=BACKLOG)
    await server.serve_forever()


PEERS = {"line": line, "irc": irc, "documented": documented, "asyncio": onAsyncio}


def start(name: str, port: int) -> None:
    """Be the chat of that name."""
    if name.startswith("lean-"):
        from protocols.lean.reactor import install

        install()
    PEERS[name.removeprefix("lean-")](port)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    start(sys.argv[1], int(sys.argv[2]))
