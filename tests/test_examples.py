"""Every example runs, as its first lines say."""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.tcpecho import EchoFactory
from protocols.testing import runningInThread
from tests.folders import folderFor
from tests.live.servers import ROOT, TIMEOUT, twistd

EXAMPLES = ROOT / "examples"
LISTEN = "--listen=tcp:0:interface=127.0.0.1"
STARTED = r"starting on (\d+)"
RUN = {
    *("client_async.py", "client_blocking.py", "client_threads.py"),
    *("echo_upper.py", "mail_policy.py", "own_plugin.py"),
}


class ExampleTests(SynchronousTestCase):
    def test_allAreRun(self) -> None:
        self.assertEqual({path.name for path in EXAMPLES.glob("*.py")}, RUN)

    def test_clients(self) -> None:
        """The same job in three ways has the same result."""
        with runningInThread(EchoFactory()) as server:
            for name in sorted(RUN):
                if name.startswith("client"):
                    words = [server.host, str(server.port), "hello", "wörld"]
                    self.assertEqual(self.run_(name, *words), "hello wörld\n", name)

    def run_(self, name: str, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / name), *words],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            timeout=TIMEOUT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_subclass(self) -> None:
        path = f"{ROOT}{os.pathsep}{EXAMPLES}"
        words = ("echo", LISTEN, "--protocol=echo_upper.Upper")
        with twistd(*words, PYTHONPATH=path) as server:
            where = ("127.0.0.1", int(server.waitFor(STARTED)[1]))
            with socket.create_connection(where, TIMEOUT) as client:
                client.sendall(b"hello")
                self.assertEqual(client.recv(5, socket.MSG_WAITALL), b"HELLO")

    def test_plugin(self) -> None:
        folder = Path(folderFor(self))
        dropin = folder / "twisted" / "plugins" / "teatime_dropin.py"
        dropin.parent.mkdir(parents=True)
        dropin.write_text(
            "from twisted.application.service import ServiceMaker\n"
            'teatime = ServiceMaker("teatime", "own_plugin", "A chat.", "teatime")\n'
        )
        path = os.pathsep.join(map(str, (ROOT, EXAMPLES, folder)))
        with twistd("teatime", LISTEN, "--tea=Assam", PYTHONPATH=path) as server:
            where = ("127.0.0.1", int(server.waitFor(STARTED)[1]))
            with socket.create_connection(where, TIMEOUT) as client:
                self.assertIn(b"Today: Assam.", client.recv(100))

    def test_policy(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server: Any = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "mail_policy.py"), str(port)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.assertEqual(server.stdout.readline(), "Ready.\n")
            with smtplib.SMTP("127.0.0.1", port, timeout=TIMEOUT) as client:
                client.sendmail("a@x.example", "tickets@example.org", "Subject: x\n")
                with self.assertRaises(smtplib.SMTPRecipientsRefused):
                    client.sendmail("a@x.example", "else@example.org", "Subject: x\n")
            self.assertEqual(server.stdout.readline(), "a@x.example: 12 octets\n")
        finally:
            server.kill()
            server.communicate()
