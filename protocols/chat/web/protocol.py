"""The browser door: a page over HTTP, and WebSockets for those who talk.

HTTP here is a page of a dozen files and the beginning of a WebSocket, so it is
read with the same bounds as every other protocol of lines: the octets of a head,
the time in which it must be whole, requests answered in their order, and none
answered while the peer does not read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from time import time
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.protocol import Factory, connectionDone
from twisted.python.failure import Failure

from protocols.chat.web.files import FIRST_ROOM, PageFile, pageFiles
from protocols.chat.web.forwarded import FIELD, Network, sourceOf
from protocols.chat.web.framing import framings
from protocols.chat.web.opening import VERSION, asksForWebSocket, openingFor
from protocols.chat.web.requests import (
    MAX_FIELDS,
    MAX_HEAD,
    MAX_LINE,
    Request,
    RequestError,
    parseRequest,
)
from protocols.chat.web.responses import plainly, response
from protocols.chat.web.websocket import WebSocket
from protocols.lines import LineProtocol

# Seconds for the head of a request to be whole, from the end of the last one:
# Apache keeps a connection for 5 s, nginx for 75.
HEAD_TIME = 20.0

# Where WebSockets are opened; also at the page's own path, for IRC clients.
SOCKET_PATH = "/ws"


class WebProtocol(LineProtocol):
    """A browser's connection: requests, then perhaps a WebSocket."""

    maxLength = MAX_LINE
    lineTimeout: float | None = HEAD_TIME
    factory: Any

    _socket: WebSocket | None = None
    _head: list[bytes]
    _size = 0

    # Requests

    def makeConnection(self, transport: Any) -> None:
        """Wait for a request."""
        self._head = []
        super().makeConnection(transport)

    def lineReceived(self, line: bytes) -> None:
        """A line of a head; the empty one ends it (RFC 9112, section 2.2)."""
        if not line:
            if self._head:
                self._headReceived()
            return
        self._head.append(line)
        self._size += len(line)
        if self._size > MAX_HEAD or len(self._head) > MAX_FIELDS:
            self._refuse(431)

    def lineLengthExceeded(self, length: int) -> None:
        """The target or a field is too long."""
        self._refuse(431 if self._head else 414)

    def resetTimeout(self) -> None:
        """The time for a head is one for all its lines."""

    def lineTimedOut(self) -> None:
        """The head is not whole yet."""
        if self._head:
            self._refuse(408)
        else:
            self.loseConnection()

    def hookFailed(self, failure: Failure) -> None:
        """Something of ours is wrong."""
        self.log.failure("A request could not be answered", failure)
        self._transport.abortConnection()

    def _headReceived(self) -> None:
        lines, self._head, self._size = self._head, [], 0
        self.setTimeout(self.lineTimeout)
        try:
            request = parseRequest(lines)
            if asksForWebSocket(request) and request.path in ("/", SOCKET_PATH):
                self._open(request)
            else:
                self._answer(request)
        except RequestError as error:
            self._refuse(error.status)

    def _answer(self, request: Request) -> None:
        if request.method not in ("GET", "HEAD"):
            raise RequestError(405)
        if request.path == SOCKET_PATH:
            raise RequestError(426)
        file = self.factory.files.get(request.path)
        status, (body, fields) = 404, plainly(404)
        if file is not None:
            known = file.isKnown(request.tokens("if-none-match"))
            status, body, fields = (304 if known else 200), file.body, file.fields
        self._send(
            status,
            body,
            fields,
            onlyHead=request.method == "HEAD" or status == 304,
            closes=not request.staysOpen,
        )

    def _refuse(self, status: int) -> None:
        """The last response."""
        body, fields = plainly(status)
        fields |= _WITH.get(status, {})
        self._send(status, body, fields, closes=True)

    def _send(self, status: int, body: bytes, fields: Any, **how: bool) -> None:
        now = self.factory.now()
        self._transport.write(response(status, body, fields, now=now, **how))
        if how.get("closes"):
            self.loseConnection()

    # The WebSocket

    def _open(self, request: Request) -> None:
        opening = openingFor(request, self.factory.origins)
        peer = self.factory.peerOf(self._transport.getPeer(), request)
        inner = self.factory.buildInner(peer)
        if inner is None:
            raise RequestError(503)
        self._transport.write(opening.response)
        framing = self.factory.framings[opening.subprotocol]
        clock = self.factory.clock
        self._socket = WebSocket(self._transport, inner, framing, clock, peer)
        self._handOver(self._socket)

    def _handOver(self, socket: WebSocket) -> None:
        """From now on all that comes is for the WebSocket."""
        self.pauseLines()
        self.setTimeout(None)
        self._transport.unregisterProducer()
        if not self.isReading:
            self._transport.resumeProducing()
        rest = self.clearInput()
        self.dataReceived = socket.dataReceived  # type: ignore[method-assign]
        socket.open()
        if rest:
            socket.dataReceived(rest)

    def loseConnection(self) -> None:
        """End in good order."""
        if self._socket is None:
            super().loseConnection()
        else:
            self._socket.loseConnection()

    def readConnectionLost(self) -> None:
        """FIN."""
        if self._socket is None:
            super().readConnectionLost()
        else:
            self._socket.connectionEnded()

    def idledOut(self) -> None:
        """The guard's time is up."""
        self._goAway("idledOut")

    def drainRequested(self) -> None:
        """The server is stopping."""
        self._goAway("drainRequested")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone."""
        if self._socket is not None:
            self.__dict__.pop("dataReceived", None)
            self._socket.connectionLost(reason)

    def _goAway(self, hook: str) -> None:
        if self._socket is None:
            self.loseConnection()
        else:
            self._socket.goAway(hook)


# What a refusal says besides.
_WITH: Mapping[int, Mapping[str, str]] = {
    405: {"Allow": "GET, HEAD"},
    426: {"Upgrade": "websocket", "Sec-WebSocket-Version": VERSION},
}


class WebFactory(Factory):
    """Makes L{WebProtocol}s.

    @param inner: the factory of the protocol of lines that is spoken in the
        WebSockets; its C{clock} is set if it has none.
    @param clock: an C{IReactorTime}; set by the service if C{None}.
    @param origins: of other sites' pages that may open WebSockets, such as
        C{https://chat.example}; C{*} for all. Those of the same host always may.
    @param proxies: networks of proxies, which are believed whose requests they
        bring (C{X-Forwarded-For}).
    @param room: that the page enters first.
    @param files: another page, by paths.
    @param now: the seconds since 1970.
    """

    protocol = WebProtocol
    noisy = False

    def __init__(
        self,
        inner: Any,
        *,
        clock: Any = None,
        origins: Collection[str] = (),
        proxies: Sequence[Network] = (),
        room: str = FIRST_ROOM,
        files: Mapping[str, PageFile] | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self.clock = clock
        self.origins = frozenset(origins)
        self.proxies = tuple(proxies)
        self.files = pageFiles(room) if files is None else files
        self.framings = framings()
        self.now = now
        self.inner = inner

    def peerOf(self, address: Any, request: Request) -> Any:
        """Where a request comes from: C{address}, or whom a proxy of ours names."""
        host = str(getattr(address, "host", "") or "")
        source = sourceOf(host, request.tokens(FIELD), self.proxies)
        if source == host:
            return address
        kind = IPv6Address if ":" in source else IPv4Address
        return kind("TCP", source, 0)

    def buildInner(self, address: Any) -> Any:
        """The protocol for a WebSocket; C{None} for no place."""
        if getattr(self.inner, "clock", self.clock) is None:
            self.inner.clock = self.clock
        return self.inner.buildProtocol(address)

    def reload(self) -> None:
        """Have the protocol inside read anew what it has read."""
        getattr(self.inner, "reload", lambda: None)()

    def lastWord(self, reason: str) -> bytes:
        """What a browser is told for which there is no place."""
        body, fields = plainly(503)
        fields["Retry-After"] = "10"
        return response(503, body, fields, now=self.now(), closes=True)
