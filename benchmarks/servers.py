"""The servers that the benchmarks compare: C{python servers.py NAME}.

Each prints its port and runs until it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from measure import pin

HOST = "127.0.0.1"


def bare() -> None:
    """Our echo, without a guard."""
    from protocols.tcpecho import EchoFactory

    _serve(EchoFactory())


def guarded() -> None:
    """Our echo, as it is served: behind a guard with all its limits."""
    from twisted.internet import reactor

    from protocols.guard import GuardFactory, Limits
    from protocols.tcpecho import EchoFactory

    limits = Limits(maxPerPeer=1000, lifetime=3600)
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
    asyncio.run(_asyncioTCP())


def asyncioUDP() -> None:
    """asyncio's datagram echo, as its documentation writes it."""
    asyncio.run(_asyncioUDP())


def uvloopTCP() -> None:
    """The same on uvloop, an optional peer."""
    _uvloop().run(_asyncioTCP())


def uvloopUDP() -> None:
    """The same on uvloop, an optional peer."""
    _uvloop().run(_asyncioUDP())


class _Echo(asyncio.Protocol):
    transport: Any

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class _DatagramEcho(asyncio.DatagramProtocol):
    transport: Any

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.transport.sendto(data, addr)


async def _asyncioTCP() -> None:
    server = await asyncio.get_running_loop().create_server(_Echo, HOST, 0)
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
        print("uvloop is not installed", flush=True)
        sys.exit(1)
    return uvloop


def _serve(factory: Any) -> None:
    from twisted.internet import reactor

    port = reactor.listenTCP(0, factory, interface=HOST)  # type: ignore[attr-defined]
    _run(port.getHost().port)


def _run(port: int) -> None:
    from twisted.internet import reactor

    print(port, flush=True)
    reactor.run()  # type: ignore[attr-defined]


SERVERS = {
    "bare": bare,
    "guarded": guarded,
    "wrapped": wrapped,
    "udpecho": udpecho,
    "asyncio-tcp": asyncioTCP,
    "asyncio-udp": asyncioUDP,
    "uvloop-tcp": uvloopTCP,
    "uvloop-udp": uvloopUDP,
}

if __name__ == "__main__":
    pin(0)
    SERVERS[sys.argv[1]]()
