"""L{protocols.workersockets} and L{protocols.workerports}: opened here, used there."""

from __future__ import annotations

import os
import socket
import stat
from typing import Any

from twisted.internet import unix
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol, Factory
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from protocols import listening, workersockets
from protocols.testing import selfSigned
from protocols.workerports import InheritedPorts
from protocols.workersockets import closeAll, openDatagrams, openStream
from protocols.workertask import tcpKey, udpKey, unixKey
from tests.folders import folderFor

LOOPBACK = "127.0.0.1"


class OpenTests(SynchronousTestCase):
    def open(self, description: str, count: int, opening: Any = openStream) -> Any:
        first = (MemoryReactorClock(),) if opening is openStream else ()
        (port,) = opening(*first, description, count)
        self.addCleanup(port.close)
        return port

    def names(self, port: Any) -> set[Any]:
        return {each.getsockname() for each in port.sockets}

    def test_oneSocketForEach(self) -> None:
        port = self.open(f"tcp:0:interface={LOOPBACK}", 3)
        self.assertEqual(port.key, tcpKey(0, LOOPBACK))
        self.assertEqual(len(self.names(port)), 1, "they have different ports")
        self.assertEqual(len({port.descriptorOf(n) for n in (1, 2, 3)}), 3)

    def test_datagrams(self) -> None:
        port = self.open(f"udp:0:interface={LOOPBACK}", 2, openDatagrams)
        self.assertEqual(port.key, udpKey(0, LOOPBACK))
        self.assertEqual(len(self.names(port)), 1)

    def test_oneSocketForAllWhereTheKernelDoesNotBalance(self) -> None:
        self.patch(workersockets, "BALANCES", False)
        for port in (
            self.open(f"tcp:0:interface={LOOPBACK}", 3),
            self.open(f"udp:0:interface={LOOPBACK}", 3, openDatagrams),
        ):
            self.assertEqual(len(port.sockets), 1)
            self.assertEqual(len({port.descriptorOf(n) for n in (1, 2, 3)}), 1)

    def test_overIPv6(self) -> None:
        try:
            port = self.open(r"tcp6:0:interface=\:\:1", 2)
        except CannotListenError:
            self.skipTest("no IPv6 here")
        self.assertEqual(port.sockets[0].getsockname()[0], "::1")
        self.assertEqual(port.key, tcpKey(0, "::1"))

    def test_TLSIsLeftToTheWorkers(self) -> None:
        path = os.path.join(folderFor(self), "key.pem")
        with open(path, "wb") as file:
            file.write(selfSigned("localhost"))
        port = self.open(f"ssl:0:interface={LOOPBACK}:privateKey={path}", 2)
        self.assertEqual(port.key, tcpKey(0, LOOPBACK))

    def test_backlog(self) -> None:
        """They listen: a connection waits for whoever is going to accept it."""
        port = self.open(f"tcp:0:interface={LOOPBACK}:backlog=7", 1)
        socket.create_connection(port.sockets[0].getsockname()).close()

    def test_fromSystemd(self) -> None:
        """The socket is there already; it is one for all."""
        text = "systemd:domain=INET:name=here"
        for opening in (openStream, openDatagrams):
            held = socket.socket()
            self.patch(workersockets, "inheritedSocket", lambda _, held=held: held)
            self.patch(listening, "streamEndpoint", lambda *_: None)
            port = self.open(text, 2, opening)
            self.assertEqual((port.key, port.descriptorOf(2)), (text, held.fileno()))

    def test_taken(self) -> None:
        """By somebody who would share it, too."""
        for kind, opening in (("tcp", openStream), ("udp", openDatagrams)):
            port = self.open(f"{kind}:0:interface={LOOPBACK}", 2, opening)
            number = port.sockets[0].getsockname()[1]
            description = f"{kind}:{number}:interface={LOOPBACK}"
            error = self.assertRaises(
                CannotListenError, self.open, description, 2, opening
            )
            self.assertEqual(error.port, number)

    def test_againAtOnce(self) -> None:
        """What was closed is free, though its connections linger."""
        port = self.open(f"tcp:0:interface={LOOPBACK}", 1)
        where = port.sockets[0].getsockname()
        with socket.create_connection(where):
            taken, _ = port.sockets[0].accept()
            taken.close()
        port.close()
        self.open(f"tcp:{where[1]}:interface={LOOPBACK}", 2)


