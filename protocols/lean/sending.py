"""What a transport has to send, and the loop that sends it for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

# What a transport is about: nothing to be sent, listed by the reactor, or polled
# for until it is writable.
IDLE, LISTED, POLLED = 0, 1, 2


def sendAll(transports: Iterable[Any]) -> Iterator[Any]:
    """Send what was plainly written, each in one system call.

    It is one loop that calls nothing else for a plain message, and no method of the
    transport, because each call would cost a tenth of what there is left to save.

    @param transports: L{protocols.lean.stream.LeanStream}s.
    @return: those with more to it, for their C{sendSlowly}.
    """
    for transport in transports:
        if transport._sending != LISTED:
            continue
        transport._sending = IDLE
        pieces = transport._tempDataBuffer
        if (
            transport.dataBuffer
            or transport.disconnecting
            or transport._writeDisconnecting
            or not pieces
        ):
            yield transport
            continue
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        try:
            sent = transport.socket.send(data)
        except Exception:  # noqa: BLE001 - found again, and told, in Twisted's way
            yield transport
            continue
        pieces.clear()
        transport._tempDataLen = 0
        if sent < len(data):
            transport.keep(data, sent)
        elif transport.producer is not None and transport.isAwaited():
            yield transport
