"""A server on a reactor of its own in a thread: for clients that block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from threading import Thread, get_ident
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.interfaces import IAddress, IProtocolFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.testing.reactors import closeDescriptors, makeReactor, run

LISTEN = "tcp:0:interface=127.0.0.1"

# Seconds for a call into the reactor's thread, and for the thread to end: on a
# machine under load much less than one is needed, and nobody waits longer than
# this for a test that has failed anyway.
CALL_TIMEOUT = 10.0
STOP_TIMEOUT = 10.0

# Turns of the reactor before what is still connected is aborted. A client that
# has closed left its FIN in the kernel: to accept it, to read each 64 KiB up to
# there, to answer and to close takes at most a turn each.
LAST_TURNS = 10


class Running:
    """A server that runs in a thread.

    @ivar factory: the factory that it serves.
    @ivar host: the literal address that it listens on; empty for a UNIX socket.
    @ivar port: the number of its port; 0 for a UNIX socket.
    @ivar address: both, as an C{IAddress}.
    @ivar reactor: the reactor of that thread. Whatever touches it or the
        protocols belongs into L{call}.
    """

    host = ""
    port = 0
    address: IAddress

    def __init__(self, factory: Any) -> None:
        self.factory = factory
        self.reactor: Any = makeReactor()
        self._connections: list[Any] = []
        self._listening: Any = None
        self._thread = Thread(
            target=run, args=(self.reactor,), name=repr(self), daemon=True
        )

    def __repr__(self) -> str:
        return f"<a thread that serves {type(self.factory).__name__}>"

    def call(
        self,
        function: Callable[..., Any],
        *args: object,
        timeout: float = CALL_TIMEOUT,
    ) -> Any:
        """Call C{function} in the reactor's thread, and return its result.

        A Deferred or a coroutine that it returns is waited for; an exception is
        raised here.

        @param timeout: in seconds. Afterwards the Deferred is cancelled.
        @raise TimeoutError: no result within C{timeout}.
        @raise RuntimeError: called from the reactor's own thread, where it
            would wait for ever, or after the thread has ended.
        """
        if get_ident() == self._thread.ident:
            raise RuntimeError("call() can't be used in the reactor's own thread")
        if not self._thread.is_alive():
            raise RuntimeError(f"{self!r} has ended")
        future: Future[Any] = Future()
        begun: list[Deferred[Any]] = []
        self.reactor.callFromThread(_begin, begun, future, function, args)
        try:
            return future.result(timeout)
        except FutureTimeoutError:
            if future.done():
                raise
            self.reactor.callFromThread(_cancel, begun)
            raise TimeoutError(f"{function!r} took more than {timeout} s") from None

    def start(self, listen: str) -> None:
        """Run the reactor, and listen."""
        reactor = self.reactor
        reactor.addSystemEventTrigger("before", "shutdown", self._closeEverything)
        self._thread.start()
        self.call(self._listen, listen)

    def stop(self) -> None:
        """Close the port, abort what is connected, and end the thread.

        @raise TimeoutError: the thread does not end.
        """
        if self._thread.is_alive():
            self.reactor.callFromThread(_stop, self.reactor)
            self._thread.join(STOP_TIMEOUT)
        if self._thread.is_alive():
            raise TimeoutError(f"{self!r} did not end within {STOP_TIMEOUT} s")
        closeDescriptors(self.reactor)

    async def _listen(self, listen: str) -> None:
        from twisted.internet.endpoints import serverFromString

        endpoint = serverFromString(self.reactor, listen)
        self._listening = await endpoint.listen(_Noting(self))
        self.address = self._listening.getHost()
        self.host = getattr(self.address, "host", "")
        self.port = getattr(self.address, "port", 0)

    def _closeEverything(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        for _ in range(LAST_TURNS):
            await _nextTurn(self.reactor)
        if self._listening is not None:
            await maybeDeferred(self._listening.stopListening)
        for protocol in filter(_isConnected, self._connections):
            protocol.transport.abortConnection()
        await _nextTurn(self.reactor)

    def note(self, protocol: Any) -> None:
        """C{protocol} is about to be connected."""
        connections = list(filter(_isConnected, self._connections))
        self._connections = [*connections, protocol]


@implementer(IProtocolFactory)
class _Noting:
    """Hands out a factory's protocols as they are, and notes which there are.

    A transport that neither reads nor writes is unknown to the reactor, so that
    nobody else could close it in the end.
    """

    def __init__(self, running: Running) -> None:
        self._running = running
        self.doStart = running.factory.doStart
        self.doStop = running.factory.doStop

    def buildProtocol(self, addr: IAddress) -> Any:
        protocol = self._running.factory.buildProtocol(addr)
        if protocol is not None:
            self._running.note(protocol)
        return protocol


def _isConnected(protocol: Any) -> bool:
    transport = getattr(protocol, "transport", None)
    return bool(getattr(transport, "connected", False))


def _begin(
    begun: list[Deferred[Any]],
    future: Future[Any],
    function: Callable[..., Any],
    args: tuple[object, ...],
) -> None:
    deferred: Deferred[Any] = maybeDeferred(function, *args)
    begun.append(deferred)

    def failed(failure: Failure) -> None:
        future.set_exception(failure.value)

    deferred.addCallbacks(future.set_result, failed)


def _cancel(begun: list[Deferred[Any]]) -> None:
    for deferred in begun:
        deferred.cancel()


def _nextTurn(reactor: Any) -> Deferred[None]:
    """Fires behind what is already due, such as the end of an abort."""
    turned: Deferred[None] = Deferred()
    reactor.callLater(0, turned.callback, None)
    return turned


def _stop(reactor: Any) -> None:
    """Stop it, unless the tested code itself has done so."""
    with suppress(ReactorNotRunning):
        reactor.stop()


@contextmanager
def runningInThread(factory: Any, listen: str = LISTEN) -> Iterator[Running]:
    """Serve C{factory} while the C{with} block runs.

    It is served on a reactor of its own in a daemon thread, so that the block may
    use clients that block, and whether the global reactor runs does not matter.
    At the end of the block what has already come is read; connections that are
    still open then are aborted.

    A factory whose C{clock} is C{None} has that reactor for a clock meanwhile.

    @param listen: a server endpoint string; by default a free port of
        127.0.0.1.
    @raise CannotListenError: somebody else is listening there.
    """
    running = Running(factory)
    lent = hasattr(factory, "clock") and factory.clock is None
    if lent:
        factory.clock = running.reactor
    try:
        running.start(listen)
        yield running
    finally:
        running.stop()
        if lent:
            factory.clock = None
