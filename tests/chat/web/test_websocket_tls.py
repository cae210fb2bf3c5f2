"""L{protocols.chat.web.websocket} under TLS: C{wss}."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.frames import CLOSE, TEXT
from protocols.testing import Pair, connectedPair
from tests.chat.web.browsers import factoryFor, framesIn, masked, opening, text


class Client(Protocol):
    """Opens a WebSocket, and keeps what comes."""

    ended = False

    def connectionMade(self) -> None:
        self.heard = b""
        self.send(opening(Origin="https://chat.test"))

    def send(self, octets: bytes) -> None:
        transport: Any = self.transport
        transport.write(octets)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: object = None) -> None:
        self.ended = True


class SecureTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = factoryFor()
        client = Factory.forProtocol(Client)
        self.pair: Pair = connectedPair(self.factory, client, tls=True)

    def said(self) -> list[tuple[int, bytes]]:
        self.pair.pump()
        return framesIn(self.pair.client.heard.partition(b"\r\n\r\n")[2])

    def test_talk(self) -> None:
        self.pair.client.send(text("a"))
        self.assertEqual(self.said(), [(TEXT, b"hello"), (TEXT, b"you said a")])

    def test_theProtocolKnows(self) -> None:
        transport = self.factory.inner.built[0].transport
        self.assertTrue(ISSLTransport.providedBy(transport))
        self.assertIs(transport.getPeerCertificate(), None)

    def test_closedByTheServer(self) -> None:
        """TLS waits with its end for whoever is registered to write."""
        self.pair.client.send(text("bye"))
        self.assertEqual(self.said()[-1], (CLOSE, b"\x03\xe8"))
        self.pair.client.send(masked(CLOSE, b"\x03\xe8"))
        self.pair.pump()
        self.assertTrue(self.pair.client.ended)
        self.assertEqual(len(self.factory.inner.lost), 1)

    def test_closedByTheBrowser(self) -> None:
        self.pair.client.send(masked(CLOSE, b"\x03\xe8"))
        self.assertEqual(self.said()[-1], (CLOSE, b"\x03\xe8"))
        self.assertTrue(self.pair.client.ended)
