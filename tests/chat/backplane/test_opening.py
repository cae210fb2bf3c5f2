"""C{twistd chat --backplane}: what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    UNIXClientEndpoint,
)
from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

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
