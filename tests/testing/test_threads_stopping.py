"""How servers in threads end, and what they leave: nothing."""

from __future__ import annotations

import os
import signal
import socket
import threading
from unittest import skipUnless

from twisted.python import threadable
from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import runningInThread, threads
from tests.testing.samples import Echo, Recorder, factoryOf

DESCRIPTORS = "/proc/self/fd"


class StoppingTests(SynchronousTestCase):
    def test_aborts(self) -> None:
        """A client that is connected at the end finds itself cut off."""
        with runningInThread(factoryOf(Echo)) as server:
            client = socket.create_connection((server.host, server.port), 10)
            self.addCleanup(client.close)
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
        self.assertRaises(ConnectionResetError, client.recv, 1)

    def test_theirEndCounts(self) -> None:
        """A client that has closed by then is not aborted."""
        protocol = Recorder()
        factory = factoryOf(Recorder)
        factory.buildProtocol = lambda addr: protocol
        with runningInThread(factory) as server:
            with socket.create_connection((server.host, server.port), 10) as client:
                client.sendall(b"x" * 100)
        self.assertEqual(protocol.received, b"x" * 100)
        self.assertEqual(protocol.events[-1], "ConnectionDone")

    def test_nobodyListensAfterwards(self) -> None:
        with runningInThread(factoryOf(Echo)) as server:
            address = (server.host, server.port)
        self.assertRaises(ConnectionRefusedError, socket.create_connection, address, 10)
        with self.assertRaisesRegex(RuntimeError, "has ended"):
            server.call(list)

    def test_aFactoryThatRefuses(self) -> None:
        class Refusing:
            def doStart(self) -> None:
                """It serves nobody."""

            doStop = doStart

            def buildProtocol(self, addr: object) -> None:
                return None

        with runningInThread(Refusing()) as server:
            address = (server.host, server.port)
            with socket.create_connection(address, 10) as client:
                self.assertEqual(client.recv(1), b"")

    def test_stoppedFromWithin(self) -> None:
        with runningInThread(factoryOf(Echo)) as server:
            server.call(server.reactor.stop)
            server._thread.join(10)

    def test_aThreadThatHangs(self) -> None:
        self.patch(threads, "STOP_TIMEOUT", 0.05)
        hang = threading.Event()
        running = runningInThread(factoryOf(Echo))
        server = running.__enter__()
        server.reactor.callFromThread(hang.wait, 10)
        with self.assertRaisesRegex(TimeoutError, "did not end"):
            running.__exit__(None, None, None)
        hang.set()
        self.patch(threads, "STOP_TIMEOUT", 10)
        server.stop()

    @skipUnless(os.path.isdir(DESCRIPTORS), f"needs {DESCRIPTORS}")
    def test_leavesNothing(self) -> None:
        """No thread and no descriptor, not even of a connection at rest."""

        class Resting(Recorder):
            def connectionMade(self) -> None:
                self.transport.write(b"x")
                self.transport.pauseProducing()

        self.serveTwo(Resting)
        before = len(os.listdir(DESCRIPTORS)), threading.active_count()
        for _ in range(3):
            self.serveTwo(Resting)
        after = len(os.listdir(DESCRIPTORS)), threading.active_count()
        self.assertEqual(after, before)

    def serveTwo(self, protocol: type[Recorder]) -> None:
        with runningInThread(factoryOf(protocol)) as server:
            for _ in range(2):
                address = (server.host, server.port)
                with socket.create_connection(address, 10) as client:
                    self.assertEqual(client.recv(1), b"x")

    def test_leavesTheProcessAlone(self) -> None:
        """The main thread's reactor, if any, keeps its thread and signals."""
        signals = [signal.SIGINT, signal.SIGTERM, signal.SIGCHLD]
        before = threadable.ioThread, list(map(signal.getsignal, signals))
        with runningInThread(factoryOf(Echo)) as server:
            self.assertEqual(server.call(bytes, b"x"), b"x")
            during = threadable.ioThread, list(map(signal.getsignal, signals))
        self.assertEqual(during, before)
