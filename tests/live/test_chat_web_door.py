"""C{twistd chat --web} with real sockets."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.frames import CLOSE, TEXT
from tests.chat.web.browsers import framesIn, masked, opening, text
from tests.live.servers import TIMEOUT, Process, twistd

LOOPBACK = "127.0.0.1"


@contextmanager
def serving(*options: str, web: str = "tcp:0") -> Iterator[tuple[int, Process]]:
    """The port of a browser door, and its process."""
    listen = f"--listen=tcp:0:interface={LOOPBACK}"
    at = f"--web={web}:interface={LOOPBACK}"
    with twistd("chat", listen, at, *options) as server:
        server.waitFor(r"ChatFactory.* starting on")
        yield int(server.waitFor(r" starting on (\d+)")[1]), server


class Socket:
    """A WebSocket on a plain socket, or one of TLS."""

    def __init__(self, connection: socket.socket, **fields: str) -> None:
        self._socket = connection
        self._heard = self.heardBefore = b""
        connection.sendall(opening(Origin="", **fields))
        while b"\r\n\r\n" not in self._heard:
            self._hear()
        self.response, _, self._heard = self._heard.partition(b"\r\n\r\n")

    def says(self, *lines: str) -> None:
        self._socket.sendall(b"".join(map(text, lines)))

    def sends(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def waitFor(self, words: bytes) -> None:
        while words not in self._heard:
            self._hear()
        self.heardBefore, _, self._heard = self._heard.partition(words)

    def rest(self) -> list[tuple[int, bytes]]:
        """The frames up to the close, which is answered, and to the end."""
        while not self._isClosed():
            self._hear()
        self.sends(masked(CLOSE, self._heard[-2:]))
        while octets := self._socket.recv(65536):
            self._heard += octets
        return framesIn(self._heard)

    def _isClosed(self) -> bool:
        """Whether the last frame is a close with a code."""
        return self._heard[-4:-2] == b"\x88\x02"

    def _hear(self) -> None:
        octets = self._socket.recv(65536)
        assert octets, self._heard
        self._heard += octets


class DoorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def connect(self, port: int) -> socket.socket:
        made = socket.create_connection((LOOPBACK, port), TIMEOUT)
        return self.stack.enter_context(made)

    def register(self, port: int, name: str) -> Socket:
        client = Socket(self.connect(port))
        client.says(f"NICK {name}", "USER u 0 * :u", "JOIN #lobby")
        client.waitFor(b"End of NAMES list")
        return client

    def test_page(self) -> None:
        port, _ = self.stack.enter_context(serving())
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT)
        self.addCleanup(connection.close)
        for path in ("/", "/app.js", "/style.css", "/icon.svg"):
            connection.request("GET", path)
            response = connection.getresponse()
            self.assertEqual((response.status, bool(response.read())), (200, True))
        connection.request("GET", "/", headers={"If-None-Match": "*"})
        self.assertEqual(connection.getresponse().status, 304)

    def test_talk(self) -> None:
        port, _ = self.stack.enter_context(serving())
        ann, bob = self.register(port, "ann"), self.register(port, "bob")
        ann.says("PRIVMSG #lobby :hello")
        bob.waitFor(b"PRIVMSG #lobby :hello")
        ann.says("QUIT")
        self.assertEqual(ann.rest()[-1], (CLOSE, b"\x03\xe8"))

    def test_stopped(self) -> None:
        """A page is told that the server goes away, so that it comes back."""
        port, server = self.stack.enter_context(serving())
        ann = self.register(port, "ann")
        server.send(signal.SIGTERM)
        (kind, words), end = ann.rest()[-2:]
        self.assertEqual((kind, words[:5]), (TEXT, b"ERROR"))
        self.assertEqual(end, (CLOSE, b"\x03\xe9"))
        self.assertEqual(server.ended(), 0)

    def test_noPlace(self) -> None:
        port, _ = self.stack.enter_context(serving("--max-per-peer=1"))
        self.register(port, "ann")
        second = self.connect(port)
        self.assertTrue(second.recv(65536).startswith(b"HTTP/1.1 503 "))

    def test_otherPages(self) -> None:
        origin = "https://chat.example"
        port, _ = self.stack.enter_context(serving(f"--web-origin={origin}"))
        for said, status in ((origin, b"101"), ("https://evil.example", b"403")):
            connection = self.connect(port)
            connection.sendall(opening(Origin=said))
            self.assertEqual(connection.recv(65536)[9:12], status)

    def hostOf(self, port: int, name: str, source: str) -> bytes:
        """As others see where somebody comes from whom a proxy brings."""
        client = Socket(self.connect(port), X_Forwarded_For=source)
        client.says(f"NICK {name}", "USER u 0 * :u", f"WHO {name}")
        client.waitFor(b" 352 ")
        client.waitFor(b" irc.localhost ")
        return client.heardBefore.split(b" ")[-1]

    def test_behindAProxy(self) -> None:
        """It is believed if it is ours, and nobody else is."""
        trusted = "--web-proxy-from=127.0.0.0/8"
        for options, isBelieved in ((trusted,), True), ((), False):
            port, _ = self.stack.enter_context(serving(*options))
            hosts = {
                self.hostOf(port, f"ann{number}", f"198.51.100.{number}")
                for number in (1, 2)
            }
            self.assertEqual(len(hosts) == 2, isBelieved, hosts)

    def test_underTLS(self) -> None:
        port, _ = self.stack.enter_context(serving(web="ssl:0:privateKey=development"))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        secured = context.wrap_socket(self.connect(port))
        client = Socket(self.stack.enter_context(secured))
        self.assertIn(b" 101 ", client.response)
        client.says("NICK ann", "USER u 0 * :u", "QUIT")
        self.assertEqual(client.rest()[-1], (CLOSE, b"\x03\xe8"))
