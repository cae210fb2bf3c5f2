"""Half-open peers: each door has the kernel look for them (RFC 9293, 3.8.4; RFC 5482).

The line door asks nobody whether they are there, as nc could not answer; so that, and
a peer that does not acknowledge, is left to TCP, at all doors alike.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.endpoints import clientFromString
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater
from twisted.internet.tcp import Port

from protocols.chat.tap import Options, makeService
from protocols.kernel import socketTransport
from protocols.service import StreamService
from tests.live.leanreactor import Client, LiveCase

DOORS = {"chat", "irc", "web"}

EXPECTED = {
    (socket.SOL_SOCKET, "SO_KEEPALIVE"): 1,
    (socket.IPPROTO_TCP, "TCP_NODELAY"): 1,
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE"): 60,
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL"): 15,
    (socket.IPPROTO_TCP, "TCP_KEEPCNT"): 4,
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT"): 120_000,
}


def doorsIn(service: Any) -> Iterator[StreamService]:
    """The service and those within, as far as they are doors."""
    if isinstance(service, StreamService):
        yield service
    for each in service if isinstance(service, MultiService) else ():
        yield from doorsIn(each)


class GoneTests(LiveCase):
    def test_allDoors(self) -> None:
        async def work() -> None:
            options: Any = Options()
            listen = "tcp:0:interface=127.0.0.1"
            options.parseOptions(["--listen", listen, "--irc", listen, "--web", listen])
            service: Any = makeService(options, self.reactor)
            service.privilegedStartService()
            service.startService()
            doors = list(doorsIn(service))
            self.assertEqual({each.name for each in doors}, DOORS)
            for each in doors:
                await self.check(each)
            await service.stopService()

        self.run_(work)

    async def check(self, door: Any) -> None:
        (guards,) = door.guards
        client = await self.connect(guards)
        while not guards.guards:
            await deferLater(self.reactor, 0)
        (guard,) = guards.guards
        sock = socketTransport(guard.wrappedProtocol.transport).socket
        for (level, name), value in EXPECTED.items():
            found = sock.getsockopt(level, getattr(socket, name))
            self.assertEqual(found, value, (door.name, name))
        client.transport.loseConnection()
        await client.lost

    async def connect(self, guards: Any) -> Client:
        ports = [each for each in self.reactor.getReaders() if isinstance(each, Port)]
        (port,) = [each for each in ports if each.factory is guards]
        where = f"tcp:127.0.0.1:{port.getHost().port}"
        endpoint: Any = clientFromString(self.reactor, where)
        client: Client = await endpoint.connect(Factory.forProtocol(Client))
        return client
