"""A server of Redis of our own, and clients that wait."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.live.servers import TIMEOUT

REDIS = shutil.which("redis-server") or shutil.which("valkey-server")


OPENSSL = shutil.which("openssl")


def _named(name: str) -> list[str]:
    return ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2"]


def freePorts(count: int) -> list[int]:
    """Ports that nobody listens at just now."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in found]


class RedisServer:
    """It listens on a UNIX socket, and writes down all before it answers.

    @param words: more of its options; C{FOLDER} in them is L{folder}.
    @ivar folder: everything is in it.
    @ivar url: as the chat is told.
    """

    def __init__(self, *words: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="redis")
        self.folder = Path(self._folder.name)
        self.socket = str(self.folder / "socket")
        self.url = f"unix:{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self._words = words
        if not words:
            self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert REDIS is not None
        words = ["--port", "0", "--unixsocket", self.socket, "--save", ""]
        words += [word.replace("FOLDER", str(self.folder)) for word in self._words]
        kept = ["--appendonly", "yes", "--dir", str(self.folder)]
        out = subprocess.DEVNULL
        self._process = subprocess.Popen([REDIS, *words, *kept], stdout=out, stderr=out)
        end = time.monotonic() + TIMEOUT
        while not self._answers():
            if time.monotonic() > end:
                raise AssertionError("redis-server does not answer")
            self._process.poll()

    def kill(self) -> None:
        """As when the power of its machine fails, but for the disk."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(TIMEOUT)
            self._process = None

    def end(self) -> None:
        """Nothing is left of it."""
        self.kill()
        self._folder.cleanup()

    def certify(self) -> None:
        """Make an authority, and certificates of the server and of a client, in
        C{folder}: C{ca.pem}, C{server.pem}, C{client.pem}."""
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self._openssl("req", "-x509", *key, *_named("ca"), "-subj", "/CN=ca")
        for name in ("server", "client"):
            more = ["-CA", "ca.pem", "-CAkey", "ca.key"]
            more += ["-addext", "subjectAltName=DNS:localhost"]
            self._openssl("req", "-x509", *key, *_named(name), "-subj", "/CN=x", *more)
            path = self.folder / f"{name}.pem"
            key_ = (self.folder / f"{name}.key").read_text()
            path.write_text(path.read_text() + key_)

    def _openssl(self, *words: str) -> None:
        assert OPENSSL is not None
        quiet = subprocess.DEVNULL
        subprocess.run(
            [OPENSSL, *words], cwd=self.folder, check=True, stdout=quiet, stderr=quiet
        )

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(self.socket)
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith((b"+PONG", b"-NOAUTH"))
            except OSError:
                return False


class Peer:
    """Somebody at a door, with a socket that blocks.

    @ivar heard: all lines so far.
    """

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(TIMEOUT)
        self._socket.connect(path)
        self._rest = b""
        self.heard: list[str] = []
        self._read = 0

    def say(self, *lines: str) -> None:
        """Send lines."""
        self._socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def waitFor(self, pattern: str) -> re.Match[str]:
        """Read on until a line matches.

        @raise AssertionError: none has within L{TIMEOUT} seconds.
        """
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            while self._read < len(self.heard):
                line = self.heard[self._read]
                self._read += 1
                if found := re.search(pattern, line):
                    return found
            self._receive()
        raise AssertionError(f"no {pattern!r} in {self.heard}")

    def close(self) -> None:
        """Go."""
        self._socket.close()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            raise AssertionError(f"nothing more came: {self.heard}") from None
        if not data:
            raise AssertionError(f"the connection ended: {self.heard}")
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        self.heard += [line.decode() for line in lines]


def ircPeer(path: str, name: str) -> Peer:
    """One with an IRC client that has come in."""
    peer = Peer(path)
    wants = "echo-message message-tags server-time batch draft/chathistory"
    peer.say(f"CAP REQ :{wants}", f"NICK {name}", f"USER {name} 0 * :{name}", "CAP END")
    peer.waitFor(" 376 | 422 ")
    return peer
