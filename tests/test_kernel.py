"""L{protocols.kernel}: what it reads agrees with what was sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from unittest import mock

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols import kernel
from protocols.kernel import queuedInput, readStats, socketTransport, tune

TIMEOUT = 10


@contextmanager
def tcpPair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a TCP connection on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname(), TIMEOUT)
        far, _ = server.accept()
    far.settimeout(TIMEOUT)
    with near, far:
        yield near, far


class StatsTests(SynchronousTestCase):
    def setUp(self) -> None:
        with tcpPair() as (near, _):
            if readStats(near) is None:
                raise SkipTest("this kernel says nothing about TCP connections")

    def test_octetsEachWay(self) -> None:
        with tcpPair() as (near, far):
            near.sendall(b"x" * 1000)
            self.assertEqual(len(far.recv(1000, socket.MSG_WAITALL)), 1000)
            far.sendall(b"y" * 70)
            stats = readStats(far)
            assert stats is not None
            self.assertEqual((stats.bytesIn, stats.bytesOut), (1000, 70))
            self.assertLess(stats.idle, TIMEOUT)

    def test_finIsNoOctet(self) -> None:
        """Linux counts FIN as one, because it takes a sequence number."""
        with tcpPair() as (near, far):
            near.sendall(b"abc")
            near.shutdown(socket.SHUT_WR)
            self.assertEqual(far.recv(10, socket.MSG_WAITALL), b"abc")
            stats = readStats(far)
            assert stats is not None
            self.assertEqual(stats.bytesIn, 3)

    def test_unsentOctetsCount(self) -> None:
        """What the kernel has taken counts, though the peer reads nothing."""
        with tcpPair() as (_, far):
            far.setblocking(False)
            sent = 0
            try:
                while sent < 64 << 20:
                    sent += far.send(b"z" * 65536)
            except BlockingIOError:
                pass
            stats = readStats(far)
            assert stats is not None
            self.assertEqual(stats.bytesOut, sent)

    def test_unix(self) -> None:
        near, far = socket.socketpair()
        with near, far:
            self.assertIsNone(readStats(near))

    def test_closed(self) -> None:
        with tcpPair() as (near, _):
            pass
        self.assertIsNone(readStats(near))
        self.assertEqual(queuedInput(near), 0)

    def test_systemThatCanNotSay(self) -> None:
        self.patch(kernel, "_TCP_INFO_OPTION", None)
        with tcpPair() as (near, _):
            self.assertIsNone(readStats(near))

    def test_olderKernel(self) -> None:
        """One that answers with fewer fields is as good as none."""
        sock = mock.Mock()
        sock.getsockopt.return_value = b"\0" * 104
        self.assertIsNone(readStats(sock))


class SocketTests(SynchronousTestCase):
    def test_queuedInput(self) -> None:
        near, far = socket.socketpair()
        with near, far:
            self.assertEqual(queuedInput(near), 0)
            far.sendall(b"12345")
            self.assertEqual(queuedInput(near), 5)

    def test_tune(self) -> None:
        with tcpPair() as (near, _):
            tune(near)
            options = (
                (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                (socket.IPPROTO_TCP, socket.TCP_NODELAY),
            )
            for level, option in options:
                self.assertEqual(near.getsockopt(level, option), 1)

    def test_tuneWhatIsNotTCP(self) -> None:
        near, far = socket.socketpair()
        with near, far:
            tune(near)
            self.assertEqual(near.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)

    def test_innermostTransport(self) -> None:
        with tcpPair() as (near, _):
            inner = SimpleNamespace(socket=near)
            wrapped = SimpleNamespace(transport=SimpleNamespace(transport=inner))
            self.assertIs(socketTransport(wrapped), inner)
        self.assertIsNone(socketTransport(SimpleNamespace()))
        self.assertIsNone(socketTransport(SimpleNamespace(socket="no socket")))
