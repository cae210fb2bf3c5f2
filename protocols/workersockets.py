"""The sockets that workers share, opened and held by the first process.

On Linux each worker has a socket of its own for each port, bound with
SO_REUSEPORT, and the kernel spreads connections and datagrams over them by a
hash of both addresses. The first process holds all of them: what has been
queued for a worker that dies waits for the one that is started in its place.
Where SO_REUSEPORT does not balance (elsewhere), and for UNIX sockets and those
inherited from systemd, there is one socket, which all workers accept from.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from twisted.internet.abstract import isIPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory

from protocols.listening import (
    datagramListen,
    inheritedSocket,
    parseDescription,
    streamEndpoint,
)
from protocols.workertask import tcpKey, udpKey, unixKey

# macOS gives all connections to the socket bound last, FreeBSD balances with
# another option: only Linux (since 3.9) has what is needed under this name.
BALANCES = sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")


class SharedPort(NamedTuple):
    """A port, open.

    @ivar key: how the worker's service will ask for it; for a socket from
        systemd, the description.
    @ivar sockets: the socket of each worker; a single one is for all.
    @ivar close: closes them.
    """

    key: str
    sockets: Sequence[Any]
    close: Callable[[], Any]

    def descriptorOf(self, number: int) -> int:
        """The descriptor for the worker of that number, from 1."""
        mine = self.sockets[(number - 1) % len(self.sockets)]
        descriptor: int = mine.fileno()
        return descriptor


class _OpeningReactor:
    """Opens for workers what an endpoint asks for, and accepts nothing."""

    def __init__(self, reactor: Any, count: int) -> None:
        self._reactor = reactor
        self._count = count
        self.opened: list[SharedPort] = []

    def listenTCP(
        self, port: Any, factory: Any, backlog: int = 50, interface: str = ""
    ) -> None:
        sockets = bound(socket.SOCK_STREAM, port, interface, self._count)
        for each in sockets:
            each.listen(backlog)
        self._has(tcpKey(port, interface), sockets)

    def listenUNIX(
        self, address: Any, factory: Any, backlog: int = 50, **more: Any
    ) -> None:
        """Twisted's own port, for its lock and its file, but one that is not read."""
        port = self._reactor.listenUNIX(address, factory, backlog, **more)
        port.stopReading()
        close = partial(_closeUNIX, port)
        self.opened.append(SharedPort(unixKey(address), [port.socket], close))

    def _has(self, key: str, sockets: Sequence[socket.socket]) -> None:
        self.opened.append(SharedPort(key, sockets, lambda: closeAll(sockets)))


def openStream(reactor: Any, description: str, count: int) -> list[SharedPort]:
    """Open what an endpoint string asks for.

    @raise CannotListenError: it can't be had.
    """
    if parseDescription(description).kind == "systemd":
        return [_inherited(description)]
    opening: Any = _OpeningReactor(reactor, count)
    failures: list[Any] = []
    streamEndpoint(opening, description).listen(Factory()).addErrback(failures.append)
    for failure in failures:
        failure.raiseException()
    opened: list[SharedPort] = opening.opened
    return opened


def openDatagrams(description: str, count: int) -> list[SharedPort]:
    """Open what C{udp:PORT:interface=ADDRESS} and its like ask for.

    @raise CannotListenError: it can't be had.
    """
    where = datagramListen(description)
    if where.inherited:
        return [_inherited(description)]
    sockets = bound(socket.SOCK_DGRAM, where.port, where.interface, count)
    key = udpKey(where.port, where.interface)
    return [SharedPort(key, sockets, lambda: closeAll(sockets))]


def bound(kind: Any, port: int, interface: str, count: int) -> list[socket.socket]:
    """Sockets bound to one port: one for each worker, or one for all.

    @param port: 0 stands for any that is free; it is the same for all.
    @raise CannotListenError: it can't be had, or somebody else has it, even one
        who would share it: two servers started by mistake are not to be one.
    """
    opened: list[socket.socket] = []
    try:
        if port or not BALANCES:
            opened.append(_bind(kind, interface, port, reuse=False))
        if BALANCES:
            closeAll(opened)
            opened = []
            for _ in range(count):
                opened.append(_bind(kind, interface, port, reuse=True))
                port = opened[0].getsockname()[1]
    except OSError as error:
        closeAll(opened)
        raise CannotListenError(interface, port, error) from None
    return opened


def closeAll(sockets: Sequence[socket.socket]) -> None:
    """Close sockets."""
    for each in sockets:
        each.close()


def _bind(kind: Any, interface: str, port: int, *, reuse: bool) -> socket.socket:
    family = socket.AF_INET6 if isIPv6Address(interface) else socket.AF_INET
    where: Any = (interface, port)
    if family == socket.AF_INET6:
        where = socket.getaddrinfo(interface, port, family, kind)[0][4]
    opened = socket.socket(family, kind)
    try:
        opened.setblocking(False)
        if kind == socket.SOCK_STREAM and os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(where)
    except BaseException:
        opened.close()
        raise
    return opened


def _inherited(description: str) -> SharedPort:
    inherited = inheritedSocket(description)
    return SharedPort(description, [inherited], inherited.close)


def _closeUNIX(port: Any) -> Any:
    """Remove the file, and close the socket without what Twisted's port does first:
    to shut it down, which workers that still accept would take for an error.
    """
    shared, port.socket = port.socket, socket.socket(socket.AF_UNIX)
    shared.close()
    return port.stopListening()
