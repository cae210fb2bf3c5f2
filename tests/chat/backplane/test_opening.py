"""C{twistd chat --backplane}: what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    UNIXClientEndpoint,
)
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.connection import LASTING
from protocols.chat.backplane.doors import ReservingIRC, ReservingLines
from protocols.chat.backplane.lobby import SharedLobby
from protocols.chat.backplane.opening import NodeService, endpointOf
from protocols.chat.backplane.places import placeOf
from protocols.chat.backplane.words import SharedRecords
from protocols.chat.lobby import Lobby
from protocols.chat.tap import Options, makeService
from tests.folders import folderFor


class OpeningTests(SynchronousTestCase):
    def service(self, *words: str) -> tuple[Any, Any]:
        options = Options()
        options.parseOptions(words)
        reactor: Any = MemoryReactorClock()
        return makeService(options, reactor), reactor

    def test_node(self) -> None:
        """All doors are of one house, which is a node, and ends when they have."""
        words = ("--irc=tcp:0", "--backplane=unix:/nowhere/redis")
        service, reactor = self.service(*words)
        [node] = [each for each in service if isinstance(each, NodeService)]
        chat = service.getServiceNamed("chat").factory
        irc = service.getServiceNamed("irc").factory
        self.assertIsInstance(chat.lobby, SharedLobby)
        self.assertIsInstance(chat.records, SharedRecords)
        self.assertIs(chat.records, irc.records)
        self.assertTrue(issubclass(chat.protocol, ReservingLines))
        self.assertTrue(issubclass(irc.protocol, ReservingIRC))
        node.startService()
        self.assertEqual({each[0] for each in reactor.unixClients}, {"/nowhere/redis"})
        self.assertEqual(len(reactor.unixClients), 2)
        self.assertIsNone(chat.drained())
        ended = irc.drained()
        for address in reactor.unixClients:
            address[1].stopConnecting = lambda: None
        self.assertIsNotNone(ended)

    def test_notLetIn(self) -> None:
        """A server that is there, and hangs up, is not asked ten times a second; one
        that was there for long is looked for at once."""
        service, reactor = self.service("--backplane=unix:/nowhere/redis")
        [node] = [each for each in service if isinstance(each, NodeService)]
        node.node.link._backplane._services[0].startService()

        def meet(seconds: float) -> float:
            """Connect, lose it after a while, and say how long nothing happens."""
            asked = list(reactor.unixClients)
            protocol = asked[-1][1].buildProtocol(None)
            protocol.makeConnection(StringTransport())
            reactor.advance(seconds)
            protocol.connectionLost(Failure(ConnectionDone()))
            began = reactor.seconds()
            while len(reactor.unixClients) == len(asked):
                reactor.advance(0.05)
            return float(reactor.seconds() - began)

        waits = [meet(0.0) for _ in range(20)]
        # Up to a second is added at random, so that not all come at once.
        self.assertLess(waits[0], 2)
        self.assertGreater(min(waits[-3:]), 4)
        self.assertLess(max(waits), 7)
        self.assertLess(meet(LASTING), 2)

    def test_default(self) -> None:
        """A chat in one process has nothing of this."""
        service, _ = self.service()
        chat = service.getServiceNamed("chat").factory
        self.assertIs(type(chat.lobby), Lobby)
        self.assertFalse(any(isinstance(each, NodeService) for each in service))

    def test_mistakes(self) -> None:
        for place in ("localhost", "redis://localhost/x", "unix:x"):
            with self.assertRaisesRegex(UsageError, "--backplane: "):
                self.service(f"--backplane={place}")

    def test_whatCantBeOpened(self) -> None:
        """It is said before anything is, in one line."""
        folder = folderFor(self)
        empty = f"{folder}/empty"
        Path(empty).write_text("no certificate")
        for place, why in (
            (f"rediss://h?ca={folder}/none", "No such file"),
            (f"rediss://h?ca={empty}", "there is no certificate"),
            (f"rediss://h?certificate={empty}", "h:6379/0: "),
            (f"unix:/a?password-file={folder}/none", "No such file"),
        ):
            with self.assertRaisesRegex(UsageError, f"--backplane: .*{why}"):
                self.service(f"--backplane={place}")
        with self.assertRaisesRegex(SystemExit, "chat: --backplane: tcp:h/0: "):
            self.service("--backplane=tcp:h")

    def test_endpoints(self) -> None:
        from twisted.internet import reactor

        for text, kind in (
            ("unix:/a", UNIXClientEndpoint),
            ("redis://localhost", HostnameEndpoint),
            ("tcp:localhost:7", TCP4ClientEndpoint),
        ):
            self.assertIsInstance(endpointOf(placeOf(text), reactor), kind)
        for text in ("rediss://localhost", "tls:localhost:7"):
            made: Any = endpointOf(placeOf(text), reactor)
            self.assertIsInstance(made._wrappedEndpoint, HostnameEndpoint)
