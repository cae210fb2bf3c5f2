"""Send at once what is written when nothing waits to be sent.

Twisted's transports send in the reactor's next turn: a write asks to be told when
the socket is writable, which it nearly always is, and so each reply costs two
changes of what is polled for, and one more round of polling. Here a transport
that has been accepted is given another class, below its own, that

- collects what is written while octets are being received, and sends it when
  they have been handled: in one system call, however many replies there were;
- sends what is written at any other time at once;
- asks to be told only if the kernel did not take all of it.

What is sent, and when a producer is paused, a connection half closed or lost,
remains Twisted's: only its own C{doWrite} is called, earlier. A check of that is
made when the first connection comes; should it fail, nothing is changed.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection
from twisted.logger import Logger

_log = Logger()


# What a transport is about; one attribute, because there are many transports.
_RECEIVING, _SENDING, _WANTED, _POLLED, _SENT = 1, 2, 4, 8, 16


class _Immediate:
    """What comes between a kind of transport and its methods."""

    _about = 0

    def doRead(self: Any) -> Any:
        """Octets have come."""
        self._about |= _RECEIVING
        try:
            return super().doRead()  # type: ignore[misc]
        finally:
            about = self._about
            self._about = about & ~(_RECEIVING | _WANTED)
            if about & _WANTED:
                self._sendNow()

    def startWriting(self: Any) -> None:
        """Something is there to be sent, or the connection is to be closed."""
        if self._about & _RECEIVING:
            self._about |= _WANTED
        elif self._about & _SENDING or self.producerPaused:
            self._sendLater()
        else:
            self._sendNow()

    def doWrite(self: Any) -> Any:
        """Send what the kernel takes."""
        self._about |= _SENDING
        try:
            return super().doWrite()  # type: ignore[misc]
        finally:
            self._about &= ~_SENDING

    def stopWriting(self: Any) -> None:
        """All has been sent."""
        polled = self._about & _POLLED
        self._about = self._about & ~_POLLED | _SENT
        if polled:
            super().stopWriting()  # type: ignore[misc]

    def _sendNow(self: Any) -> None:
        """Twisted's own doWrite; an error comes up again when the reactor asks.

        If there is nothing to be sent, it is to close that Twisted wants to write,
        and that is done in the next turn.
        """
        if self._about & _POLLED or not self.connected:
            return
        nothing = not (self._tempDataBuffer or self.dataBuffer)
        if nothing or self.disconnecting or self._writeDisconnecting:
            self._sendLater()
            return
        self._about &= ~_SENT
        if self.doWrite() is not None or not self._about & _SENT:
            self._sendLater()

    def _sendLater(self: Any) -> None:
        self._about |= _POLLED
        super().startWriting()  # type: ignore[misc]


_KINDS: dict[Any, Any] = {}


def _immediateKind(kind: Any) -> Any:
    if kind not in _KINDS:
        _KINDS[kind] = type(f"Immediate{kind.__name__}", (_Immediate, kind), {})
    return _KINDS[kind]


def sendAtOnce(transport: Any) -> bool:
    """Have a transport send at once.

    @param transport: of a connection that has just been accepted.
    @return: whether it does: it is a TCP or UNIX transport of Twisted's, and the
        check has found no fault.
    """
    if not isinstance(transport, Connection) or not works():
        return False
    if not isinstance(transport, _Immediate):
        transport.__class__ = _immediateKind(type(transport))
    return True


@lru_cache
def works() -> bool:
    """Whether this Twisted's transports do as they should; found out once."""
    try:
        with ExitStack() as sockets:
            fault = _tried(*map(sockets.enter_context, socket.socketpair()))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        fault = repr(error)
    if fault:
        _log.warn("Replies are sent in the next turn: {fault}", fault=fault)
    return not fault


class _Polls:
    """A reactor that notes what is polled for."""

    def __init__(self) -> None:
        self.polled: set[str] = set()

    def addReader(self, descriptor: object) -> None:
        self.polled.add("read")

    def removeReader(self, descriptor: object) -> None:
        self.polled.discard("read")

    def addWriter(self, descriptor: object) -> None:
        self.polled.add("write")

    def removeWriter(self, descriptor: object) -> None:
        self.polled.discard("write")


class _Echo(Protocol):
    """Writes what it receives, in two pieces."""

    def dataReceived(self, data: bytes) -> None:
        transport: Any = self.transport
        transport.write(data[:2])
        transport.write(data[2:])


# Octets that no pair of sockets takes at once.
_TOO_MUCH = 1 << 24


def _tried(ours: socket.socket, theirs: socket.socket) -> str:
    """What is wrong; empty if nothing is."""
    reactor: Any = _Polls()
    protocol: Any = _Echo()
    transport: Any = Connection(ours, protocol, reactor)
    transport.connected = 1
    transport.__class__ = _immediateKind(Connection)
    protocol.makeConnection(transport)
    theirs.setblocking(False)
    theirs.sendall(b"hello")
    transport.doRead()
    if theirs.recv(10) != b"hello" or reactor.polled:
        return "a reply is not sent at once"
    transport.write(b"x" * _TOO_MUCH)
    if reactor.polled != {"write"}:
        return "what is left is not polled for"
    left = _TOO_MUCH
    while left > 0 and "write" in reactor.polled:
        left -= len(theirs.recv(1 << 20))
        transport.doWrite()
    while left > 0:
        left -= len(theirs.recv(1 << 20))
    if left or reactor.polled - {"read"}:
        return "octets are lost"
    transport.loseConnection()
    closes = "write" in reactor.polled and transport.doWrite() is not None
    return "" if closes else "a connection is not closed"
