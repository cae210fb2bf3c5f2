"""Line receivers that the tests of L{protocols.lines} are done on."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol


class Recorder(LineProtocol):
    """Answers each line; C{slow ...} waits until the test lets it go on."""

    maxLength = 20

    def connectionMade(self) -> None:
        self.seen: list[Any] = []
        self.waiting: list[Deferred[None]] = []
        self.lost: Failure | None = None

    def lineReceived(self, line: bytes) -> Any:
        self.seen.append(line)
        if line.startswith(b"slow"):
            self.waiting.append(Deferred())
            self.waiting[-1].addCallback(lambda _: self.sendLine(b"late " + line))
            return self.waiting[-1]
        if line == b"fired":
            return succeed(None).addCallback(lambda _: self.sendLine(b"now"))
        if line == b"async":
            return self.answerAsync()
        if line == b"raise":
            raise ValueError("a hook's own mistake")
        if line == b"fail":
            return Deferred().errback(ValueError("the same, later")) or None
        if line == b"raw":
            self.setRawMode()
        elif line == b"secure":
            self.seen.append(("cleared", self.clearInput()))
        elif line == b"bye":
            self.loseConnection()
        elif line == b"leave":
            self.transport.loseConnection()
        elif line == b"hold":
            self.pauseLines()
        else:
            self.sendLine(b"ok " + line)
        return None

    async def answerAsync(self) -> None:
        await succeed(None)
        self.sendLine(b"awaited")

    def rawDataReceived(self, data: bytes) -> None:
        body, found, rest = data.partition(b"!")
        self.seen.append(("raw", body))
        if found:
            self.setLineMode(rest)

    def lineLengthExceeded(self, length: int) -> None:
        self.seen.append("too long")
        self.sendLine(b"too long")

    def connectionLost(self, reason: Any = None) -> None:
        self.lost = reason


class Quiet(Recorder):
    """Takes the log of its failures for itself."""

    def hookFailed(self, failure: Failure) -> None:
        self.seen.append(failure.type)


def factoryOf(protocol: Any, clock: Any = None) -> Any:
    factory: Any = Factory.forProtocol(protocol)
    factory.clock = clock
    return factory


class LineTestCase(SynchronousTestCase):
    protocol: Any = Recorder

    def setUp(self) -> None:
        self.clock = Clock()
        self.proto: Any = factoryOf(self.protocol, self.clock).buildProtocol(None)
        self.transport = StringTransport()
        self.proto.makeConnection(self.transport)

    def feed(self, data: bytes) -> bytes:
        self.transport.clear()
        self.proto.dataReceived(data)
        return self.transport.value()
