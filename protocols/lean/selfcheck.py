"""Whether the lean reactor does what it should with this Twisted; tried out once.

It builds on parts of Twisted that are not promised to stay. So before it is
installed one is made, kept aside, and has a short conversation over a pair of
sockets; nothing is listened on, and nothing is left behind.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python import context
from twisted.python.failure import Failure
from twisted.python.log import ILogContext

if TYPE_CHECKING:
    from protocols.lean.reactor import LeanReactor

# Octets that no pair of sockets takes at once.
_TOO_MUCH = 1 << 22

# Rounds of the reactor that the longest step may take: what is too much goes in
# pieces of 128 KiB (SEND_LIMIT) at the least, and each is read at once.
_ROUNDS = 1000


def works() -> bool:
    """Whether L{protocols.lean.reactor.install} will do."""
    return not fault()


@lru_cache
def fault() -> str:
    """What is wrong, in a line; empty if nothing is."""
    try:
        from protocols.lean.reactor import LeanReactor

        with _pair() as (ours, theirs), _aside(LeanReactor()) as reactor:
            trial = _Trial(reactor, ours, theirs)
            try:
                return trial.run()
            finally:
                trial.end()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        return str(error) or repr(error)


@contextmanager
def _pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@contextmanager
def _aside(reactor: LeanReactor) -> Iterator[LeanReactor]:
    """A reactor that never runs, and whose descriptors are closed in the end."""
    try:
        yield reactor
    finally:
        reactor.disconnectAll()
        reactor.discard()


class _Echo(Protocol):
    """Writes what it receives, in two pieces."""

    system = ""
    lost: Failure | None = None

    def dataReceived(self, data: bytes) -> None:
        self.system = context.get(ILogContext)["system"]
        self.transport.write(data[:2])  # type: ignore[union-attr]
        self.transport.write(data[2:])  # type: ignore[union-attr]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost = reason


class _Trial:
    """The conversation."""

    def __init__(self, reactor: LeanReactor, ours: Any, theirs: Any) -> None:
        self._reactor, self._theirs = reactor, theirs
        self._echo = _Echo()
        factory = Factory.forProtocol(lambda: self._echo)
        reactor.adoptStreamConnection(ours.fileno(), socket.AF_UNIX, factory)

    def run(self) -> str:
        """What is wrong."""
        self._theirs.sendall(b"hello")
        self._turn()
        if self._heard() != b"hello" or self._isPolled():
            return "a reply is not sent at the end of the turn"
        if self._echo.system != self._transport.logPrefix():
            return "the log does not tell connections apart"
        return self._muchAndTheEnd()

    def _muchAndTheEnd(self) -> str:
        self._transport.write(bytes(_TOO_MUCH))
        self._transport.loseConnection()
        self._turn()
        if not self._isPolled() or self._echo.lost is not None:
            return "what the kernel does not take is not polled for"
        left = _TOO_MUCH
        for _ in range(_ROUNDS):
            heard = self._heard()
            left -= len(heard)
            if self._echo.lost and not heard:
                break
            self._turn()
        closed = self._echo.lost and self._echo.lost.check(ConnectionDone)
        return "" if closed and not left else "octets or a connection are lost"

    def end(self) -> None:
        """Whatever has happened, it is closed."""
        if self._echo.lost is None:
            self._transport.connectionLost(connectionDone)

    @property
    def _transport(self) -> Any:
        return self._echo.transport

    def _isPolled(self) -> bool:
        return bool(self._reactor.getWriters())

    def _heard(self) -> bytes:
        heard = b""
        with suppress(BlockingIOError):
            heard = self._theirs.recv(1 << 20)
        return heard

    def _turn(self) -> None:
        self._reactor.iterate(0)
