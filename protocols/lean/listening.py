"""Where the lean reactor puts its own ports and connectors in place of Twisted's."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.error import UnsupportedAddressFamily
from twisted.internet.posixbase import PosixReactorBase

from protocols.lean.datagrams import LeanDatagramPort, LeanMulticastPort
from protocols.lean.tcp import LeanConnector, LeanPort, LeanServer
from protocols.lean.unix import LeanUNIXConnector, LeanUNIXPort, LeanUNIXServer


class LeanListening(PosixReactorBase):
    """What listens and connects, and returns lean transports.

    Arguments and results are those of the methods of Twisted's interfaces.
    """

    def listenTCP(
        self, port: Any, factory: Any, backlog: int = 50, interface: str = ""
    ) -> Any:
        """See C{IReactorTCP}."""
        return _started(LeanPort(port, factory, backlog, interface, self))

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: Any,
        timeout: float = 30.0,
        bindAddress: Any = None,
    ) -> Any:
        """See C{IReactorTCP}."""
        connector = LeanConnector(host, port, factory, timeout, bindAddress, self)
        connector.connect()
        return connector

    def listenUNIX(
        self,
        address: Any,
        factory: Any,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool | int = 0,
    ) -> Any:
        """See C{IReactorUNIX}."""
        return _started(LeanUNIXPort(address, factory, backlog, mode, self, wantPID))

    def connectUNIX(
        self, address: Any, factory: Any, timeout: float = 30, checkPID: bool | int = 0
    ) -> Any:
        """See C{IReactorUNIX}."""
        connector = LeanUNIXConnector(address, factory, timeout, self, checkPID)
        connector.connect()
        return connector

    def adoptStreamPort(
        self, fileDescriptor: int, addressFamily: int, factory: Any
    ) -> Any:
        """See C{IReactorSocket}."""
        self._checkFamily(addressFamily)
        if addressFamily == socket.AF_UNIX:
            return _started(
                LeanUNIXPort._fromListeningDescriptor(self, fileDescriptor, factory)
            )
        return _started(
            LeanPort._fromListeningDescriptor(
                self, fileDescriptor, addressFamily, factory
            )
        )

    def adoptStreamConnection(
        self, fileDescriptor: int, addressFamily: int, factory: Any
    ) -> Any:
        """See C{IReactorSocket}."""
        self._checkFamily(addressFamily)
        if addressFamily == socket.AF_UNIX:
            return LeanUNIXServer._fromConnectedSocket(fileDescriptor, factory, self)
        return LeanServer._fromConnectedSocket(
            fileDescriptor, addressFamily, factory, self
        )

    def listenUDP(
        self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192
    ) -> Any:
        """See C{IReactorUDP}."""
        return _started(
            LeanDatagramPort(port, protocol, interface, maxPacketSize, self)
        )

    def listenMulticast(
        self,
        port: int,
        protocol: Any,
        interface: str = "",
        maxPacketSize: int = 8192,
        listenMultiple: bool = False,
    ) -> Any:
        """See C{IReactorMulticast}."""
        return _started(
            LeanMulticastPort(
                port, protocol, interface, maxPacketSize, self, listenMultiple
            )
        )

    def adoptDatagramPort(
        self,
        fileDescriptor: int,
        addressFamily: int,
        protocol: Any,
        maxPacketSize: int = 8192,
    ) -> Any:
        """See C{IReactorSocket}."""
        if addressFamily == socket.AF_UNIX:
            raise UnsupportedAddressFamily(addressFamily)
        self._checkFamily(addressFamily)
        return _started(
            LeanDatagramPort._fromListeningDescriptor(
                self, fileDescriptor, addressFamily, protocol, maxPacketSize
            )
        )

    def _checkFamily(self, family: int) -> None:
        if family not in self._supportedAddressFamilies:
            raise UnsupportedAddressFamily(family)


def _started(port: Any) -> Any:
    port.startListening()
    return port
