"""How a WebSocket is opened (RFC 6455, section 4.2), and by whose page. Pure."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import urlsplit

from protocols.chat.web.framing import BINARY_PROTOCOL, TEXT_PROTOCOL
from protocols.chat.web.requests import Request, RequestError
from protocols.chat.web.responses import head

# Of section 1.3.
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

VERSION = "13"
SUBPROTOCOLS = (TEXT_PROTOCOL, BINARY_PROTOCOL)

# Among the origins that are allowed: whatever page.
ANY_ORIGIN = "*"


@dataclass(frozen=True)
class Opening:
    """A WebSocket that may be opened.

    @ivar subprotocol: the first one that the client asked for and we speak;
        empty for none.
    @ivar response: what tells the client so.
    """

    subprotocol: str
    response: bytes


def asksForWebSocket(request: Request) -> bool:
    """Whether a request wants to be more than a request."""
    said = {token.lower() for token in request.tokens("upgrade")}
    return "websocket" in said


def openingFor(request: Request, origins: Collection[str] = ()) -> Opening:
    """Open a WebSocket.

    @param origins: of pages that may, besides those of the same host.
    @raise RequestError: 400 for what is no handshake, 403 for a page that may
        not, 426 for another version of the protocol.
    """
    if not mayOpen(request.fields.get("origin"), request.field("host"), origins):
        raise RequestError(403)
    upgrades = "upgrade" in map(str.lower, request.tokens("connection"))
    if request.method != "GET" or not request.minor or not upgrades:
        raise RequestError(400)
    if request.field("sec-websocket-version") != VERSION:
        raise RequestError(426)
    asked = request.tokens("sec-websocket-protocol")
    subprotocol = next((name for name in asked if name in SUBPROTOCOLS), "")
    fields = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Accept": _accepted(request.field("sec-websocket-key")),
    }
    if subprotocol:
        fields["Sec-WebSocket-Protocol"] = subprotocol
    return Opening(subprotocol, head(101, fields))


def mayOpen(origin: str | None, host: str, origins: Collection[str]) -> bool:
    """Whether a page from C{origin} may open a WebSocket (section 10.2).

    @param origin: C{https://host:port}, or C{null}; C{None} for what is no browser.
    @param host: what the request calls this server.
    """
    if origin is None or ANY_ORIGIN in origins:
        return True
    origin = origin.lower()
    if origin in origins:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == host.lower()


def checkOrigin(text: str) -> str:
    """An origin that may be allowed, in the form that browsers send.

    @raise ValueError: it is none; the message says what was expected.
    """
    text = text.lower().rstrip("/")
    parts = urlsplit(text)
    isOne = parts.scheme in ("http", "https") and bool(parts.netloc)
    if text == ANY_ORIGIN or (isOne and text == f"{parts.scheme}://{parts.netloc}"):
        return text
    raise ValueError(f"expected an origin such as https://chat.example, got {text!r}")


def _accepted(key: str) -> str:
    """What proves that we have understood (section 4.2.2)."""
    try:
        nonce = b64decode(key, validate=True)
    except (Base64Error, ValueError):
        nonce = b""
    if len(nonce) != 16:
        raise RequestError(400)
    proof = sha1(f"{key}{_GUID}".encode(), usedforsecurity=False)
    return b64encode(proof.digest()).decode()
