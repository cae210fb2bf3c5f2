"""In a worker: what is asked to be listened on is there already.

A service listens as it does everywhere, with C{reactor.listenTCP} and its like.
In a worker these find the socket that the first process has opened for it; what
that has not opened is opened as ever.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.internet import tcp, unix

from protocols.workertask import tcpKey, udpKey, unixKey


class InheritedPorts:
    """Listens on inherited sockets.

    @param reactor: whose C{listen} methods these take the place of, with
        L{install}.
    @param sockets: descriptors by key; each is used once.
    """

    def __init__(self, reactor: Any, sockets: dict[str, list[int]]) -> None:
        self._reactor = reactor
        self._sockets = {key: list(numbers) for key, numbers in sockets.items()}
        self._listenTCP = reactor.listenTCP
        self._listenUDP = reactor.listenUDP
        self._listenUNIX = reactor.listenUNIX
        self._adoptStreamPort = reactor.adoptStreamPort

    def install(self) -> None:
        """Have the reactor listen like this from now on."""
        self._reactor.listenTCP = self.listenTCP
        self._reactor.listenUDP = self.listenUDP
        self._reactor.listenUNIX = self.listenUNIX
        self._reactor.adoptStreamPort = self.adoptStreamPort

    def listenTCP(
        self, port: Any, factory: Any, backlog: int = 50, interface: str = ""
    ) -> Any:
        """As C{IReactorTCP} has it."""
        number = self._take(tcpKey(port, interface))
        if number is None:
            return self._listenTCP(port, factory, backlog, interface)
        return self._adopt(number, factory)

    def listenUNIX(
        self, address: Any, factory: Any, backlog: int = 50, *rest: Any, **more: Any
    ) -> Any:
        """As C{IReactorUNIX} has it."""
        number = self._take(unixKey(address))
        if number is None:
            return self._listenUNIX(address, factory, backlog, *rest, **more)
        return self._adopt(number, factory)

    def listenUDP(
        self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192
    ) -> Any:
        """As C{IReactorUDP} has it."""
        number = self._take(udpKey(port, interface))
        if number is None:
            return self._listenUDP(port, protocol, interface, maxPacketSize)
        with socket.socket(fileno=number) as mine:
            return self._reactor.adoptDatagramPort(
                number, mine.family, protocol, maxPacketSize
            )

    def adoptStreamPort(self, descriptor: int, family: Any, factory: Any) -> Any:
        """As C{IReactorSocket} has it."""
        if family != socket.AF_UNIX:
            return self._adoptStreamPort(descriptor, family, factory)
        held = socket.socket(fileno=os.dup(descriptor))
        port = InheritedUNIXPort(held, factory, self._reactor)
        port.startListening()
        return port

    def _adopt(self, descriptor: int, factory: Any) -> Any:
        with socket.socket(fileno=descriptor) as mine:
            return self.adoptStreamPort(descriptor, mine.family, factory)

    def _take(self, key: str) -> int | None:
        numbers = self._sockets.get(key)
        if not numbers:
            return None
        number = numbers.pop(0)
        os.set_inheritable(number, False)
        return number


class InheritedUNIXPort(unix.Port):
    """A UNIX socket that is not ours alone.

    Twisted's own would give the file the mode 666 at the beginning; and at the end
    remove it, and shut down the socket for all who share it. TCP ports leave what
    they inherit as it is.
    """

    def __init__(self, held: socket.socket, factory: Any, reactor: Any) -> None:
        super().__init__(held.getsockname(), factory, reactor=reactor)
        self._held = held

    def startListening(self) -> None:
        """Accept."""
        factory: Any = self.factory
        factory.doStart()
        self.connected = True
        self.socket = self._held
        self.fileno = self._held.fileno  # type: ignore[method-assign]
        self.numberAccepts = 100
        self.startReading()

    def connectionLost(self, reason: Any) -> None:
        """Accept no more."""
        self.socket = socket.socket(socket.AF_UNIX)
        tcp.Port.connectionLost(self, reason)
        self._held.close()