class RealReactor:
    """The part of a reactor that adopts sockets, and notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.adopted: list[Any] = []
        self.reading: list[Any] = []

    def addReader(self, port: Any) -> None:
        self.reading.append(port)

    def removeReader(self, port: Any) -> None:
        self.reading.remove(port)

    def removeWriter(self, port: Any) -> None:
        """It has none."""

    def listenTCP(self, *asked: Any) -> None:
        self.asked.append(("tcp", *asked))

    def listenUDP(self, *asked: Any) -> None:
        self.asked.append(("udp", *asked))

    def listenUNIX(self, *asked: Any, **more: Any) -> None:
        self.asked.append(("unix", *asked))

    def adoptStreamPort(self, number: int, family: Any, factory: Any) -> Any:
        return self._adopt(number, family)

    def adoptDatagramPort(
        self, number: int, family: Any, protocol: Any, largest: int
    ) -> Any:
        return self._adopt(number, family)

    def _adopt(self, number: int, family: Any) -> Any:
        port = AdoptedPort(socket.socket(fileno=os.dup(number)), family)
        self.adopted.append(port)
        return port


class AdoptedPort:
    def __init__(self, held: socket.socket, family: Any) -> None:
        self.held = held
        self.family = family


class UNIXReactor(Clock):
    """Has Twisted's own UNIX ports, and never reads."""

    def listenUNIX(self, path: str, factory: Any, backlog: int, **more: Any) -> Any:
        port = unix.Port(path, factory, backlog, reactor=self, **more)
        port.startListening()
        return port

    def ignore(self, *args: Any) -> None:
        """Nothing is read or written."""

    addReader = removeReader = removeWriter = ignore
    listenTCP = listenUDP = adoptStreamPort = ignore


class UNIXTests(SynchronousTestCase):
    def test_leftAsItIs(self) -> None:
        """The file has its mode, and is there when a worker ends; and the socket can
        still be accepted on.
        """
        reactor = UNIXReactor()
        path = os.path.join(folderFor(self), "socket")
        (shared,) = openStream(reactor, f"unix:{path}:mode=600", 2)
        for _ in range(2):
            number = os.dup(shared.descriptorOf(1))
            inheriting = InheritedPorts(reactor, {unixKey(path): [number]})
            port = inheriting.listenUNIX(path, Factory())
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            ended = port.stopListening()
            reactor.advance(0)
            self.successResultOf(ended)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
        ended = shared.close()
        reactor.advance(0)
        self.successResultOf(ended)
        self.assertFalse(os.path.exists(path))


class InheritTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.real = RealReactor()
        self.reactor: Any = self.real
        self.addCleanup(lambda: closeAll([port.held for port in self.real.adopted]))

    def inherit(self, key: str, *kinds: tuple[Any, Any]) -> list[Any]:
        sockets = [socket.socket(*kind) for kind in kinds]
        numbers = [each.detach() for each in sockets]
        InheritedPorts(self.reactor, {key: numbers}).install()
        return numbers

    def test_streams(self) -> None:
        kind = (socket.AF_INET, socket.SOCK_STREAM)
        numbers = self.inherit(tcpKey(0, LOOPBACK), kind, kind)
        for number in numbers:
            port = self.reactor.listenTCP(0, Factory(), interface=LOOPBACK)
            self.assertEqual(port.family, socket.AF_INET)
            self.assertRaises(OSError, os.fstat, number)
        self.assertEqual(self.real.asked, [])

    def test_datagrams(self) -> None:
        kind = (socket.AF_INET6, socket.SOCK_DGRAM)
        self.inherit(udpKey(7, "::1"), kind)
        port = self.reactor.listenUDP(7, DatagramProtocol(), "::1", 100)
        self.assertEqual(port.family, socket.AF_INET6)

    def test_unix(self) -> None:
        (number,) = self.inherit(
            unixKey("/run/x"), (socket.AF_UNIX, socket.SOCK_STREAM)
        )
        port = self.reactor.listenUNIX("/run/x", Factory(), 50, 0o600)
        self.assertEqual(self.real.reading, [port])
        self.assertRaises(OSError, os.fstat, number)
        port.connectionLost(None)

    def test_whatWasNotOpenedIsOpenedAsEver(self) -> None:
        self.inherit(tcpKey(1, ""))
        factory, protocol = Factory(), DatagramProtocol()
        self.reactor.listenTCP(1, factory)
        self.reactor.listenUDP(2, protocol)
        self.reactor.listenUNIX("/x", factory)
        expected = [
            ("tcp", 1, factory, 50, ""),
            ("udp", 2, protocol, "", 8192),
            ("unix", "/x", factory, 50),
        ]
        self.assertEqual(self.real.asked, expected)
