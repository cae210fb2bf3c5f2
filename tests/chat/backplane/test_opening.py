"""C{twistd chat --backplane}: what is made of it."""

from __future__ import annotations

from typing import Any

from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint
from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.doors import ReservingIRC, ReservingLines
from protocols.chat.backplane.lobby import SharedLobby
from protocols.chat.backplane.opening import NodeService, _endpoint
from protocols.chat.backplane.places import placeOf
from protocols.chat.backplane.words import SharedRecords
from protocols.chat.lobby import Lobby
from protocols.chat.tap import Options, makeService


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

    def test_endpoints(self) -> None:
        reactor = MemoryReactorClock()
        for text, kind in (
            ("unix:/a", UNIXClientEndpoint),
            ("redis://localhost", HostnameEndpoint),
        ):
            self.assertIsInstance(_endpoint(placeOf(text), reactor), kind)
