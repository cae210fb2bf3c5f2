"""Protocols and factories that the tests of the kit are done on."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer


class Recorder(Protocol):
    """Keeps what happens to it, as a list of words and octets."""

    transport: Any

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.ended: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        self.events.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.events.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.events.append(type(reason.value).__name__)
        self.ended.callback(None)

    @property
    def received(self) -> bytes:
        return b"".join(event for event in self.events if isinstance(event, bytes))


@implementer(IHalfCloseableProtocol)
class HalfCloser(Recorder):
    """A recorder that wants to know of half-closes."""

    def readConnectionLost(self) -> None:
        self.events.append("readLost")

    def writeConnectionLost(self) -> None:
        self.events.append("writeLost")


class Echo(Recorder):
    """Says what it hears; C{.} closes and C{!} aborts."""

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        said, close, _ = data.partition(b".")
        self.transport.write(said)
        if close:
            self.transport.loseConnection()
        if b"!" in data:
            self.transport.abortConnection()


class Producer:
    """Keeps what it is asked to do."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pauseProducing(self) -> None:
        self.asked.append("pause")

    def resumeProducing(self) -> None:
        self.asked.append("resume")

    def stopProducing(self) -> None:
        self.asked.append("stop")


def factoryOf(protocol: type[Protocol], **attributes: object) -> Any:
    """A factory of C{protocol} with these attributes."""
    factory = Factory.forProtocol(protocol)
    factory.noisy = False
    for name, value in attributes.items():
        setattr(factory, name, value)
    return factory
