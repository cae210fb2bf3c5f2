"""L{protocols.service}: listen, drain, reload, and errors in one line."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError, ConnectionDone
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.limits import Limits
from protocols.metrics import Metrics
from protocols.options import DatagramOptions, ListenOptions
from protocols.process import ProcessService
from protocols.service import (
    ABORT_TIME,
    CannotServeError,
    DatagramService,
    StreamService,
    serveDatagrams,
    serveStreams,
)
from protocols.testing import selfSigned
from tests.folders import folderFor


class Reactor(MemoryReactorClock):
    """With datagrams, and with ports that are taken."""

    taken = frozenset((7,))

    def __init__(self) -> None:
        super().__init__()
        self.udp: list[Any] = []

    def listenTCP(self, port: int, *args: Any, **kw: Any) -> Any:
        if port in self.taken:
            raise CannotListenError("127.0.0.1", port, OSError(98, "Address in use"))
        return super().listenTCP(port, *args, **kw)

    def listenUDP(self, *args: Any) -> Any:
        self.udp.append(args)
        return super().listenTCP(0, Factory())

    def adoptDatagramPort(self, *args: Any) -> Any:
        return self.listenUDP(*args)


class Asking(Factory):
    """A factory with every hook of the floor."""

    protocol = Protocol
    clock = None

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed: Deferred[None] = Deferred()

    def reload(self) -> None:
        self.asked.append("reload")

    def drained(self) -> Deferred[None]:
        self.asked.append("drained")
        return self.closed


class ServiceTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor: Any = Reactor()
        self.factory = Asking()

    def service(self, *listen: str, **options: Any) -> StreamService:
        return StreamService(
            "echo", self.factory, listen, reactor=self.reactor, **options
        )

    def connect(self, service: StreamService) -> tuple[Any, Any]:
        transport = StringTransport()
        proto = service.guards[0].buildProtocol(IPv4Address("TCP", "192.0.2.1", 9))
        proto.makeConnection(transport)
        return proto, transport


class ListenTests(ServiceTestCase):
    def test_everyDescription(self) -> None:
        service = self.service("tcp:80:interface=127.0.0.1", "tcp:81")
        service.privilegedStartService()
        service.startService()
        self.assertEqual([server[0] for server in self.reactor.tcpServers], [80, 81])
        self.assertEqual(len(service.ports), 2)

    def test_takenPort(self) -> None:
        """One line that names port and option; nothing is left listening."""
        service = self.service("tcp:80", "tcp:7")
        with self.assertRaises(CannotServeError) as caught:
            service.privilegedStartService()
        self.assertEqual(
            str(caught.exception),
            "echo: can't listen on tcp:7: port 7: Address in use; "
            "choose another with --listen",
        )
        self.assertEqual(service.ports, [])
        self.assertIsInstance(caught.exception, SystemExit)

    def test_clock(self) -> None:
        self.service("tcp:80")
        self.assertIs(self.factory.clock, self.reactor)

    def test_limitsAreSharedByListeners(self) -> None:
        service = self.service("tcp:80", "tcp:81", limits=Limits(maxConnections=1))
        service.startService()
        self.connect(service)
        second = service.guards[1].buildProtocol(IPv4Address("TCP", "192.0.2.2", 9))
        second.makeConnection(StringTransport())
        counters: Any = service.snapshot()["counters"]
        self.assertEqual((counters["accepted"], counters["refused.total"]), (1, 1))
        each: Any = service.snapshot()["listeners"]
        self.assertEqual(each["tcp:80"]["counters"]["accepted"], 1)
        self.assertEqual(each["tcp:80"]["gauges"], {"open": 1})
        self.assertEqual(each["tcp:81"]["counters"], {"refused.total": 1})

    def test_newLimits(self) -> None:
        service = self.service("tcp:80", limits=Limits(maxConnections=1))
        service.startService()
        service.setLimits(Limits(maxConnections=2))
        self.connect(service)
        self.connect(service)
        self.assertEqual(len(service.guards[0].guards), 2)


class StopTests(ServiceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.running = self.service("tcp:80", drainTimeout=10)
        self.running.startService()

    def test_nobodyConnected(self) -> None:
        stopped = self.running.stopService()
        self.assertEqual(self.factory.asked, ["drained"])
        self.assertNoResult(stopped)
        self.factory.closed.callback(None)
        self.successResultOf(stopped)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_waitsForWhoIsConnected(self) -> None:
        proto, _ = self.connect(self.running)
        self.running.stopService()
        self.reactor.advance(5)
        self.assertEqual(self.factory.asked, [])
        proto.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.factory.asked, ["drained"])

    def test_deadline(self) -> None:
        proto, transport = self.connect(self.running)
        proto.wrappedProtocol.drainRequested = lambda: None
        self.running.stopService()
        self.reactor.advance(9)
        self.assertFalse(transport.disconnected or transport.disconnecting)
        self.reactor.advance(1)
        self.assertTrue(transport.disconnected or transport.disconnecting)

    def test_whoDoesNotEndEvenThen(self) -> None:
        proto, _ = self.connect(self.running)
        proto.wrappedProtocol.drainRequested = lambda: None
        self.running.stopService()
        self.reactor.advance(10)
        self.reactor.advance(ABORT_TIME)
        self.assertEqual(self.factory.asked, ["drained"])

    def test_abort(self) -> None:
        _, transport = self.connect(self.running)
        self.running.abort()
        self.assertTrue(transport.disconnected or transport.disconnecting)


class ReloadTests(ServiceTestCase):
    def test_certificatesAndFactory(self) -> None:
        path = os.path.join(folderFor(self), "localhost.pem")
        with open(path, "wb") as file:
            file.write(selfSigned())
        service = self.service(f"ssl:443:privateKey={path}", "tcp:80")
        service.startService()
        newest = self.reactor.tcpServers[0][1]
        before = newest.newest
        service.reload()
        self.assertIsNot(newest.newest, before)
        self.assertEqual(self.factory.asked, ["reload"])


class DatagramTests(ServiceTestCase):
    class Protocol(DatagramProtocol):
        clock = None
        maxPacketSize = 70000

    def test_listen(self) -> None:
        protocol = self.Protocol()
        service = DatagramService(
            "udpecho", protocol, ["udp:7:interface=::1"], reactor=self.reactor
        )
        service.startService()
        self.assertEqual(self.reactor.udp, [(7, protocol, "::1", 70000)])
        self.assertIs(protocol.clock, self.reactor)
        self.assertEqual(service.snapshot()["counters"], {})
        self.successResultOf(service.stopService())

    def test_ownMetrics(self) -> None:
        protocol = self.Protocol()
        protocol.metrics = Metrics()
        protocol.metrics.count("dropped.rate")
        service = DatagramService("udpecho", protocol, [], reactor=self.reactor)
        self.assertEqual(service.snapshot()["counters"], {"dropped.rate": 1})


class WiringTests(ServiceTestCase):
    def test_streams(self) -> None:
        class Options(ListenOptions):
            defaultListen = "tcp:80"
            defaultProtocol = "twisted.internet.protocol.Protocol"

        options = Options()
        options.parseOptions(["--max-connections=3", "--drain-timeout=1"])
        process, service = serveStreams("echo", self.factory, options, self.reactor)  # type: ignore[misc]
        self.assertIsInstance(process, ProcessService)
        self.assertEqual(service.name, "echo")
        service.startService()
        self.assertEqual(service.guards[0].limits.maxConnections, 3)

    def test_datagrams(self) -> None:
        class Options(DatagramOptions):
            defaultListen = "udp:9"
            defaultProtocol = "twisted.internet.protocol.DatagramProtocol"

        options = Options()
        options.parseOptions([])
        _, service = serveDatagrams(
            "udpecho", DatagramProtocol(), options, self.reactor
        )  # type: ignore[misc]
        service.startService()
        self.assertEqual(self.reactor.udp[0][0], 9)
