"""A lean reactor that turns when a test says so, and one connection."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase

from protocols.lean.reactor import LeanReactor


class Talker(Protocol):
    """Does what the test says when octets come; knows how it ended."""

    transport: Any

    def __init__(self) -> None:
        self.act: Any = lambda data: None
        self.heard = b""
        self.lost: Any = None

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        self.act(data)

    def connectionLost(self, reason: Any = None) -> None:
        self.lost = reason


class Counted:
    """A socket whose sends are counted."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.sends = 0

    def send(self, data: Any) -> int:
        self.sends += 1
        sent: int = self._inner.send(data)
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class LeanCase(SynchronousTestCase):
    """One end is lean, the other a plain socket that does not wait."""

    def setUp(self) -> None:
        self.reactor: Any = LeanReactor()
        self.sockets: list[Any] = []
        self.addCleanup(self.close)
        self.protocol = self.talker()
        self.theirs = self.connect(self.protocol)

    def talker(self) -> Any:
        return Talker()

    def connect(self, protocol: Any) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        ours.setblocking(False)
        with ours:
            self.reactor.adoptStreamConnection(
                ours.fileno(), socket.AF_UNIX, Factory.forProtocol(lambda: protocol)
            )
        transport = protocol.transport
        self.sockets += [transport.socket, theirs]
        transport.socket = Counted(transport.socket)
        return theirs

    def close(self) -> None:
        self.reactor.disconnectAll()
        self.reactor.discard()
        for each in self.sockets:
            each.close()

    @property
    def transport(self) -> Any:
        return self.protocol.transport

    @property
    def sends(self) -> int:
        sends: int = self.transport.socket.sends
        return sends

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.reactor.iterate(0)

    def receive(self, data: bytes = b"x") -> None:
        self.theirs.sendall(data)
        self.turn()

    def polled(self) -> set[Any]:
        """What the kernel is asked to tell: descriptors that want to write."""
        return set(self.reactor._writes)

    def heard(self, theirs: socket.socket | None = None) -> bytes:
        """What has come, or nothing if that is what has; C{b""} at the end too."""
        try:
            return (theirs or self.theirs).recv(1 << 22)
        except BlockingIOError:
            return b""

    def isEnded(self) -> bool:
        """Whether the end has come to them, behind all that was sent."""
        try:
            return self.theirs.recv(1) == b""
        except BlockingIOError:
            return False
