"""What transports have to send, and the loops that send it for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

# What a transport is about: nothing to be sent, listed by the reactor, or polled
# for until it is writable.
IDLE, LISTED, POLLED = 0, 1, 2


def sendAll(listed: Iterable[Any]) -> Iterator[Any]:
    """Send what was plainly written, each in one system call.

    It is one loop that calls nothing else for a plain message, and no method of the
    transport, because each call would cost a tenth of what there is left to save.

    @param listed: L{protocols.lean.stream.LeanStream}s, and L{Spread}s.
    @return: those with more to it, for their C{sendSlowly}.
    """
    for stream in listed:
        if stream._sending != LISTED:
            if isinstance(stream, Spread):
                yield from stream.send()
            continue
        stream._sending = IDLE
        pieces = stream._tempDataBuffer
        ends = stream.disconnecting or stream._writeDisconnecting
        if ends or stream.dataBuffer or not pieces:
            yield stream
            continue
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        try:
            sent = stream.socket.send(data)
        except Exception:  # noqa: BLE001 - found again, and told, in Twisted's way
            yield stream
            continue
        pieces.clear()
        stream._tempDataLen = 0
        waits = stream.producerPaused or not stream.streamingProducer
        if sent < len(data):
            stream.keep(data, sent)
        elif waits and stream.producer is not None:
            yield stream


class Spread:
    """The same octets for many, who had nothing else to be sent when it was listed."""

    __slots__ = ("_data", "streams")
    _sending = IDLE

    def __init__(self, streams: list[Any], data: bytes) -> None:
        self.streams = streams
        self._data = data

    def send(self) -> Iterator[Any]:
        """See L{sendAll}; it is the same loop, for streams that have no pieces."""
        data, size = self._data, len(self._data)
        for stream in self.streams:
            if stream._sending != LISTED:
                continue
            ends = stream.disconnecting or stream._writeDisconnecting
            if ends or stream._tempDataBuffer:
                stream._tempDataBuffer.insert(0, data)
                yield from sendAll((stream,))
                continue
            try:
                sent = stream.socket.send(data)
            except Exception:  # noqa: BLE001 - see above
                stream._sending = IDLE
                stream._tempDataBuffer.append(data)
                yield stream
                continue
            stream._sending = IDLE
            stream._tempDataLen = 0
            waits = stream.producerPaused or not stream.streamingProducer
            if sent < size:
                stream.keep(data, sent)
            elif waits and stream.producer is not None:
                yield stream


def writeToAll(streams: Iterable[Any], data: bytes) -> None:
    """Have the same octets sent to many, as their C{write} would one by one.

    Those that have nothing to be sent, and no producer that would have to pause, are
    listed together; and they are nearly all when a room is told something.

    @param streams: L{protocols.lean.stream.LeanStream}s of one reactor.
    @param data: one octet or more.
    """
    size, idle = len(data), []
    for stream in streams:
        isPlain = stream.connected and not (stream.TLS or stream._writeDisconnected)
        isIdle = not (stream._sending or stream._tempDataBuffer)
        if isPlain and isIdle and size <= stream._full:
            stream._sending = LISTED
            stream._tempDataLen = size
            idle.append(stream)
        else:
            stream.write(data)
    if idle:
        idle[0].reactor.written.append(Spread(idle, data))


def streamsIn(listed: Iterable[Any]) -> Iterator[Any]:
    """The streams that are listed, each by itself."""
    for each in listed:
        some = each.streams if isinstance(each, Spread) else (each,)
        yield from (stream for stream in some if stream._sending == LISTED)
