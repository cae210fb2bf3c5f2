"""The clients of C{soak.py}, each with a habit, and its server with whims."""

from __future__ import annotations

import socket
import struct
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.ssl import CertificateOptions
from zope.interface import implementer

HOST = "127.0.0.1"

# Octets of a conversation: of one system call, and of many.
LITTLE, MUCH = 2_000, 600_000

# Seconds after which a client whose server is silent gives up.
PATIENCE = 8.0


class Script(Protocol):
    """Sends something, and compares what comes back.

    @cvar strict: that all has to come back, unless the server has whims.
    """

    strict = True
    transport: Any

    def __init__(self, soak: Any, place: str) -> None:
        self.soak, self.place = soak, place
        self.random = soak.random
        most = self.random.choice((LITTLE, MUCH))
        self.data = self.random.randbytes(self.random.randrange(1, most))
        self.heard = bytearray()
        self._calls: list[Any] = []

    def connect(self, where: Any) -> None:
        factory: Any = ClientFactory()
        factory.noisy = False
        factory.buildProtocol = lambda addr: self
        factory.clientConnectionFailed = self._failed
        reactor = self.soak.reactor
        if self.place == "unix":
            reactor.connectUNIX(where, factory)
        elif self.place == "tls":
            reactor.connectSSL(HOST, where, factory, CertificateOptions())
        else:
            reactor.connectTCP(HOST, where, factory)

    def _failed(self, connector: Any, reason: Any) -> None:
        self.soak.ended(self, reason.getErrorMessage())

    def connectionMade(self) -> None:
        self.later(PATIENCE, self._giveUp)
        self.talk()

    def _giveUp(self) -> None:
        self.soak.counts[f"{self.place} {type(self).__name__} gave up"] += 1
        self.transport.abortConnection()

    def later(self, seconds: float, function: Any, *args: Any) -> None:
        """Unless the connection is lost before."""
        self._calls.append(self.soak.reactor.callLater(seconds, function, *args))

    def talk(self) -> None:
        """In pieces, now and later."""
        cut = self.random.randrange(len(self.data))
        self.transport.write(self.data[:cut])
        self.later(0, self.transport.write, self.data[cut:])

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if len(self.heard) >= len(self.data):
            self.heardAll()

    def heardAll(self) -> None:
        self.transport.loseConnection()

    def connectionLost(self, reason: Any = None) -> None:
        for call in self._calls:
            if call.active():
                call.cancel()
        self._calls.clear()
        whole = self.heard == self.data
        if self.strict and self.place != "whim" and not whole:
            said = f"{len(self.heard)} of {len(self.data)} octets came back"
            self.soak.ended(self, f"{said}: {reason.getErrorMessage()}")
        elif not self.data.startswith(bytes(self.heard)) and self.place != "whim":
            self.soak.ended(self, "other octets came back")
        else:
            self.soak.ended(self)


class Plain(Script):
    """Keeps to the rules."""


class Slow(Script):
    """Does not read for a while, again and again."""

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        if self.transport.connected and self.random.random() < 0.1:
            self.transport.pauseProducing()
            self.later(self.random.random() / 50, self._resume)

    def _resume(self) -> None:
        self.transport.resumeProducing()


@implementer(IHalfCloseableProtocol)
class Half(Script):
    """Says all, then FIN, and listens until the server closes.

    TLS knows no such thing, so there it is one that keeps to the rules.
    """

    def talk(self) -> None:
        self.transport.write(self.data)
        if self.place != "tls":
            self.transport.loseWriteConnection()

    def heardAll(self) -> None:
        if self.place == "tls":
            super().heardAll()

    def readConnectionLost(self) -> None:
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        pass


class Aborting(Script):
    """Goes in the middle of a word."""

    strict = False

    def talk(self) -> None:
        self.transport.write(self.data)
        self.later(self.random.random() / 100, self.transport.abortConnection)


class Resetting(Script):
    """Closes with a RST, from within C{dataReceived}."""

    strict = False

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if self.place in ("tcp", "whim"):
            reset = struct.pack("ii", 1, 0)
            sock = self.transport.getHandle()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        self.transport.abortConnection()


class Mute(Script):
    """Connects, and goes."""

    strict = False

    def talk(self) -> None:
        self.transport.loseConnection()


SCRIPTS = (Plain, Plain, Slow, Half, Aborting, Resetting, Mute)


class Whim(Protocol):
    """A server that answers for a while, and then ends it in some way."""

    transport: Any

    def __init__(self, soak: Any) -> None:
        self.random = soak.random

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)
        whim = self.random.random()
        if whim < 0.1:
            self.transport.abortConnection()
        elif whim < 0.2:
            self.transport.loseConnection()
        elif whim < 0.3:
            self.transport.loseWriteConnection()
        elif whim < 0.35:
            self.transport.loseConnection()
            self.transport.write(b"after the end")
