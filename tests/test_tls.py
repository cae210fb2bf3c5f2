"""L{protocols.tls}: certificates are read again while people are connected."""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import Any

from OpenSSL import SSL, crypto
from twisted.internet.error import ConnectionAborted
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import (
    MemoryReactor,
    MemoryReactorClock,
    StringTransport,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.chat.irc import IRCFactory
from protocols.chat.web import WebFactory
from protocols.service import StreamService
from protocols.smtp import SMTPFactory
from protocols.testing import selfSigned
from protocols.tls import MAX_CHAIN, RenewableTLSEndpoint
from tests.clientcertificates import (
    KINDS,
    chainOf,
    clientCertificate,
    fingerprintIn,
    writtenTo,
)
from tests.folders import folderFor


class TLSTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = os.path.join(folderFor(self), "localhost.pem")
        self.write(selfSigned("localhost", "first.example"))
        self.reactor: Any = MemoryReactor()

    @property
    def description(self) -> str:
        return f"ssl:0:interface=127.0.0.1:privateKey={self.path}"

    def write(self, octets: bytes) -> None:
        with open(self.path, "wb") as file:
            file.write(octets)

    def listening(
        self, description: str = "", asks: bool = False
    ) -> tuple[RenewableTLSEndpoint, Any]:
        """An endpoint, and the factory to which its port gives connections."""
        description = description or self.description
        endpoint = RenewableTLSEndpoint(self.reactor, description)
        endpoint.asks = asks
        self.successResultOf(endpoint.listen(Factory.forProtocol(Protocol)))
        ((port, factory, backlog, interface),) = self.reactor.tcpServers
        self.assertEqual((port, backlog, interface), (0, 50, "127.0.0.1"))
        return endpoint, factory

    def shown(self, factory: Any) -> int:
        """The serial number of the certificate that a client is shown."""
        client, _ = self.handshake(factory)
        return client.get_peer_certificate().get_serial_number()  # type: ignore[no-any-return]

    def contextOf(self, pem: bytes = b"") -> SSL.Context:
        """A client's, which may have a certificate."""
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        if pem:
            context.set_cipher_list(b"DEFAULT@SECLEVEL=0")
            path = writtenTo(folderFor(self), pem)
            context.use_certificate_chain_file(path)
            context.use_privatekey_file(path)
        return context

    def handshake(
        self, factory: Any, context: SSL.Context | None = None, session: Any = None
    ) -> tuple[Any, Any]:
        """A client and the server's transport."""
        server = factory.buildProtocol(None)
        server.makeConnection(transport := StringTransport())
        client = SSL.Connection(context or self.contextOf(), None)
        client.set_tlsext_host_name(b"localhost")
        client.set_connect_state()
        if session is not None:
            client.set_session(session)
        self.shake(client, server, transport)
        return client, server

    def shake(self, client: Any, server: Any, transport: Any) -> None:
        """Until a word of the client has arrived, and what the server sent too."""
        done = False
        while not done:
            try:
                client.do_handshake()
                done = bool(client.send(b"x"))
            except SSL.WantReadError:
                pass
            with contextlib.suppress(SSL.WantReadError):
                server.dataReceived(client.bio_read(65536))
            client.bio_write(transport.value()) if transport.value() else None
            transport.clear()
        with contextlib.suppress(SSL.WantReadError):
            client.recv(1)


class RenewalTests(TLSTestCase):
    def test_sslIsRenewed(self) -> None:
        endpoint, factory = self.listening()
        first = self.shown(factory)
        self.assertEqual(self.shown(factory), first)
        self.write(selfSigned("localhost", "second.example"))
        self.assertEqual(self.shown(factory), first)
        endpoint.renew()
        self.assertNotEqual(self.shown(factory), first)

    def test_whatCanNotBeReadChangesNothing(self) -> None:
        endpoint, factory = self.listening()
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

        endpoint = RenewableTLSEndpoint(self.reactor, self.description)
        endpoint.listen(Noting())
        factory = self.reactor.tcpServers[0][1]
        factory.doStart()
        endpoint.renew()
        factory.doStop()
        self.assertEqual(calls, ["start", "stop"])


class AskingTests(TLSTestCase):
    """Certificates of clients (RFC 8446, section 4.3.2; RFC 5246, 7.4.4)."""

    def asked(self, factory: Any, pem: bytes = b"") -> str:
        """The fingerprint that the server knows of a client; empty for none."""
        _, server = self.handshake(factory, self.contextOf(pem))
        return self.shownTo(server)

    def shownTo(self, server: Any) -> str:
        shown = server.getPeerCertificate()
        return "" if shown is None else shown.digest("sha256").decode()

    def fingerprint(self, pem: bytes) -> str:
        digits = fingerprintIn(pem).upper()
        return ":".join(digits[at : at + 2] for at in range(0, 64, 2))

    def test_shown(self) -> None:
        _, factory = self.listening(asks=True)
        ann, bob = clientCertificate(), clientCertificate(name="bob")
        self.assertEqual(self.asked(factory, ann), self.fingerprint(ann))
        self.assertEqual(self.asked(factory, bob), self.fingerprint(bob))

    def test_notAsked(self) -> None:
        """Where a door does not ask, none is shown."""
        _, factory = self.listening()
        self.assertEqual(self.asked(factory, clientCertificate()), "")

    def test_without(self) -> None:
        _, factory = self.listening(asks=True)
        self.assertEqual(self.asked(factory), "")

    def test_odd(self) -> None:
        """Nobody signs them and nobody renews them: any will do."""
        _, factory = self.listening(asks=True)
        for kind in KINDS:
            pem = clientCertificate(kind)
            self.assertEqual(self.asked(factory, pem), self.fingerprint(pem), kind)

    def test_chain(self) -> None:
        """Who has a company's sends those above it too; it is theirs that counts."""
        _, factory = self.listening(asks=True)
        pem = chainOf(MAX_CHAIN)
        self.assertEqual(self.asked(factory, pem), self.fingerprint(pem))

    def test_longChain(self) -> None:
        """Nobody has the server look at so many: the handshake ends."""
        _, factory = self.listening(asks=True)
        with self.assertRaisesRegex(SSL.Error, "alert"):
            self.asked(factory, chainOf(MAX_CHAIN + 1))
        self.assertEqual(self.asked(factory), "")

    def test_afterRenewal(self) -> None:
        endpoint, factory = self.listening(asks=True)
        self.write(selfSigned("localhost", "second.example"))
        endpoint.renew()
        ann = clientCertificate()
        self.assertEqual(self.asked(factory, ann), self.fingerprint(ann))

    def test_resumption(self) -> None:
        """Who comes back with a session shows the certificate again."""
        _, factory = self.listening(asks=True)
        ann = clientCertificate()
        for version in (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION):
            context = self.contextOf(ann)
            context.set_max_proto_version(version)
            client, _ = self.handshake(factory, context)
            session = client.get_session()
            _, server = self.handshake(factory, context, session)
            self.assertEqual(self.shownTo(server), self.fingerprint(ann))

    def test_directory(self) -> None:
        """C{tls:} has a context for each name of a server, and asks just as well."""
        description = f"tls:{os.path.dirname(self.path)}:0:interface=127.0.0.1"
        try:
            with warnings.catch_warnings():
                # Twisted's own, of how it uses pyOpenSSL.
                warnings.simplefilter("ignore", DeprecationWarning)
                _, factory = self.listening(description, asks=True)
        except ValueError as error:
            raise SkipTest(f"this Twisted has no tls: for servers ({error})") from None
        ann = clientCertificate()
        self.assertEqual(self.asked(factory, ann), self.fingerprint(ann))

    def test_abortedAtOnce(self) -> None:
        """Who is refused at the door is asked for nothing."""

        class Refusing(Protocol):
            def connectionMade(self) -> None:
                self.transport.abortConnection()  # type: ignore[union-attr]

        endpoint = RenewableTLSEndpoint(self.reactor, self.description)
        endpoint.asks = True
        endpoint.listen(Factory.forProtocol(Refusing))
        server = self.reactor.tcpServers[0][1].buildProtocol(None)
        transport: Any = StringTransport()
        transport.abortConnection = lambda: server.connectionLost(
            Failure(ConnectionAborted())
        )
        server.makeConnection(transport)
        self.assertIs(server.getHandle(), None)

    def test_serviceAsksForItsFactory(self) -> None:
        """Who wants certificates says so: chats do, and mail does not."""
        ann = clientCertificate()
        for asks, shown in ((True, self.fingerprint(ann)), (False, "")):
            reactor: Any = MemoryReactorClock()
            factory: Any = Factory.forProtocol(Protocol)
            factory.asksForCertificates = asks
            where = [self.description]
            service = StreamService("x", factory, where, reactor=reactor)
            service.startService()
            self.addCleanup(service.stopService)
            self.assertEqual(self.asked(reactor.tcpServers[0][1], ann), shown)
        self.assertFalse(hasattr(SMTPFactory, "asksForCertificates"))
        self.assertFalse(hasattr(WebFactory, "asksForCertificates"))
        self.assertTrue(IRCFactory.asksForCertificates)
