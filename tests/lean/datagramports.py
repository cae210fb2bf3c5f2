"""A datagram port with a real socket, whose reactor is the test."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.lean.datagrams import LeanDatagramPort


class Reactor(Clock):
    """Does not poll: the tests say when there is something to be read."""

    def addReader(self, reader: object) -> None: ...

    def removeReader(self, reader: object) -> None: ...

    def removeWriter(self, writer: object) -> None: ...


class Answering(DatagramProtocol):
    """Does what it is told with each datagram; it echoes if not told otherwise."""

    noisy = False

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Any]] = []
        self.refused = 0

    def act(self, data: bytes, addr: Any) -> None:
        self.transport.write(data, addr)  # type: ignore[union-attr]

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.received.append((datagram, addr))
        self.act(datagram, addr)

    def connectionRefused(self) -> None:
        self.refused += 1


class Spy:
    """A socket whose calls to send are noted, and fail if that is asked for."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.calls: list[tuple[str, int]] = []
        self.errors: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def sendto(self, data: bytes, addr: Any) -> int:
        return self._call("sendto", 1, data, addr)

    def sendmsg(self, run: list[bytes], *rest: Any) -> int:
        return self._call("sendmsg", len(run), run, *rest)

    def _call(self, name: str, count: int, *arguments: Any) -> int:
        self.calls.append((name, count))
        if name in self.errors:
            raise OSError(self.errors[name], "so it was asked for")
        sent: int = getattr(self.real, name)(*arguments)
        return sent


class PortCase(SynchronousTestCase):
    kind: Any = LeanDatagramPort
    interface = "127.0.0.1"

    def setUp(self) -> None:
        self.reactor, self.protocol = Reactor(), Answering()
        self.port = self.opened(self.protocol)
        self.port.socket = self.spy = Spy(self.port.socket)
        self.ours = (self.interface, self.port.getHost().port)
        self.peer = self.newPeer()

    def opened(self, protocol: Any, kind: Any = None) -> Any:
        port = (kind or self.kind)(0, protocol, self.interface, 8192, self.reactor)
        port.startListening()
        self.addCleanup(self.closed, port)
        return port

    def closed(self, port: Any) -> None:
        if port.connected:
            port.stopListening()
            self.reactor.advance(0)

    def newPeer(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.interface else socket.AF_INET
        peer = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.bind((self.interface, 0))
        peer.setblocking(False)
        return peer

    def send(self, *datagrams: bytes, peer: Any = None) -> None:
        for datagram in datagrams:
            (peer or self.peer).sendto(datagram, self.ours)

    def heard(self, peer: Any = None) -> list[bytes]:
        answers = []
        while True:
            try:
                answers.append((peer or self.peer).recv(65536))
            except BlockingIOError:
                return answers


def numbered(count: int, size: int = 4) -> list[bytes]:
    return [b"%0*d" % (size, number) for number in range(count)]
