"""The lean reactor runs, with real sockets of each kind."""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import clientFromString
from twisted.internet.interfaces import IMulticastTransport
from twisted.internet.protocol import DatagramProtocol, Factory
from twisted.trial.unittest import SkipTest

from protocols.immediate import sendAtOnce
from protocols.lean.stream import LeanStream
from tests.folders import folderFor
from tests.live.leanreactor import Client, Echo, LiveCase


class StreamTests(LiveCase):
    def test_tcp(self) -> None:
        async def work() -> None:
            port, client = await self.pair(
                "tcp:0:interface=127.0.0.1", "tcp:127.0.0.1:{}"
            )
            await self.echoes(client)
            self.assertIsInstance(client.transport, LeanStream)
            self.assertTrue(client.transport.getTcpNoDelay())
            client.transport.loseConnection()
            await client.lost
            await port.stopListening()

        self.run_(work)

    def test_server(self) -> None:
        """The one that is accepted is lean as well, and not Nagle's (RFC 896)."""

        async def work() -> None:
            made: list[Any] = []

            class Noting(Echo):
                def connectionMade(self) -> None:
                    made.append(self.transport)

            port = self.reactor.listenTCP(
                0, Factory.forProtocol(Noting), interface="127.0.0.1"
            )
            where = f"tcp:127.0.0.1:{port.getHost().port}"
            endpoint: Any = clientFromString(self.reactor, where)
            await self.echoes(await endpoint.connect(Factory.forProtocol(Client)))
            self.assertIsInstance(made[0], LeanStream)
            self.assertTrue(made[0].getTcpNoDelay())
            kind = type(made[0])
            self.assertTrue(sendAtOnce(made[0]))
            self.assertIs(type(made[0]), kind, "it does so already")

        self.run_(work)

    def test_unix(self) -> None:
        path = os.path.join(folderFor(self), "echo.sock")

        async def work() -> None:
            _, client = await self.pair(f"unix:{path}", f"unix:{path}")
            await self.echoes(client)
            self.assertIsInstance(client.transport, LeanStream)

        self.run_(work)

    def test_refused(self) -> None:
        """A connection that can't be made is reported as ever."""

        async def work() -> None:
            with socket.create_server(("127.0.0.1", 0)) as unused:
                port = unused.getsockname()[1]
            endpoint: Any = clientFromString(self.reactor, f"tcp:127.0.0.1:{port}")
            with self.assertRaises(error.ConnectionRefusedError):
                await endpoint.connect(Factory.forProtocol(Client))

        self.run_(work)

    def test_adopted(self) -> None:
        """A port and a connection that somebody else has made."""

        async def work() -> None:
            with socket.create_server(("127.0.0.1", 0)) as listening:
                listening.setblocking(False)
                self.reactor.adoptStreamPort(
                    listening.fileno(), socket.AF_INET, Factory.forProtocol(Echo)
                )
                with socket.create_connection(listening.getsockname()) as connected:
                    connected.setblocking(False)
                    client = Client()
                    self.reactor.adoptStreamConnection(
                        connected.fileno(),
                        socket.AF_INET,
                        Factory.forProtocol(lambda: client),
                    )
            self.assertIsInstance(client.transport, LeanStream)
            await self.echoes(client)

        self.run_(work)

    def test_adoptedUNIXPort(self) -> None:
        path = os.path.join(folderFor(self), "adopted.sock")

        async def work() -> None:
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(path)
                listening.listen()
                listening.setblocking(False)
                self.reactor.adoptStreamPort(
                    listening.fileno(), socket.AF_UNIX, Factory.forProtocol(Echo)
                )
            endpoint: Any = clientFromString(self.reactor, f"unix:{path}")
            await self.echoes(await endpoint.connect(Factory.forProtocol(Client)))

        self.run_(work)

    def test_unknownFamily(self) -> None:
        for adopt in (
            self.reactor.adoptStreamPort,
            self.reactor.adoptStreamConnection,
            self.reactor.adoptDatagramPort,
        ):
            self.assertRaises(error.UnsupportedAddressFamily, adopt, 0, 99, None)
        self.assertRaises(
            error.UnsupportedAddressFamily,
            self.reactor.adoptDatagramPort,
            *(0, socket.AF_UNIX, None),
        )


class DatagramTests(LiveCase):
    def test_udp(self) -> None:
        """To and fro between two ports, one of them adopted."""

        class EchoDatagrams(DatagramProtocol):
            def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                self.transport.write(datagram, addr)

        class Asking(DatagramProtocol):
            def __init__(self) -> None:
                self.answer: Deferred[bytes] = Deferred()

            def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                self.answer.callback(datagram)

        async def work() -> None:
            port = self.reactor.listenUDP(0, EchoDatagrams(), "127.0.0.1")
            asking: Any = Asking()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
                ours.bind(("127.0.0.1", 0))
                ours.setblocking(False)
                self.reactor.adoptDatagramPort(ours.fileno(), socket.AF_INET, asking)
            where = port.getHost()
            asking.transport.write(b"hello", (where.host, where.port))
            self.assertEqual(await asking.answer, b"hello")

        self.run_(work)

    def test_multicast(self) -> None:
        try:
            port = self.reactor.listenMulticast(
                0, DatagramProtocol(), listenMultiple=True
            )
        except OSError as why:
            raise SkipTest(f"no multicast here: {why}") from None
        self.assertTrue(IMulticastTransport.providedBy(port))

        async def work() -> None:
            await port.stopListening()

        self.run_(work)
