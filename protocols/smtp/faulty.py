"""A mail receiver with faults on request (L{protocols.smtp.faults})."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from protocols.hooks import Hooked, waitFor
from protocols.smtp.commands import Command
from protocols.smtp.faults import CONNECT, END, FaultRule
from protocols.smtp.message import Message
from protocols.smtp.protocol import SMTPProtocol
from protocols.smtp.replies import Reply


class FaultyProtocol(SMTPProtocol):
    """Goes by its factory's C{faults}, a L{protocols.smtp.faults.FaultRules}.

    A fault is as real as it can be: a refused RCPT is not in the envelope, what is
    behind a delay waits, and a cut connection is cut at that very octet.
    """

    _left: float = float("inf")
    _rate = 0.0
    _slow: IDelayedCall | None = None
    _heldBack: deque[bytes]

    def begin(self: Any) -> None:
        """The client has connected."""
        self._heldBack = deque()
        faults = self.factory.faults.at(CONNECT)
        cuts = [fault.disconnectAt for fault in faults if fault.disconnectAt]
        self._left = min(cuts, default=self._left)
        self._rate = min((fault.rate for fault in faults if fault.rate), default=0.0)
        hooked = self._suffer(faults, super().begin, self.reply)
        if hooked is not None:
            self.holdFor(hooked)

    def obey(self: Any, command: Command, argument: str) -> Hooked:
        """A command has come."""
        faults = self.factory.faults.at(self.verb, [_addressIn(argument)])
        usual = partial(super().obey, command, argument)
        return self._suffer(faults, usual, self.reply)

    def handOver(self: Any, message: Message) -> Hooked:
        """A message has come."""
        envelope = message.envelope
        faults = self.factory.faults.at(END, envelope.recipients)
        if any(fault.reply or fault.disconnect for fault in faults):
            message.close()
        usual = partial(super().handOver, message)
        return self._suffer(faults, usual, lambda reply: self.refuse(reply, envelope))

    def _suffer(
        self: Any,
        faults: list[FaultRule],
        usual: Callable[[], Hooked],
        say: Callable[[Reply], None],
    ) -> Hooked:
        """Let all these faults happen, or do what is usual."""
        return self._sufferLater(faults, usual, say) if faults else usual()

    async def _sufferLater(
        self: Any,
        faults: list[FaultRule],
        usual: Callable[[], Hooked],
        say: Callable[[Reply], None],
    ) -> None:
        delay = max(fault.delay for fault in faults)
        if delay:
            await deferLater(self.factory.clock, delay)
        replies = [fault.reply for fault in faults if fault.reply]
        if any(fault.disconnect for fault in faults):
            self._transport.abortConnection()
        elif replies:
            say(replies[0])
        elif (hooked := usual()) is not None:
            await waitFor(hooked)

    def dataReceived(self: Any, data: bytes) -> None:
        """Octets, as fast as is allowed, and no further than that."""
        if not self._rate:
            self._hear(data)
            return
        self._transport.pauseProducing()
        self._heldBack.append(data)
        if self._slow is None:
            self._wait()

    def _wait(self: Any) -> None:
        """One after the other: TLS may hand on more while reading is paused."""
        seconds = len(self._heldBack[0]) / self._rate
        self._slow = self.factory.clock.callLater(seconds, self._hearNext)

    def _hearNext(self: Any) -> None:
        self._slow = None
        self._hear(self._heldBack.popleft())
        if self._heldBack:
            self._wait()
        elif self._left > 0 and self.isReading:
            self._transport.resumeProducing()

    def _hear(self: Any, data: bytes) -> None:
        heard = data[: int(min(self._left, len(data)))]
        self._left -= len(heard)
        super().dataReceived(heard)
        if self._left <= 0:
            self._heldBack.clear()
            self._transport.abortConnection()

    def connectionLost(self: Any, reason: Failure = connectionDone) -> None:
        """Nothing more is heard."""
        if self._slow is not None:
            self._slow.cancel()
        super().connectionLost(reason)


def faultyKind(protocol: type[SMTPProtocol]) -> type[SMTPProtocol]:
    """C{protocol}, with faults on request."""
    return type(f"Faulty{protocol.__name__}", (FaultyProtocol, protocol), {})


def _addressIn(argument: str) -> str:
    """The address in an argument of MAIL or RCPT."""
    _, bracket, rest = argument.partition("<")
    return rest.partition(">")[0] if bracket else argument.partition(":")[2]
