"""Talk to the protocols of a factory without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Union

from twisted.internet.interfaces import IAddress
from twisted.internet.task import Clock

from protocols.testing.outgoing import WriteAfterCloseError
from protocols.testing.transports import MAX_STEPS, PEER, BackPressureTransport


@dataclass(frozen=True)
class Transcript:
    """What a server did in a conversation.

    @ivar written: all octets that it wrote.
    @ivar disconnecting: whether it closed the connection.
    @ivar aborted: whether it did so without waiting for what was unsent.
    """

    written: bytes
    disconnecting: bool = False
    aborted: bool = False


@dataclass(frozen=True)
class Advance:
    """In a script: C{seconds} go by on the conversation's clock."""

    seconds: float


Step = Union[bytes, Advance, Callable[[], object]]  # noqa: UP007 - a value in 3.10
"""What a script is made of: a segment, time that goes by, or a call."""


class Conversation:
    """A connection to a protocol, of which the test is the peer.

    The peer reads whatever is written, at once. After each method all that a
    reactor would do has been done: segments that were held back while the
    protocol had paused reading are delivered when it goes on, and the end of
    the connection has been reported (so never within C{loseConnection}).

    A factory whose C{clock} is C{None} is given this conversation's. What opens
    a port otherwise, C{startFactory}, is not called.

    @ivar protocol: what the factory built; C{None} when it refused.
    @ivar transport: the protocol's.
    @ivar clock: a C{Clock}: the given one, else the factory's, else a new one.
    """

    def __init__(
        self, factory: Any, *, peer: IAddress = PEER, clock: Clock | None = None
    ) -> None:
        self.clock = clockFor(factory, clock)
        self.transport = BackPressureTransport(peer=peer)
        self._written = bytearray()
        self._taken = 0
        self.protocol: Any = factory.buildProtocol(peer)
        if self.protocol is None:
            self.transport.disconnecting = self.transport.disconnected = True
        else:
            self.transport.connect(self.protocol)
            self.settle()

    def say(self, data: bytes) -> None:
        """The peer sends one segment, if there is still a connection."""
        if not self.transport.disconnected:
            self.transport.deliver(data)
            self.settle()

    def end(self) -> None:
        """The peer half-closes (FIN)."""
        if not self.transport.disconnected:
            self.transport.deliverEnd()
            self.settle()

    def reset(self) -> None:
        """The peer is gone without a word (RST)."""
        if not self.transport.disconnected:
            self.transport.reset()
        self.settle()

    def advance(self, seconds: float) -> None:
        """Time goes by."""
        self.clock.advance(seconds)
        self.settle()

    def do(self, step: Step) -> None:
        """Take one step of a script."""
        if isinstance(step, Advance):
            self.advance(step.seconds)
        elif callable(step):
            step()
            self.settle()
        else:
            self.say(step)

    def heard(self) -> bytes:
        """What was written since this was last asked."""
        self.settle()
        new = bytes(self._written[self._taken :])
        self._taken = len(self._written)
        return new

    def settle(self) -> None:
        """Read, and let the reactor turn, until nothing more happens.

        @raise WriteAfterCloseError: the protocol wrote after it had closed,
            even if it caught the error itself.
        @raise AssertionError: it never stops to write.
        """
        self.transport.turn()
        for _ in range(MAX_STEPS):
            if not self.transport.unread:
                break
            self._written += self.transport.read()
        else:
            raise AssertionError(f"{self.protocol!r} never stops to write")
        for late in self.transport.lateWrites:
            raise WriteAfterCloseError(f"written after the close: {late[:200]!r}")

    @property
    def transcript(self) -> Transcript:
        """What the server has done so far."""
        transport = self.transport
        return Transcript(
            bytes(self._written), transport.disconnecting, transport.aborted
        )


def clockFor(factory: Any, clock: Clock | None) -> Clock:
    """C{clock}, or else the factory's, or else a new one; the factory is given it
    when it has none, as a service would do.
    """
    known: Any = getattr(factory, "clock", None)
    if clock is None:
        clock = known if isinstance(known, Clock) else Clock()
    if known is None and hasattr(factory, "clock"):
        factory.clock = clock
    return clock


def converse(
    factory: Any,
    script: bytes | Iterable[Step],
    *,
    end: bool = False,
    peer: IAddress = PEER,
    clock: Clock | None = None,
) -> Transcript:
    """Say C{script} to a protocol of C{factory}; return what it did.

    The connection is left as it is at the end of the script. Use
    L{Conversation} to look at the protocol, or to go on.

    @param script: C{bytes} are one segment. Of an iterable each element is a
        segment, an L{Advance}, or something to call. What comes after the end
        of the connection is not sent.
    @param end: whether the peer half-closes (FIN) behind the script.
    @raise WriteAfterCloseError: the protocol wrote after it had closed.
    """
    conversation = Conversation(factory, peer=peer, clock=clock)
    for step in (script,) if isinstance(script, bytes) else script:
        conversation.do(step)
    if end:
        conversation.end()
    return conversation.transcript
