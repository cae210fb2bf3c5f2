"""The last reply is read, though the peer was still sending when we closed."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from protocols import lingering
from protocols.lines import LineProtocol
from protocols.testing import runningInThread

TIMEOUT = 10
MANY = b"x" * 10_000 + b"\r\n"


class Leaving(LineProtocol):
    """Says one word and goes, whatever else comes."""

    def lineReceived(self, line: bytes) -> None:
        self.sendLine(b"bye")
        self.loseConnection()


def factory() -> Any:
    made: Any = Factory.forProtocol(Leaving)
    made.clock = None
    return made


class LingeringTests(SynchronousTestCase):
    def test_lastReply(self) -> None:
        with runningInThread(factory()) as server:
            with socket.create_connection(
                (server.host, server.port), TIMEOUT
            ) as client:
                client.sendall(MANY * 30)
                said = b""
                while data := client.recv(100):
                    said += data
        self.assertEqual(said, b"bye\r\n")

    def test_peerThatNeverStops(self) -> None:
        """It is cut after a while."""
        self.patch(lingering, "LINGER", 0.2)
        with runningInThread(factory()) as server:
            with socket.create_connection(
                (server.host, server.port), TIMEOUT
            ) as client:
                with self.assertRaises(OSError):
                    for _ in range(1_000_000):
                        client.sendall(MANY)
