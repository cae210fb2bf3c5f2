"""The guard with real sockets: the kernel counts, and the guard steps aside."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from twisted.internet.protocol import Factory, Protocol
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.guard import GuardFactory, Limits
from protocols.guarded import Guard
from protocols.kernel import readStats
from protocols.tcpecho import EchoFactory
from protocols.testing import Running, runningInThread

TIMEOUT = 10


class LiveGuardTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.ended: list[Any] = []
        self.oneEnded = Event()
        globalLogPublisher.addObserver(self.note)
        self.addCleanup(globalLogPublisher.removeObserver, self.note)

    def note(self, event: Any) -> None:
        if event.get("event") == "connectionEnded":
            self.ended.append(event)
            self.oneEnded.set()

    @contextmanager
    def serving(
        self, limits: Limits, factory: Any = None
    ) -> Iterator[tuple[Any, Running]]:
        guard = GuardFactory(factory or EchoFactory(), limits, clock=None)
        with runningInThread(guard) as running:
            yield guard, running

    def connect(self, running: Running) -> socket.socket:
        client = socket.create_connection((running.host, running.port), TIMEOUT)
        self.addCleanup(client.close)
        return client

    def test_noCallPerSegment(self) -> None:
        """Once connected, the protocol has the transport, and no wrapper with it."""
        with self.serving(Limits()) as (guard, running):
            client = self.connect(running)
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            if readStats(client) is None:
                raise SkipTest("this kernel says nothing about TCP connections")
            (one,) = running.call(list, guard.guards)
            inner = one.wrappedProtocol
            self.assertNotIsInstance(inner.transport, Guard)
            self.assertIs(inner.transport.protocol, inner)

    def test_countsAgree(self) -> None:
        with self.serving(Limits()) as (guard, running):
            client = self.connect(running)
            client.sendall(b"x" * 100_000)
            client.shutdown(socket.SHUT_WR)
            read = 0
            while data := client.recv(65536):
                read += len(data)
            self.assertEqual(read, 100_000)
            self.assertTrue(self.oneEnded.wait(TIMEOUT))
            (event,) = self.ended
            self.assertEqual((event["bytesIn"], event["bytesOut"]), (read, read))
            self.assertEqual(event["reason"], "closed")
            counters = running.call(guard.metrics.snapshot)["counters"]
            self.assertEqual((counters["bytesIn"], counters["bytesOut"]), (read, read))

    def test_idle(self) -> None:
        """Found by the kernel's own clock."""
        with self.serving(Limits(idleTimeout=0.5)) as (_, running):
            client = self.connect(running)
            self.assertEqual(client.recv(1), b"")
            self.assertTrue(self.oneEnded.wait(TIMEOUT))
            self.assertEqual(self.ended[0]["reason"], "idle")

    def test_lastWordIsReadThoughWeDidNotListen(self) -> None:
        """Octets of the peer's that wait unread must not turn it into a reset."""
        factory = EchoFactory()
        factory.lastWord = lambda reason: b"no place\r\n"  # type: ignore[attr-defined]
        with self.serving(Limits(maxConnections=1), factory) as (_, running):
            first = self.connect(running)
            first.sendall(b"x")
            first.recv(1)
            second = self.connect(running)
            second.sendall(b"y" * 1000)
            said = b""
            while data := second.recv(100):
                said += data
            self.assertEqual(said, b"no place\r\n")

    def test_abort(self) -> None:
        with self.serving(Limits()) as (guard, running):
            client = self.connect(running)
            client.sendall(b"x")
            client.recv(1)
            running.call(guard.abort)
            self.assertRaises(ConnectionResetError, client.recv, 1)
            self.assertTrue(self.oneEnded.wait(TIMEOUT))
            self.assertEqual(self.ended[0]["reason"], "aborted")

    def test_exceptionOfTheProtocol(self) -> None:
        class Broken(Protocol):
            def dataReceived(self, data: bytes) -> None:
                raise ZeroDivisionError("a bug")

        factory = Factory.forProtocol(Broken)
        with self.serving(Limits(), factory) as (guard, running):
            client = self.connect(running)
            client.sendall(b"x")
            self.assertTrue(self.oneEnded.wait(TIMEOUT))
            counters = running.call(guard.metrics.snapshot)["counters"]
        self.assertEqual(counters["errors"], 1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
