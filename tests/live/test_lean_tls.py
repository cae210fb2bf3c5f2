"""TLS over the lean reactor, from the start and in the middle of a connection."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions, PrivateCertificate

from protocols.testing import selfSigned
from tests.folders import folderFor
from tests.live.leanreactor import Client, Echo, LiveCase


class ClientFactory(Factory):
    """Of one client, for C{connectSSL}."""

    noisy = False

    def __init__(self, connected: Deferred[Client]) -> None:
        self._connected = connected

    def startedConnecting(self, connector: Any) -> None:
        pass

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self._connected.errback(reason)

    def clientConnectionLost(self, connector: Any, reason: Any) -> None:
        pass

    def buildProtocol(self, addr: Any) -> Client:
        client = Client()
        client.connectionMade = lambda: self._connected.callback(client)  # type: ignore
        return client


class TLSTests(LiveCase):
    def test_tls(self) -> None:
        """Over the endpoint, and the answers are whole."""
        path = os.path.join(folderFor(self), "localhost.pem")
        with open(path, "wb") as file:
            file.write(selfSigned())

        async def work() -> None:
            port = await serverFromString(
                self.reactor, f"ssl:0:interface=127.0.0.1:privateKey={path}"
            ).listen(Factory.forProtocol(Echo))
            connected: Deferred[Client] = Deferred()
            factory: Any = ClientFactory(connected)
            self.reactor.connectSSL(
                "127.0.0.1",
                port.getHost().port,  # type: ignore[attr-defined]
                factory,
                CertificateOptions(),
            )
            client = await connected
            await self.echoes(client)
            client.transport.loseConnection()
            await client.lost

        self.run_(work)

    def test_startTLS(self) -> None:
        """In the middle of a connection, after a word in the clear."""
        certificate = PrivateCertificate.loadPEM(selfSigned())

        class Starting(Echo):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(data)  # type: ignore[union-attr]
                if data == b"STARTTLS":
                    self.transport.startTLS(certificate.options())  # type: ignore

        async def work() -> None:
            port = self.reactor.listenTCP(
                0, Factory.forProtocol(Starting), interface="127.0.0.1"
            )
            where = f"tcp:127.0.0.1:{port.getHost().port}"
            endpoint: Any = clientFromString(self.reactor, where)
            client = await endpoint.connect(Factory.forProtocol(Client))
            answer = client.expect(8)
            client.transport.write(b"STARTTLS")
            self.assertEqual(await answer, b"STARTTLS")
            client.transport.startTLS(CertificateOptions())
            await self.echoes(client)
            self.assertTrue(ISSLTransport.providedBy(client.transport))
            client.transport.loseConnection()
            await client.lost

        self.run_(work)
