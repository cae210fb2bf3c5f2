"""To close so that the peer can still read the last reply."""

from __future__ import annotations

from typing import Any

from protocols.kernel import queuedInput, socketTransport

# Seconds for a peer to read what it was told and to stop sending.
LINGER = 2.0


def closeLingering(transport: Any, clock: Any) -> None:
    """Flush and close C{transport}; the protocol drops what still comes.

    When octets of the peer's wait unread, a close makes the kernel send a reset,
    and that makes the peer's kernel drop our last reply. So then only our side is
    closed, and the peer's is read until it closes too, or for L{LINGER} seconds;
    the protocol has to call C{loseConnection} in C{readConnectionLost}.

    Under TLS there is no lingering: what waits are records, and TLS says goodbye
    in its own way.

    @param clock: an C{IReactorTime}; without one there is no lingering.
    """
    inner = socketTransport(transport)
    secured = inner is not transport or getattr(inner, "TLS", False)
    if clock is None or secured or not queuedInput(inner.socket):
        transport.loseConnection()
        return
    transport.loseWriteConnection()
    transport.resumeProducing()
    clock.callLater(LINGER, transport.abortConnection)
