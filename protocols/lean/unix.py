"""UNIX ports and connections that send once a turn."""

from __future__ import annotations

from errno import EWOULDBLOCK
from socket import CMSG_SPACE, SCM_RIGHTS, SOL_SOCKET
from typing import Any

from twisted.internet import unix
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.python import log

from protocols.lean.stream import MUCH, LeanStream

# Octets of ancillary data received at a time, as in Twisted.
_ANCILLARY = CMSG_SPACE(4096)


class LeanUNIXStream(LeanStream):
    """What comes before a kind of UNIX transport: descriptors may go over it."""

    def doRead(self: Any) -> Any:
        """Hand on descriptors that have arrived, then octets."""
        try:
            data, ancillary, _, _ = self.socket.recvmsg(self._room, _ANCILLARY)
        except OSError as error:
            return None if error.errno == EWOULDBLOCK else CONNECTION_LOST
        for level, kind, content in ancillary:
            self._ancillaryReceived(level, kind, content)
        if not data:
            return CONNECTION_DONE
        self.protocol.dataReceived(data)
        if len(data) >= MUCH:
            self._muchArrived(len(data))
        return None

    def _ancillaryReceived(self: Any, level: int, kind: int, content: bytes) -> None:
        if (level, kind) == (SOL_SOCKET, SCM_RIGHTS):
            self._ancillaryLevelSOLSOCKETTypeSCMRIGHTS(content)
        else:
            log.msg(
                format="%(protocol)s received unsupported ancillary data "
                "(level=%(level)r, type=%(kind)r) from %(peer)r.",
                protocol=self._getLogPrefix(self.protocol),
                level=level,
                kind=kind,
                peer=self.getPeer(),
            )

    def sendFileDescriptor(self, fileno: int) -> None:
        """Have a descriptor sent when the socket is writable, in Twisted's way."""
        super().sendFileDescriptor(fileno)  # type: ignore[misc]
        self.reactor.addWriter(self)


class LeanUNIXServer(LeanUNIXStream, unix.Server):
    """A connection that was accepted."""

    def __init__(self, *arguments: Any) -> None:
        self.prepare()
        super().__init__(*arguments)


class LeanUNIXPort(unix.Port):
    """Accepts them."""

    transport = LeanUNIXServer


class LeanUNIXClient(LeanUNIXStream, unix.Client):
    """A connection that was made."""

    def _connectDone(self) -> None:
        self.prepare()
        super()._connectDone()


class LeanUNIXConnector(unix.Connector):
    """Makes them."""

    def _makeTransport(self) -> Any:
        return LeanUNIXClient(self.address, self, self.reactor, self.checkPID)
