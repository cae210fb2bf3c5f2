"""Bounded, ordered receiving of lines and commands: the base of chat and SMTP.

Order is the whole idea. Octets pass through three places, and each is emptied
before the next one is looked at::

    the buffer's tail  ->  cut, a chunk at a time  ->  its lines  ->  a hook

A protocol that is asked to (C{linesReceived}) may take a chunk's lines together.

A *hold* stops the hand-over between two lines. There are four reasons to hold,
one bit each: a hook's Deferred or coroutine is waiting, the peer does not read
what we wrote, the protocol itself asked for a pause, or the connection is
closing. While any bit is set nothing is delivered, so replies leave in the
order of the commands; and should more octets arrive meanwhile, reading from the
transport is paused as well, so what is kept stays bounded.
"""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.hooks import Hooked, waitFor
from protocols.linebuffer import LineBuffer
from protocols.linehooks import LineHooks
from protocols.linepressure import CLOSING, PAUSED, WAITING, LinePressure
from protocols.linetimeout import LineTimeout
from protocols.lingering import closeLingering

# Twisted's own LineReceiver has 16384, and no command of any protocol here
# comes near it; SMTP and chat set smaller ones from their own sources.
MAX_LINE_LENGTH = 16384


@implementer(IHalfCloseableProtocol, IPushProducer)
class LineProtocol(LineHooks, LineTimeout, LinePressure, Protocol):
    """A protocol of lines whose hooks may take their time.

    Override L{lineReceived} and any other hook; none owes a C{super()} call,
    and neither do C{connectionMade} and C{connectionLost}.

    @cvar delimiter: the octets that end a line.
    @cvar maxLength: octets of a line, 1 or more, its delimiter excluded.
    @cvar maxSkipped: octets of an over-long line that are dropped before the
        connection is lost; 0 for no limit.
    """

    delimiter: ClassVar[bytes] = b"\r\n"
    maxLength: int = MAX_LINE_LENGTH
    maxSkipped: int = 0
    log: ClassVar[Logger] = Logger()

    _rawMode = False
    _delivering = False
    _reading = True
    _inputEnded = False
    _awaited: tuple[Deferred[Any], ...] = ()

    def sendLine(self, line: bytes) -> None:
        """Write C{line} and CRLF."""
        self._transport.write(line + b"\r\n")

    def setRawMode(self) -> None:
        """Hand over octets as they come, starting behind the current line."""
        self._input.tail = self._input.clear()
        self._rawMode = True

    def setLineMode(self, rest: bytes = b"") -> None:
        """Hand over lines again; C{rest} of the raw data is looked at first."""
        self._rawMode = False
        self._input.tail = rest + self._input.clear()
        self._deliver()

    def clearInput(self) -> bytes:
        """Forget all that has come and was not delivered yet, and return it.

        STARTTLS owes this: what was sent in the clear must not be taken for
        something said under TLS (RFC 3207, section 4.2).
        """
        return self._input.clear()

    def pauseLines(self) -> None:
        """Deliver nothing more until L{resumeLines}."""
        self._hold |= PAUSED

    def resumeLines(self) -> None:
        """Undo L{pauseLines}."""
        self._release(PAUSED)

    def loseConnection(self) -> None:
        """Drop undelivered input, flush what was written, close.

        Use this and not the transport's: under TLS a connection does not end
        while a producer is registered, and this protocol is one.
        """
        self._hold |= CLOSING
        self.clearInput()
        self.setTimeout(None)
        self._transport.unregisterProducer()
        self._readOn()
        closeLingering(self._transport, getattr(self.factory, "clock", None))

    def _readOn(self) -> None:
        """The peer's goodbye under TLS, and its end, are behind what was not read."""
        if not self._reading:
            self._reading = True
            self._transport.resumeProducing()

    @property
    def isWaiting(self) -> bool:
        """Whether a hook's Deferred or coroutine is being waited for."""
        return bool(self._hold & WAITING)

    @property
    def isReading(self) -> bool:
        """Whether the transport may read: nothing that has come waits for us."""
        return self._reading

    @property
    def timeStands(self) -> bool:
        """Whether the peer waits for us, and not we for it."""
        return bool(self._hold & (WAITING | PAUSED))

    @property
    def pipelined(self) -> bool:
        """Whether octets have come behind the line that is being handled."""
        return bool(self._input)

    def makeConnection(self, transport: Any) -> None:
        """Start: register for back-pressure, then C{connectionMade}.

        C{connectionLost} is shadowed on the instance, so that a subclass that
        overrides it need not call C{super()} for our own end.
        """
        self._transport: Any = transport
        self._input = LineBuffer(self.delimiter, self.maxLength)
        self.connectionLost = self._connectionEnded  # type: ignore[method-assign]
        transport.registerProducer(self, True)
        self.setTimeout(self.lineTimeout)
        super().makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Keep C{data}, and deliver what may be delivered."""
        if not (self._hold or self._rawMode or self._delivering):
            line = self._input.only(data)
            if line is not None:
                self._deliverOnly(line)
                return
        if self._hold & CLOSING:
            return
        self._input.feed(data)
        if self._hold and self._reading:
            self._reading = False
            self._transport.pauseProducing()
        self._deliver()

    def readConnectionLost(self) -> None:
        """FIN: everything that came before it is handled first."""
        if self._hold & CLOSING:
            self._transport.loseConnection()
        self._inputEnded = True
        self._deliver()

    def _connectionEnded(self, reason: Failure = connectionDone) -> None:
        del self.connectionLost
        self._hold |= CLOSING
        self.clearInput()
        self.setTimeout(None)
        for each in self._awaited:
            each.cancel()
        self.connectionLost(reason)

    def _release(self, reason: int) -> None:
        self._hold &= ~reason
        self._deliver()

    def _deliver(self) -> None:
        """Deliver until a hold or the end of the input; never within itself."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while not self._hold and self._deliverNext():
                pass
        finally:
            self._delivering = False
        if not self._hold:
            self._caughtUp()

    def _caughtUp(self) -> None:
        self._readOn()
        if self._inputEnded:
            self._inputEnded = False
            self.inputEnded()

    def _deliverOnly(self, line: bytes) -> None:
        """The short way, for a peer that waits for each answer."""
        self._delivering = True
        try:
            self.resetTimeout()
            self.holdFor(self.lineReceived(line))
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.hookFailed(Failure())
        finally:
            self._delivering = False
        self._leaveIfLost()
        if self._input or self._inputEnded:
            self._deliver()

    def _deliverNext(self) -> bool:
        """Take one step; false when more octets are needed first."""
        try:
            if self._rawMode:
                return self._deliverRaw()
            if self._input.hasLines:
                self._deliverLines()
            elif chunk := self._input.split():
                self._deliverChunk(chunk)
            elif dropped := self._input.overlong():
                self.holdFor(self.lineLengthExceeded(dropped))
            elif not 0 < self.maxSkipped < self._input.skipped:
                return False
            else:
                self.loseConnection()
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.hookFailed(Failure())
        self._leaveIfLost()
        return True

    def _deliverRaw(self) -> bool:
        data, self._input.tail = self._input.tail, b""
        if not data:
            return False
        self.holdFor(self.rawDataReceived(data))
        return True

    def _deliverChunk(self, chunk: list[bytes]) -> None:
        """Those that the protocol takes together, then the others, one by one."""
        if len(chunk) > 1 and self._input.checked:
            self.resetTimeout()
            self._input.skip(self.linesReceived(chunk))
            if self._hold or self._transport.disconnecting:
                return
        self._deliverLines()

    def _deliverLines(self) -> None:
        checked = self._input.checked
        receive = self.lineReceived if checked else self._receiveChecked
        transport = self._transport
        self.resetTimeout()
        for line in self._input.lines:
            result = receive(line)
            if result is not None:
                self.holdFor(result)
            if self._hold or transport.disconnecting:
                return

    def _receiveChecked(self, line: bytes) -> Hooked:
        if len(line) > self.maxLength:
            return self.lineLengthExceeded(len(line))
        return self.lineReceived(line)

    def _leaveIfLost(self) -> None:
        """A hook called the transport's own C{loseConnection}: end as ours does."""
        if self._transport.disconnecting and not self._hold & CLOSING:
            self.loseConnection()

    def holdFor(self, result: Hooked) -> None:
        """Deliver nothing until what a hook returned has come to its end.

        Several may be waited for at once, and all of them are.
        """
        if result is None:
            return
        awaited = waitFor(result)
        self._awaited = (*self._awaited, awaited)
        self._hold |= WAITING
        awaited.addErrback(self._hookErred).addBoth(self._hookDone, awaited)

    def _hookErred(self, failure: Failure) -> None:
        if not (self._hold & CLOSING and failure.check(CancelledError)):
            self.hookFailed(failure)

    def _hookDone(self, result: object, awaited: Deferred[Any]) -> None:
        self._awaited = tuple([each for each in self._awaited if each is not awaited])
        if not self._awaited:
            self._release(WAITING)
        if isinstance(result, Failure):
            self.log.failure("{who!r}.hookFailed failed", result, who=type(self))
