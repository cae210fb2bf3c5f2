"""A server and a client connected in memory, in the clear or under TLS."""

from __future__ import annotations

from typing import Any

from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock

from protocols.testing.certificates import selfSigned
from protocols.testing.conversation import clockFor
from protocols.testing.outgoing import HIGH_WATER
from protocols.testing.transports import HOST, MAX_STEPS, PEER, BackPressureTransport

# Octets that may wait at a side that does not read: what TCP's window could say
# before it could be scaled (RFC 9293, section 3.1; RFC 7323).
WINDOW = 65535


class Pair:
    """Two protocols that talk to each other when L{pump} is called.

    Back-pressure goes the whole way: when one side pauses reading, L{WINDOW}
    octets wait with it, C{HIGH_WATER} more in the buffer of the other side, and
    then the other side's producer is paused.

    @ivar server: the server factory's protocol, out of its wrappers; C{None} when
        the factory refused.
    @ivar client: the client factory's protocol, likewise.
    @ivar serverTransport: the L{BackPressureTransport} under the server; under
        TLS the protocol's own C{transport} is TLS, and this one lies below.
    @ivar clientTransport: the client's.
    @ivar clock: a C{Clock} that L{pump} looks at, and does not move.
    """

    def __init__(
        self,
        serverFactory: Any,
        clientFactory: Any,
        *,
        clock: Clock,
        strict: bool = True,
    ) -> None:
        self.clock = clock
        self.serverTransport = _transport(strict, peer=PEER, host=HOST)
        self.clientTransport = _transport(strict, peer=HOST, host=PEER)
        self._told: set[BackPressureTransport] = set()
        server = serverFactory.buildProtocol(PEER)
        client = clientFactory.buildProtocol(HOST)
        self.server = _innermost(server)
        self.client = _innermost(client)
        self.serverTransport.connect(server or _Refusing())
        self.clientTransport.connect(client)
        self.pump()

    def pump(self) -> None:
        """Carry octets and ends back and forth until both sides are quiet.

        What is due on C{clock} by now is called as well.

        @raise AssertionError: they never are.
        """
        server, client = self.serverTransport, self.clientTransport
        for _ in range(MAX_STEPS):
            self.clock.advance(0)
            moved = [self._carry(client, server), self._carry(server, client)]
            if not any(moved) and not self._callDue():
                return
        raise AssertionError(f"{self.server!r} and {self.client!r} talk for ever")

    def advance(self, seconds: float) -> None:
        """Let time go by, then L{pump}."""
        self.clock.advance(seconds)
        self.pump()

    def _callDue(self) -> bool:
        now = self.clock.seconds()
        return any(call.getTime() <= now for call in self.clock.getDelayedCalls())

    def _carry(
        self, source: BackPressureTransport, sink: BackPressureTransport
    ) -> bool:
        """Whether anything went from one to the other."""
        source.turn()
        data = source.read(max(0, WINDOW - sink.held))
        if data and sink.disconnected:
            source.reset()
        elif data:
            sink.deliver(data)
        elif not source.unread and source not in self._told:
            return self._carryEnd(source, sink)
        return bool(data)

    def _carryEnd(
        self, source: BackPressureTransport, sink: BackPressureTransport
    ) -> bool:
        if not source.disconnected and not source.writeEnded:
            return False
        self._told.add(source)
        if sink.disconnected:
            return False
        sink.reset() if source.aborted else sink.deliverEnd()
        return True


class _Refusing(Protocol):
    """Stands where a factory gave no protocol: the connection is closed."""

    def connectionMade(self) -> None:
        transport: Any = self.transport
        transport.loseConnection()


def _innermost(protocol: Any) -> Any:
    """The protocol that TLS, a guard and the like are wrapped around."""
    while getattr(protocol, "wrappedProtocol", None) is not None:
        protocol = protocol.wrappedProtocol
    return protocol


def _transport(strict: bool, peer: Any, host: Any) -> BackPressureTransport:
    return BackPressureTransport(
        highWater=HIGH_WATER,
        closeWaitsForProducer=strict,
        refuseLateWrites=strict,
        peer=peer,
        host=host,
    )


def connectedPair(
    serverFactory: Any,
    clientFactory: Any,
    *,
    tls: bool = False,
    clock: Clock | None = None,
) -> Pair:
    """Connect a protocol of each factory, and pump until both are quiet.

    Factories whose C{clock} is C{None} are given the pair's.

    @param tls: whether they talk TLS; the certificate is for C{localhost}, and
        the client verifies it. The handshake is done on return.
    """
    clock = clockFor(clientFactory, clockFor(serverFactory, clock))
    if tls:
        serverFactory, clientFactory = _underTLS(serverFactory, clientFactory, clock)
    return Pair(serverFactory, clientFactory, clock=clock, strict=not tls)


def _underTLS(serverFactory: Any, clientFactory: Any, clock: Clock) -> tuple[Any, Any]:
    from twisted.internet.ssl import PrivateCertificate, optionsForClientTLS
    from twisted.protocols.tls import TLSMemoryBIOFactory

    certificate = PrivateCertificate.loadPEM(selfSigned("localhost"))
    trusting = optionsForClientTLS("localhost", trustRoot=certificate)
    return (
        TLSMemoryBIOFactory(certificate.options(), False, serverFactory, clock),
        TLSMemoryBIOFactory(trusting, True, clientFactory, clock),
    )
