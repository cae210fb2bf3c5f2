"""L{protocols.lean.tcp}: what a connection does not keep, and is found when asked."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import Factory

from protocols.lean.tcp import LeanServer
from tests.lean.conversations import LeanCase

KEPT_BY_TWISTED = ("fileno", "hostname", "logstr", "repstr")


class SeldomTests(LeanCase):
    def connect(self, protocol: Any) -> socket.socket:
        with socket.create_server(("127.0.0.1", 0)) as server:
            theirs = socket.create_connection(server.getsockname())
            ours, _ = server.accept()
        with ours:
            ours.setblocking(False)
            self.reactor.adoptStreamConnection(
                ours.fileno(), socket.AF_INET, Factory.forProtocol(lambda: protocol)
            )
        self.sockets += [protocol.transport.socket, theirs]
        return theirs

    def test_found(self) -> None:
        transport = self.protocol.transport
        self.assertIsInstance(transport, LeanServer)
        self.assertEqual(transport.fileno(), transport.socket.fileno())
        self.assertEqual(transport.hostname, transport.getPeer().host)
        self.assertIn(transport.hostname, transport.logPrefix())
        self.assertIn(f" on {transport.getHost().port}>", repr(transport))
        self.assertFalse(set(KEPT_BY_TWISTED) & set(vars(transport)))

    def test_afterTheEnd(self) -> None:
        """As in Twisted: there is no number any more."""
        transport = self.protocol.transport
        transport.abortConnection()
        self.reactor.iterate(0)
        self.assertIsNotNone(self.protocol.lost)
        self.assertEqual(transport.fileno(), -1)
