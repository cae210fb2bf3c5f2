"""The servers that the benchmarks compare: C{python servers.py NAME}.

Each prints its port and runs until it is killed. With C{lean-} before its name, one of
Twisted's runs on the lean reactor instead of the stock one.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from measure import MissingError, pin

HOST = "127.0.0.1"

# The guard's limits are on, and no limits here: connections, and accepted a second.
MOST = 10_000


def plain() -> None:
    """A plain Twisted echo, as its documentation writes it."""
    from twisted.internet.protocol import Factory, Protocol

    class Echo(Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)  # type: ignore[union-attr]

    _serve(Factory.forProtocol(Echo))


def fan() -> None:
    """What comes on one connection goes to all others."""
    from twisted.internet.protocol import Factory, Protocol

    others: set[Any] = set()

    class Fan(Protocol):
        def connectionMade(self) -> None:
            others.add(self)

        def connectionLost(self, reason: Any = None) -> None:
            others.discard(self)

        def dataReceived(self, data: bytes) -> None:
            for other in others:
                if other is not self:
                    other.transport.write(data)

    _serve(Factory.forProtocol(Fan))


def datagrams() -> None:
    """A plain Twisted datagram echo, as its documentation writes it."""
    from twisted.internet import reactor
    from twisted.internet.protocol import DatagramProtocol

    class Echo(DatagramProtocol):
        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            self.transport.write(datagram, addr)  # type: ignore[union-attr]

    port = reactor.listenUDP(0, Echo(), HOST)  # type: ignore[attr-defined]
    _run(port.getHost().port)


def bare() -> None:
    """Our echo, without a guard."""
    from protocols.tcpecho import EchoFactory

    _serve(EchoFactory())


def guarded() -> None:
    """Our echo, as it is served: behind a guard with all its limits."""
    from twisted.internet import reactor

    from protocols.guard import GuardFactory, Limits
    from protocols.tcpecho import EchoFactory

    limits = Limits(MOST, MOST, lifetime=3600, acceptRate=MOST)
    _serve(GuardFactory(EchoFactory(), limits, clock=reactor))


def wrapped() -> None:
    """The same with the guard as a plain wrapper, as without TCP_INFO."""
    from protocols import guarded as module

    module.readStats = lambda sock: None  # type: ignore[assignment]
    guarded()


def udpecho() -> None:
    """Our datagram echo, with all its rules and a rate that is no limit here."""
    from twisted.internet import reactor

    from protocols.udpecho import EchoDatagramProtocol

    protocol: Any = EchoDatagramProtocol(rate=1e9, burst=1e9)
    protocol.clock = reactor
    port = reactor.listenUDP(0, protocol, HOST, protocol.maxPacketSize)  # type: ignore[attr-defined]
    _run(port.getHost().port)


def asyncioTCP() -> None:
    """asyncio's echo, as its documentation writes it."""
    asyncio.run(_asyncioTCP(_Echo))


def asyncioFan() -> None:
    """asyncio's fan-out."""
    asyncio.run(_asyncioTCP(_Fan))


def asyncioUDP() -> None:
    """asyncio's datagram echo, as its documentation writes it."""
    asyncio.run(_asyncioUDP())


def uvloopTCP() -> None:
    """The same on uvloop, an optional peer."""
    _uvloop().run(_asyncioTCP(_Echo))


def uvloopFan() -> None:
    """The same on uvloop, an optional peer."""
    _uvloop().run(_asyncioTCP(_Fan))


def uvloopUDP() -> None:
    """The same on uvloop, an optional peer."""
    _uvloop().run(_asyncioUDP())


class _Echo(asyncio.Protocol):
    transport: Any

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class _Fan(asyncio.Protocol):
    others: ClassVar[set[Any]] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.others.add(transport)

    def connection_lost(self, exc: Any) -> None:
        self.others.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        for other in self.others:
            if other is not self.transport:
                other.write(data)


class _DatagramEcho(asyncio.DatagramProtocol):
    transport: Any

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.transport.sendto(data, addr)


async def _asyncioTCP(protocol: Any) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, HOST, 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _asyncioUDP() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        _DatagramEcho, local_addr=(HOST, 0)
    )
    print(transport.get_extra_info("sockname")[1], flush=True)
    await asyncio.Event().wait()


def _uvloop() -> Any:
    try:
        import uvloop
    except ImportError:
        raise MissingError("uvloop is not installed") from None
    return uvloop


def _inC(kind: str) -> None:
    """Become the server in C; C{kind} is C{tcp}, C{fan} or C{udp}."""
    from loadclient import SERVER, compiled

    program = str(compiled(SERVER))
    os.execv(program, [program, kind])


def _lean() -> None:
    """Install the lean reactor, which is there on Linux."""
    try:
        from protocols.lean.reactor import install
    except ImportError as error:
        raise MissingError(f"the lean reactor is not here: {error}") from None
    install()


def _serve(factory: Any) -> None:
    from twisted.internet import reactor

    port = reactor.listenTCP(0, factory, 1024, HOST)  # type: ignore[attr-defined]
    _run(port.getHost().port)


def _run(port: int) -> None:
    from twisted.internet import reactor

    print(port, flush=True)
    reactor.run()  # type: ignore[attr-defined]


TWISTED = {
    "plain": plain,
    "fan": fan,
    "datagrams": datagrams,
    "bare": bare,
    "guarded": guarded,
    "wrapped": wrapped,
    "udpecho": udpecho,
}
OTHERS = {
    "asyncio-tcp": asyncioTCP,
    "asyncio-fan": asyncioFan,
    "asyncio-udp": asyncioUDP,
    "uvloop-tcp": uvloopTCP,
    "uvloop-fan": uvloopFan,
    "uvloop-udp": uvloopUDP,
}


def start(name: str) -> None:
    """Be the server of that name.

    @raise MissingError: it is not installed here.
    """
    kind, _, rest = name.partition("-")
    if kind == "c":
        _inC(rest)
    elif kind == "lean":
        _lean()
        TWISTED[rest]()
    else:
        (TWISTED | OTHERS)[name]()


if __name__ == "__main__":
    pin(0)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        start(sys.argv[1])
    except MissingError as missing:
        sys.exit(print(missing, flush=True))
