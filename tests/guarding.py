"""Guarded protocols on string transports: what the tests of the guard share."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.guard import GuardFactory, Limits

NO_LIMITS = Limits(
    maxConnections=0, maxPerPeer=0, idleTimeout=0, lifetime=0, acceptRate=0
)


class Plain(Protocol):
    """Echoes; knows nothing of guards."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)
        self.transport.writeSequence([b"-", b"-"])


class Polite(Plain):
    """Has a word for each occasion."""

    def idledOut(self) -> None:
        self.transport.write(b"idle\r\n")
        self.transport.loseConnection()

    def drainRequested(self) -> None:
        self.transport.write(b"stopping\r\n")
        self.transport.loseConnection()


@implementer(IHalfCloseableProtocol)
class HalfClosing(Plain):
    def connectionMade(self) -> None:
        self.events: list[str] = []

    def readConnectionLost(self) -> None:
        self.events.append("read")

    def writeConnectionLost(self) -> None:
        self.events.append("write")


class Failing(Plain):
    def idledOut(self) -> None:
        raise ValueError("a hook's own mistake")


class GuardTestCase(SynchronousTestCase):
    protocol: Any = Plain
    limits = NO_LIMITS

    def setUp(self) -> None:
        self.clock = Clock()
        self.factory: Any = Factory.forProtocol(self.protocol)
        self.guard = GuardFactory(self.factory, self.limits, clock=self.clock)

    def connect(self, host: str = "192.0.2.1") -> tuple[Any, StringTransport]:
        kind = IPv6Address if ":" in host else IPv4Address
        transport = StringTransport()
        proto: Any = self.guard.buildProtocol(kind("TCP", host, 9))
        proto.makeConnection(transport)
        return proto, transport

    def lose(self, proto: Any, error: Exception | None = None) -> None:
        proto.connectionLost(Failure(error or ConnectionDone()))

    @property
    def counters(self) -> Any:
        return self.guard.metrics.snapshot()["counters"]

    @property
    def gauges(self) -> Any:
        return self.guard.metrics.snapshot()["gauges"]
