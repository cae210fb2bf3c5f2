"""L{protocols.notify}: one datagram to the socket that systemd names."""

from __future__ import annotations

import os
import socket
import tempfile

from twisted.trial.unittest import SynchronousTestCase

from protocols.notify import notifySystemd, reloading


class NotifyTests(SynchronousTestCase):
    def listener(self, address: str) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.settimeout(10)
        sock.bind(address)
        return sock

    def test_path(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "notify")
            sock = self.listener(path)
            sent = notifySystemd(
                "READY=1", "STATUS=up", environment={"NOTIFY_SOCKET": path}
            )
            self.assertTrue(sent)
            self.assertEqual(sock.recv(100), b"READY=1\nSTATUS=up")

    def test_abstractName(self) -> None:
        name = f"txprotocols-test-{os.getpid()}"
        sock = self.listener("\0" + name)
        self.assertTrue(
            notifySystemd("STOPPING=1", environment={"NOTIFY_SOCKET": "@" + name})
        )
        self.assertEqual(sock.recv(100), b"STOPPING=1")

    def test_nobodyToTell(self) -> None:
        for path in ("", "relative", "/nonexistent/notify"):
            self.assertFalse(
                notifySystemd("READY=1", environment={"NOTIFY_SOCKET": path})
            )

    def test_reloading(self) -> None:
        state, moment = reloading().split("\n")
        self.assertEqual(state, "RELOADING=1")
        self.assertRegex(moment, r"^MONOTONIC_USEC=[0-9]+$")
