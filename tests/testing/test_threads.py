"""Servers in threads, and clients that block."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import tempfile
import threading

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.ssl import PrivateCertificate
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol
from protocols.testing import Running, runningInThread, selfSigned
from tests.testing.samples import Echo, Recorder, factoryOf


def ask(server: Running, said: bytes) -> bytes:
    """Say it, half-close, and return all that comes."""
    with socket.create_connection((server.host, server.port), 10) as client:
        client.sendall(said)
        heard = client.recv(65536)
        client.shutdown(socket.SHUT_WR)
        return heard + client.recv(65536)


class Accepting(LineProtocol):
    """Agrees to everything, as a mail server would."""

    def connectionMade(self) -> None:
        self.sendLine(b"220 ready")

    def lineReceived(self, line: bytes) -> None:
        self.sendLine(b"221 bye" if line.lower() == b"quit" else b"250 ok")


class ServingTests(SynchronousTestCase):
    def path(self) -> str:
        """Of a file that may be made; short enough for a UNIX socket."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return os.path.join(directory.name, "file")

    def test_blockingSocket(self) -> None:
        with runningInThread(factoryOf(Echo)) as server:
            self.assertEqual(server.host, "127.0.0.1")
            self.assertEqual(getattr(server.address, "port", None), server.port)
            self.assertEqual(ask(server, b"hi"), b"hi")

    def test_smtplib(self) -> None:
        with runningInThread(factoryOf(Accepting)) as server:
            client = smtplib.SMTP(server.host, server.port, timeout=10)
            self.assertEqual(client.noop(), (250, b"ok"))
            self.assertEqual(client.quit(), (221, b"bye"))

    def test_twiceInARow(self) -> None:
        factory = factoryOf(Echo)
        for said in (b"one", b"two"):
            with runningInThread(factory) as server:
                self.assertEqual(ask(server, said), said)

    def test_nested(self) -> None:
        with runningInThread(factoryOf(Echo)) as outer:
            with runningInThread(factoryOf(Accepting)) as inner:
                self.assertEqual(ask(outer, b"hi"), b"hi")
                self.assertTrue(ask(inner, b"x\r\n").startswith(b"220"))
            self.assertEqual(ask(outer, b"hi"), b"hi")

    def test_unix(self) -> None:
        path = self.path()
        with runningInThread(factoryOf(Echo), f"unix:{path}") as server:
            self.assertEqual((server.host, server.port), ("", 0))
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(path)
                client.sendall(b"hi")
                self.assertEqual(client.recv(10), b"hi")

    def test_tls(self) -> None:
        path = self.path()
        with open(path, "wb") as file:
            file.write(selfSigned("localhost"))
        context = ssl.create_default_context(cafile=path)
        listen = f"ssl:0:interface=127.0.0.1:privateKey={path}:certKey={path}"
        with runningInThread(factoryOf(Echo), listen) as server:
            plain = socket.create_connection((server.host, server.port), 10)
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                client.sendall(b"hi")
                self.assertEqual(client.recv(10), b"hi")

    def test_startTLS(self) -> None:
        certificate = PrivateCertificate.loadPEM(selfSigned("localhost"))

        class Starting(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(b"go")
                self.transport.startTLS(certificate.options())
                self.transport.write(b"in secret")

        context = ssl.create_default_context(cadata=selfSigned("localhost").decode())
        with runningInThread(factoryOf(Starting)) as server:
            plain = socket.create_connection((server.host, server.port), 10)
            plain.sendall(b"start")
            self.assertEqual(plain.recv(2), b"go")
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                self.assertEqual(client.recv(10), b"in secret")


class FailingToStartTests(SynchronousTestCase):
    def test_portTaken(self) -> None:
        with runningInThread(factoryOf(Echo)) as server:
            taken = f"tcp:{server.port}:interface=127.0.0.1"
            with self.assertRaises(CannotListenError):
                runningInThread(factoryOf(Echo), taken).__enter__()

    def test_badEndpoint(self) -> None:
        before = threading.active_count()
        with self.assertRaises(ValueError):
            runningInThread(factoryOf(Echo), "nothing:0").__enter__()
        self.assertEqual(threading.active_count(), before)


class AsynchronousTests(SynchronousTestCase):
    """Factory code may take its time, on the factory's clock."""

    def test_coroutines(self) -> None:
        class Waiting(LineProtocol):
            async def lineReceived(self, line: bytes) -> None:
                await deferLater(self.factory.clock, 0.001)
                self.sendLine(line)

        with runningInThread(factoryOf(Waiting, clock=None)) as server:
            self.assertEqual(ask(server, b"a\r\n"), b"a\r\n")

    def test_threadPool(self) -> None:
        """The pool's threads end with the reactor's."""

        class Working(LineProtocol):
            async def lineReceived(self, line: bytes) -> None:
                clock = self.factory.clock
                pool = clock.getThreadPool()
                self.sendLine(await deferToThreadPool(clock, pool, line.upper))

        before = threading.active_count()
        with runningInThread(factoryOf(Working, clock=None)) as server:
            self.assertEqual(ask(server, b"a\r\n"), b"A\r\n")
        self.assertEqual(threading.active_count(), before)

    def test_clockIsLent(self) -> None:
        factory = factoryOf(Echo, clock=None)
        with runningInThread(factory) as server:
            self.assertIs(factory.clock, server.reactor)
        self.assertIsNone(factory.clock)

    def test_clockIsKept(self) -> None:
        clock = object()
        factory = factoryOf(Echo, clock=clock)
        with runningInThread(factory):
            self.assertIs(factory.clock, clock)
        self.assertIs(factory.clock, clock)


class CallTests(SynchronousTestCase):
    def setUp(self) -> None:
        running = runningInThread(factoryOf(Echo))
        self.server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)

    def test_inTheReactorsThread(self) -> None:
        ident = self.server.call(threading.get_ident)
        self.assertNotEqual(ident, threading.get_ident())
        self.assertEqual(self.server.call(threading.get_ident), ident)

    def test_arguments(self) -> None:
        self.assertEqual(self.server.call(divmod, 7, 2), (3, 1))

    def test_awaits(self) -> None:
        async def later(value: str) -> str:
            return await deferLater(self.server.reactor, 0.001, value.upper)

        self.assertEqual(self.server.call(later, "x"), "X")
        soon = self.server.call(deferLater, self.server.reactor, 0, lambda: "y")
        self.assertEqual(soon, "y")

    def test_raises(self) -> None:
        self.assertRaises(ZeroDivisionError, self.server.call, divmod, 1, 0)

    def test_takesTooLong(self) -> None:
        cancelled: list[object] = []
        never: Deferred[None] = Deferred(cancelled.append)
        with self.assertRaisesRegex(TimeoutError, "took more than 0.01 s"):
            self.server.call(lambda: never, timeout=0.01)
        self.server.call(lambda: None)
        self.assertEqual(cancelled, [never])

    def test_itsOwnTimeout(self) -> None:
        def expire() -> None:
            raise TimeoutError("of its own")

        with self.assertRaisesRegex(TimeoutError, "of its own"):
            self.server.call(expire)

    def test_notFromThatThread(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "own thread"):
            self.server.call(self.server.call, list)
