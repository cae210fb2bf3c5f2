"""A stream transport in memory that pushes back, and refuses late writes.

It is a transport on one side and a peer on the other. Between the two stands a
very small reactor, L{BackPressureTransport.turn}: what a real reactor would do
in its next turns (deliver what has come, ask a producer to go on, say that the
connection is lost) happens there, and never within a call of the protocol. So a
protocol meets the same order of events as on a socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IPushProducer,
    ITCPTransport,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.testing.outgoing import HIGH_WATER, Outgoing

# Addresses reserved for documentation (RFC 5737): no test can mean somebody.
PEER = IPv4Address("TCP", "192.0.2.1", 49152)
HOST = IPv4Address("TCP", "198.51.100.1", 7)

# Steps in which everything has come to rest, or never will: a file of 64 MiB
# sent in pieces of 16 KiB, as FileSender does, takes 4,096 of them.
MAX_STEPS = 10_000


@implementer(ITCPTransport, IPushProducer)
class BackPressureTransport(Outgoing):
    """A stream transport whose peer is the test.

    The peer's side is L{deliver}, L{deliverEnd}, L{reset} and L{read}. What the
    protocol sees of its own side is what TCP or TLS would let it see.

    @ivar protocol: who receives; looked up for each event, as tcp.Server does,
        so that a wrapper may step aside.
    @ivar reading: whether the protocol wants to be told what comes.
    @ivar unread: octets that were written and that the peer has not read.
    @ivar disconnecting: the protocol has called C{loseConnection} or
        C{abortConnection}.
    @ivar disconnected: the protocol has been told that the connection is lost.
    @ivar aborted: the protocol has called C{abortConnection}.
    @ivar writeEnded: the peer has been told that nothing more will come, by
        C{loseWriteConnection}.
    @ivar lateWrites: what was written when it could no longer be sent.

    @param highWater: octets waiting to be read above which a push producer is
        paused.
    @param closeWaitsForProducer: whether C{loseConnection} waits until no
        producer is registered, as TLS does. TCP waits only for one that it
        has paused or that has to be asked.
    @param refuseLateWrites: whether a write after the close is an error. If
        not, it is dropped when the connection is lost, as sockets do.
    @param peer: the C{IAddress} of the other side.
    @param host: the C{IAddress} of this side.
    """

    protocol: Any
    reading = True
    disconnected = False

    def __init__(
        self,
        *,
        highWater: int = HIGH_WATER,
        closeWaitsForProducer: bool = True,
        refuseLateWrites: bool = True,
        peer: Any = PEER,
        host: Any = HOST,
    ) -> None:
        super().__init__(highWater, closeWaitsForProducer, refuseLateWrites)
        self._peer = peer
        self._host = host
        self._incoming: deque[bytes] = deque()
        self._ended = False
        self._turning = False
        self._noDelay = self._keepAlive = False

    # The peer's side

    def connect(self, protocol: Any) -> None:
        """Give C{protocol} this transport."""
        self.protocol = protocol
        protocol.makeConnection(self)
        self.turn()

    @property
    def held(self) -> int:
        """Octets that have come and that the protocol was not told of yet."""
        return sum(map(len, self._incoming))

    def deliver(self, data: bytes) -> None:
        """The peer sends one segment; it is held back while reading is paused.

        @raise ValueError: the peer has ended its side already.
        """
        if self._ended:
            raise ValueError("the peer has ended its side: it sends no more")
        if data:
            self._incoming.append(data)
        self.turn()

    def deliverEnd(self) -> None:
        """The peer ends its side (FIN), behind all that it has sent.

        A protocol that provides C{IHalfCloseableProtocol} is told so and may go
        on writing; any other loses the connection, and with it what was not
        read yet.
        """
        if not self._ended:
            self._ended = True
            self._incoming.append(b"")
        self.turn()

    def reset(self) -> None:
        """The peer is gone (RST): C{ConnectionLost}, whatever was on its way."""
        self._incoming.clear()
        self.connectionLost(Failure(ConnectionLost()))

    def read(self, size: int | None = None) -> bytes:
        """The peer reads up to C{size} octets, or all, of what was written.

        When that empties the buffer, a producer that waits for it goes on.
        """
        data = self._take(size)
        self.turn()
        return data

    def turn(self) -> None:
        """Let the reactor turn until there is nothing that it could do.

        @raise AssertionError: after L{MAX_STEPS} steps there still is.
        """
        if self._turning:
            return
        self._turning = True
        try:
            for _ in range(MAX_STEPS):
                if self.disconnected or not self._step():
                    return
        finally:
            self._turning = False
        raise AssertionError(f"{self.protocol!r} has not come to rest")

    def _step(self) -> bool:
        if self.aborted:
            self.connectionLost(Failure(ConnectionAborted()))
        elif self._incoming and self.reading and not self.disconnecting:
            self._receive(self._incoming.popleft())
        elif self._producerIsDue():
            self._resumeProducer()
        elif self._closeIsDue():
            self.connectionLost(Failure(ConnectionDone()))
        elif self._writeEndIsDue():
            self._endWriting()
        else:
            return False
        return True

    def _receive(self, data: bytes) -> None:
        if data:
            self.protocol.dataReceived(data)
        elif IHalfCloseableProtocol.providedBy(self.protocol):
            self.protocol.readConnectionLost()
        else:
            self.connectionLost(Failure(ConnectionDone()))

    def _endWriting(self) -> None:
        self.writeEnded = True
        if IHalfCloseableProtocol.providedBy(self.protocol):
            self.protocol.writeConnectionLost()

    # The protocol's side

    def connectionLost(self, reason: Failure) -> None:
        """The connection is over: told to the producer, then to the protocol."""
        if self.disconnected:
            return
        self.disconnected, self.connected = True, False
        self._dropAll()
        self.protocol.connectionLost(reason)

    def pauseProducing(self) -> None:
        """Read no more: what comes is held back."""
        self.reading = False

    def resumeProducing(self) -> None:
        """Read on, from the next turn."""
        if self.connected and not self.disconnecting:
            self.reading = True

    def stopProducing(self) -> None:
        """Close, as sockets do when they are somebody's producer."""
        self.loseConnection()

    def getPeer(self) -> Any:
        """The address of the other side."""
        return self._peer

    def getHost(self) -> Any:
        """The address of this side."""
        return self._host

    def getTcpNoDelay(self) -> bool:
        """What was set last; false in the beginning."""
        return self._noDelay

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Kept, without effect."""
        self._noDelay = bool(enabled)

    def getTcpKeepAlive(self) -> bool:
        """What was set last; false in the beginning."""
        return self._keepAlive

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Kept, without effect."""
        self._keepAlive = bool(enabled)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Write the pieces as one."""
        self.write(b"".join(data))
