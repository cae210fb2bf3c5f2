"""A datagram transport in memory, as strict as a UDP port."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import InvalidAddressError, MessageLengthError
from twisted.internet.interfaces import IUDPTransport
from zope.interface import implementer

# 16 bits of length: an IPv4 packet of 65535 octets less its own header of 20
# and UDP's of 8 (RFC 768, RFC 791); of an IPv6 packet the header does not count
# (RFC 8200, section 3).
MAX_DATAGRAM = 65507
MAX_DATAGRAM_IPV6 = 65527


@implementer(IUDPTransport)
class FakeDatagramTransport:
    """Keeps what is written, and refuses what a UDP port would refuse.

    @ivar written: datagrams as C{(data, address)}, in order.
    @ivar failure: an exception for each L{write} to raise, such as an
        C{OSError} of a full network queue; C{None} for none.
    @ivar listening: false after L{stopListening}.

    @param protocol: is connected, if given, and receives by L{deliver}.
    @param host: the literal IPv4 or IPv6 address of this side.
    @param port: its port.
    """

    def __init__(
        self, protocol: Any = None, *, host: str = "198.51.100.1", port: int = 7
    ) -> None:
        self.written: list[tuple[bytes, tuple[str, int]]] = []
        self.failure: Exception | None = None
        self.listening = True
        self.protocol = protocol
        self._isIPv6 = isIPv6Address(host)
        self._host, self._port = host, port
        self._connected: tuple[str, int] | None = None
        self._broadcast = False
        if protocol is not None:
            protocol.makeConnection(self)

    def deliver(self, data: bytes, addr: tuple[str, int]) -> None:
        """A datagram has come; dropped once the port is closed."""
        if self.listening:
            self.protocol.datagramReceived(data, addr)

    def write(self, packet: bytes, addr: tuple[str, int] | None = None) -> None:
        """Send one datagram.

        @raise MessageLengthError: it is too long for one, see
            L{MAX_DATAGRAM} and L{MAX_DATAGRAM_IPV6}.
        @raise InvalidAddressError: no literal address, or of another family.
        @raise TypeError: C{packet} is no bytes.
        @raise ValueError: no address on a port that is not connected, another
            one on a port that is, or the port is closed.
        """
        if not isinstance(packet, (bytes, bytearray, memoryview)):
            raise TypeError(f"Data must be bytes, not {type(packet).__name__}")
        target = self._target(addr)
        if self.failure is not None:
            raise self.failure
        if len(packet) > (MAX_DATAGRAM_IPV6 if self._isIPv6 else MAX_DATAGRAM):
            raise MessageLengthError("message too long")
        self.written.append((bytes(packet), target))

    def writeSequence(
        self, seq: Iterable[bytes], addr: tuple[str, int] | None = None
    ) -> None:
        """Send the pieces as one datagram."""
        self.write(b"".join(seq), addr)

    def _target(self, addr: tuple[str, int] | None) -> tuple[str, int]:
        if not self.listening:
            raise ValueError("the port is closed")
        if addr is None or self._connected not in (None, addr):
            addr = self._connectedOnly(addr)
        self._checkHost(addr[0])
        return addr

    def _connectedOnly(self, addr: tuple[str, int] | None) -> tuple[str, int]:
        if addr is not None or self._connected is None:
            raise ValueError(f"can't write to {addr}, connected to {self._connected}")
        return self._connected

    def _checkHost(self, host: str) -> None:
        isIPv4 = isIPAddress(host) or host == "<broadcast>"
        if not isIPv4 and not isIPv6Address(host):
            raise InvalidAddressError(
                host, "write() only accepts IP addresses, not hostnames"
            )
        if isIPv4 == self._isIPv6:
            raise InvalidAddressError(host, "the port is of the other family")

    def connect(self, host: str, port: int) -> None:
        """Exchange datagrams with this address only.

        @raise RuntimeError: connected already.
        """
        if self._connected is not None:
            raise RuntimeError("already connected, reconnecting is not supported")
        self._checkHost(host)
        self._connected = (host, port)

    def getHost(self) -> IPv4Address | IPv6Address:
        """The address of this side."""
        kind = IPv6Address if self._isIPv6 else IPv4Address
        return kind("UDP", self._host, self._port)

    def getBroadcastAllowed(self) -> bool:
        """What was set last; false in the beginning."""
        return self._broadcast

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """Kept, without effect."""
        self._broadcast = bool(enabled)

    def stopListening(self) -> Deferred[None]:
        """Close; the protocol's C{doStop} is called, once."""
        if self.listening:
            self.listening = False
            if self.protocol is not None:
                self.protocol.doStop()
        return succeed(None)
