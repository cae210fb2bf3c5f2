"""The other side of a WebSocket, for tests."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from protocols.chat.web.frames import CLOSE, TEXT, closeFrame, unmask
from protocols.chat.web.protocol import WebFactory
from protocols.lines import LineProtocol
from protocols.testing import Conversation

# RFC 6455, section 1.3: key and answer.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPTED = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

MASK = b"\x37\xfa\x21\x3d"


def head(first: str = "GET / HTTP/1.1", **fields: str) -> bytes:
    """The head of a request; C{Host} is there unless it is said otherwise."""
    lines = [first]
    for name, value in {"Host": "chat.test", **fields}.items():
        if value:
            lines.append(f"{name.replace('_', '-')}: {value}")
    return "\r\n".join([*lines, "", ""]).encode()


def opening(path: str = "/ws", **fields: str) -> bytes:
    """The request of a browser that opens a WebSocket."""
    asked = {
        "Upgrade": "websocket",
        "Connection": "keep-alive, Upgrade",
        "Sec_WebSocket_Key": KEY,
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Protocol": "text.ircv3.net",
        "Origin": "http://chat.test",
    }
    return head(f"GET {path} HTTP/1.1", **{**asked, **fields})


def masked(
    opcode: int, payload: bytes = b"", *, last: bool = True, reserved: int = 0
) -> bytes:
    """A frame as a browser sends it."""
    length = len(payload)
    if length < 126:
        said = bytes((0x80 | length,))
    elif length < 1 << 16:
        said = b"\xfe" + length.to_bytes(2, "big")
    else:
        said = b"\xff" + length.to_bytes(8, "big")
    first = bytes((last << 7 | reserved | opcode,))
    return first + said + MASK + unmask(payload, MASK)


def text(words: str) -> bytes:
    """A text message."""
    return masked(TEXT, words.encode())


def framesIn(octets: bytes) -> list[tuple[int, bytes]]:
    """Opcodes and payloads of a server's frames, which must be whole."""
    found = []
    while octets:
        assert octets[0] & 0x80 and not octets[1] & 0x80, octets
        size = {126: 4, 127: 10}.get(octets[1], 2)
        length = int.from_bytes(octets[2:size], "big") if size > 2 else octets[1]
        assert len(octets) >= size + length, octets
        found.append((octets[0] & 0x0F, octets[size : size + length]))
        octets = octets[size + length :]
    return found


def closed(code: int, reason: str = "") -> tuple[int, bytes]:
    return CLOSE, closeFrame(code, reason)[2:]


class Echoing(LineProtocol):
    """Says lines again; some mean something."""

    maxLength = 1 << 20
    lost: ClassVar[list[Failure]] = []

    def connectionMade(self) -> None:
        self.sendLine(b"hello")

    def lineReceived(self, line: bytes) -> Any:
        if line == b"bye":
            self.sendLine(b"goodbye")
            self.loseConnection()
        elif line == b"wait":
            return self.factory.waits.pop()
        elif line == b"fault":
            raise ValueError(line)
        else:
            self.sendLine(b"you said " + line)
        return None

    def hookFailed(self, failure: Failure) -> None:
        self.sendLine(b"oh")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.lost.append(reason)


class EchoingFactory(Factory):
    protocol = Echoing
    noisy = False

    def __init__(self) -> None:
        self.clock: Any = None
        self.lost: list[Failure] = []
        self.waits: list[Any] = []
        self.built: list[Any] = []

    def buildProtocol(self, addr: Any) -> Any:
        built = super().buildProtocol(addr)
        self.built.append(built)
        return built


class Silent(Protocol):
    """A protocol that keeps what it gets, and is no more than one."""

    def connectionMade(self) -> None:
        self.got: list[bytes] = []

    def dataReceived(self, data: bytes) -> None:
        self.got.append(data)


class SilentFactory(Factory):
    noisy = False

    def buildProtocol(self, addr: Any) -> Any:
        self.built = [Silent()]
        return self.built[0]


def factoryFor(inner: Any = None, **more: Any) -> WebFactory:
    """A door with a fixed time and two small files."""
    from protocols.chat.web.files import PageFile

    files = {
        "/": PageFile.of("index.html", b"<p>page"),
        "/a.js": PageFile.of("a.js", b"1"),
    }
    inner = EchoingFactory() if inner is None else inner
    return WebFactory(inner, files=files, now=lambda: 0.0, **more)


class Browser(Conversation):
    """A conversation in which a WebSocket has been opened."""

    def __init__(self, factory: Any = None, **fields: str) -> None:
        self.factory = factoryFor() if factory is None else factory
        super().__init__(self.factory, clock=Clock())
        if self.factory.clock is None:
            self.factory.clock = self.clock
        self.say(opening(**fields))
        self.response, _, rest = self.heard().partition(b"\r\n\r\n")
        self.greeting = framesIn(rest)

    def frames(self) -> list[tuple[int, bytes]]:
        """What has come since this was last asked."""
        return framesIn(self.heard())

    @property
    def inner(self) -> Any:
        """The protocol in the WebSocket."""
        return self.factory.inner.built[-1]
