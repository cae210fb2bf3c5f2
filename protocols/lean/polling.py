"""The round of a reactor: poll, serve what is ready, send what was written."""

from __future__ import annotations

from collections.abc import Iterable
from select import EPOLLIN
from typing import Any

from twisted.internet.epollreactor import EPollReactor
from twisted.python import context, log

from protocols.lean.context import LogContext
from protocols.lean.sending import IDLE, POLLED, sendAll, streamsIn
from protocols.lean.stream import LeanStream

# Octets that may arrive in a turn before what was written is sent. To send all
# together is cheaper, as the peer is awake; but buffers that are held all the while
# are memory grown cold. 1000 connections with 16 KiB each take 20 microseconds a
# message if all of it waits for the end of the turn, and 12 with this; 50 with 4 KiB
# take 6.9 if each is sent alone, and 6.3 with this (measured).
MOST_HELD = 128 << 10

# Events of a round. When thousands speak at once, timers and those who are to be
# written to wait until all of a round are served; the kernel hands out the others in
# the next one, so nobody is passed over (epoll_wait(2), "maxevents").
MOST_EVENTS = 1024


class LeanPolling(EPollReactor):
    """An epoll reactor without the layers around each event.

    @ivar written: the transports that have something to send in this turn, in the
        order in which they were written to; or a L{Spread} for many of them.
    """

    def __init__(self) -> None:
        self.written: list[Any] = []
        self._held = 0
        self._logContext = LogContext()
        super().__init__()

    def doPoll(self, timeout: float | None) -> None:
        """Make one round, for who lets the reactor turn by hand.

        @param timeout: seconds; C{None} for as long as it takes.
        """
        context.call(self._logContext, self.round, timeout)

    doIteration = doPoll

    def round(self, timeout: float | None) -> None:
        """Wait, serve what is ready, and send what was written meanwhile."""
        if self.written or self._justStopped:
            timeout = 0
        elif timeout is None:
            timeout = -1
        try:
            events = self._poller.poll(timeout, MOST_EVENTS)
        except InterruptedError:
            return
        if events:
            self._serve(events)

    def _serve(self, events: Iterable[tuple[int, int]]) -> None:
        logContext, selectables = self._logContext, self._selectables
        outer = logContext.owner
        try:
            for descriptor, event in events:
                stream = selectables.get(descriptor)
                if event != EPOLLIN or not isinstance(stream, LeanStream):
                    self._serveSlowly(descriptor, event)
                    continue
                logContext.owner = stream
                try:
                    why = stream.doRead()
                except BaseException as error:  # noqa: BLE001 - as Twisted
                    log.err()
                    self._lose(stream, error, False)
                else:
                    if why is not None:
                        self._lose(stream, why, True)
            if self.written:
                self._send()
        finally:
            logContext.owner = outer

    def _serveSlowly(self, descriptor: int, event: int) -> None:
        """Any other event, in Twisted's way."""
        selectable = self._selectables.get(descriptor)
        if selectable is None:
            return
        self._logContext.owner = selectable
        try:
            self._doReadOrWrite(selectable, descriptor, event)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - as Twisted
            log.err()

    def _lose(self, selectable: Any, why: Any, inRead: bool) -> None:
        try:
            self._disconnectSelectable(selectable, why, inRead)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - as Twisted
            log.err()

    def hold(self, octets: int) -> None:
        """So many have arrived; send now what was written, if they are many."""
        self._held += octets
        if self._held >= MOST_HELD:
            self._send()

    def sendWritten(self) -> None:
        """Send what was written outside of a round."""
        if self.written:
            context.call(self._logContext, self._send)

    def _send(self) -> None:
        written, self.written, self._held = self.written, [], 0
        outer = self._logContext.owner
        try:
            for transport in sendAll(written):
                self._sendSlowly(transport)
        except BaseException:  # an interrupt: the others are not forgotten
            self.written += written
            raise
        finally:
            self._logContext.owner = outer

    def _sendSlowly(self, transport: Any) -> None:
        self._logContext.owner = transport
        try:
            why = transport.sendSlowly()
        except BaseException as error:  # noqa: BLE001 - as Twisted
            log.err()
            why = error
        if why:
            self._lose(transport, why, False)

    # What is polled for

    def addWriter(self, writer: Any) -> None:
        """As Twisted; a stream is told that it need not be listed."""
        super().addWriter(writer)
        if isinstance(writer, LeanStream):
            writer._sending = POLLED

    def removeWriter(self, writer: Any) -> None:
        """As Twisted, likewise."""
        super().removeWriter(writer)
        if isinstance(writer, LeanStream):
            writer._sending = IDLE

    def _listed(self) -> list[Any]:
        return list(streamsIn(self.written))

    def getWriters(self) -> list[Any]:
        """What wants to write, be it polled for or listed."""
        return list({*super().getWriters(), *self._listed()})

    def removeAll(self) -> list[Any]:
        """Forget all but what is the reactor's own, and return it."""
        listed, self.written = self._listed(), []
        for stream in listed:
            stream.stopWriting()
        return list({*super().removeAll(), *listed})
