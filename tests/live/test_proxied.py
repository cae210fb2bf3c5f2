"""C{--proxy-from} on real sockets, in the clear and in front of TLS."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.limits import Limits
from protocols.service import StreamService
from protocols.smtp import MemoryDelivery, SMTPFactory
from protocols.testing import runningInThread
from protocols.testing.certificates import selfSigned
from tests.folders import folderFor
from tests.live.servers import TIMEOUT

LINE = b"PROXY TCP4 192.0.2.1 127.0.0.1 56324 25\r\n"


class LiveTests(SynchronousTestCase):
    def serve(self, listen: str) -> int:
        """A mail receiver behind a proxy; the port that it has."""
        self.delivery = MemoryDelivery()
        factory = SMTPFactory(self.delivery, hostname="mx.example")
        running = runningInThread(SMTPFactory(None))
        server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)

        def start() -> Any:
            service = StreamService(
                "smtp",
                factory,
                [listen],
                reactor=server.reactor,
                limits=Limits(),
                proxies=[ip_network("127.0.0.0/8")],
            )
            service.startService()
            return service

        service = server.call(start)
        self.addCleanup(server.call, service.stopService)
        port: int = server.call(lambda: service.ports[0].getHost().port)
        self.call = server.call
        return port

    def curl(self, *words: str) -> None:
        if shutil.which("curl") is None:
            raise SkipTest("curl is not installed")
        path = Path(folderFor(self), "mail.eml")
        path.write_bytes(b"Subject: t\r\n\r\nhello\r\n")
        mail = ("--mail-from", "a@x.example", "--mail-rcpt", "b@y.example")
        done = subprocess.run(
            ["curl", "-sS", "--haproxy-protocol", *words, *mail, "-T", str(path)],
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.call(list, self.delivery.messages)), 1)

    def test_clear(self) -> None:
        port = self.serve("tcp:0:interface=127.0.0.1")
        where = ("127.0.0.1", port)
        with socket.create_connection(where, TIMEOUT) as connection:
            connection.sendall(LINE)
            with connection.makefile("rb") as heard:
                self.assertEqual(heard.readline()[:4], b"220 ")
                for said in (
                    *(b"EHLO c", b"MAIL FROM:<a@x>", b"RCPT TO:<b@y>", b"DATA"),
                    *(b".", b"QUIT"),
                ):
                    connection.sendall(said + b"\r\n")
                    while heard.readline()[3:4] == b"-":
                        pass
        (message,) = self.call(list, self.delivery.messages)
        self.assertEqual(message.envelope.peer, "192.0.2.1")

    def test_curl(self) -> None:
        self.curl(f"smtp://127.0.0.1:{self.serve('tcp:0:interface=127.0.0.1')}/c")

    def test_curlWithTLS(self) -> None:
        """The header comes in the clear, before the handshake."""
        path = Path(folderFor(self), "mx.pem")
        path.write_bytes(selfSigned("127.0.0.1"))
        ssl.create_default_context(cafile=str(path))
        port = self.serve(f"ssl:0:interface=127.0.0.1:privateKey={path}")
        self.curl("--cacert", str(path), f"smtps://127.0.0.1:{port}/c")
        (message,) = self.call(list, self.delivery.messages)
        self.assertEqual(message.envelope.protocol, "ESMTPS")
