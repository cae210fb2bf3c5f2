"""L{protocols.tls}: certificates are read again while people are connected."""

from __future__ import annotations

import os
from typing import Any

from OpenSSL import SSL, crypto
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactor, StringTransport
from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import selfSigned
from protocols.tls import RenewableTLSEndpoint
from tests.folders import folderFor


class TLSTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = os.path.join(folderFor(self), "localhost.pem")
        self.write(selfSigned("localhost", "first.example"))
        self.reactor: Any = MemoryReactor()

    def write(self, octets: bytes) -> None:
        with open(self.path, "wb") as file:
            file.write(octets)

    def listening(self, description: str) -> tuple[RenewableTLSEndpoint, Any]:
        """An endpoint, and the factory to which its port gives connections."""
        endpoint = RenewableTLSEndpoint(self.reactor, description)
        self.successResultOf(endpoint.listen(Factory.forProtocol(Protocol)))
        ((port, factory, backlog, interface),) = self.reactor.tcpServers
        self.assertEqual((port, backlog, interface), (0, 50, "127.0.0.1"))
        return endpoint, factory

    def shown(self, factory: Any) -> int:
        """The serial number of the certificate that a client is shown."""
        server = factory.buildProtocol(None)
        server.makeConnection(transport := StringTransport())
        client = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
        client.set_tlsext_host_name(b"localhost")
        client.set_connect_state()
        while client.get_peer_certificate() is None:
            try:
                client.do_handshake()
            except SSL.WantReadError:
                server.dataReceived(client.bio_read(65536))
                client.bio_write(transport.value())
                transport.clear()
        return client.get_peer_certificate().get_serial_number()  # type: ignore[union-attr]

    def test_sslIsRenewed(self) -> None:
        endpoint, factory = self.listening(
            f"ssl:0:interface=127.0.0.1:privateKey={self.path}"
        )
        first = self.shown(factory)
        self.assertEqual(self.shown(factory), first)
        self.write(selfSigned("localhost", "second.example"))
        self.assertEqual(self.shown(factory), first)
        endpoint.renew()
        self.assertNotEqual(self.shown(factory), first)

    def test_whatCanNotBeReadChangesNothing(self) -> None:
        endpoint, factory = self.listening(
            f"ssl:0:interface=127.0.0.1:privateKey={self.path}"
        )
        first = self.shown(factory)
        self.write(b"half a certifica")
        self.assertRaises(crypto.Error, endpoint.renew)
        self.assertEqual(self.shown(factory), first)

    def test_missingFileIsFoundAtOnce(self) -> None:
        with self.assertRaises(OSError):
            RenewableTLSEndpoint(self.reactor, "ssl:0:privateKey=/nonexistent.pem")

    def test_startAndStopReachTheFactory(self) -> None:
        calls: list[str] = []

        class Noting(Factory):
            noisy = False

            def startFactory(self) -> None:
                calls.append("start")

            def stopFactory(self) -> None:
                calls.append("stop")

        endpoint = RenewableTLSEndpoint(
            self.reactor, f"ssl:0:interface=127.0.0.1:privateKey={self.path}"
        )
        endpoint.listen(Noting())
        factory = self.reactor.tcpServers[0][1]
        factory.doStart()
        endpoint.renew()
        factory.doStop()
        self.assertEqual(calls, ["start", "stop"])
