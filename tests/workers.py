"""What tests of workers share: processes that are none."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ProcessDone, ProcessTerminated
from twisted.internet.testing import MemoryReactorClock
from twisted.python import usage
from twisted.python.failure import Failure

from protocols.options import DatagramOptions, ListenOptions
from protocols.workeroptions import WorkerOptions
from protocols.workertask import Task


class Transport:
    """A process that is none.

    @ivar said: what was written to it, by descriptor.
    @ivar signals: what was sent to it.
    """

    def __init__(self, reactor: Any, pid: int) -> None:
        self.reactor = reactor
        self.pid: int | None = pid
        self.said: dict[int, bytes] = {}
        self.signals: list[str] = []
        self.closed = False

    def writeToChild(self, childFD: int, data: bytes) -> None:
        if self.closed:
            raise KeyError(childFD)
        self.said[childFD] = self.said.get(childFD, b"") + data

    def signalProcess(self, name: str) -> None:
        self.signals.append(name)

    def loseConnection(self) -> None:
        self.closed = True

    @property
    def words(self) -> list[str]:
        """What was said to it behind its task."""
        return self.said.get(0, b"").decode().splitlines()[1:]


class Reactor(MemoryReactorClock):
    """Starts processes that are none.

    @ivar spawned: the protocol of each with what C{spawnProcess} was told.
    @ivar failing: no more can be started.
    """

    def __init__(self) -> None:
        super().__init__()
        self.spawned: list[tuple[Any, dict[str, Any]]] = []
        self.failing = False

    def spawnProcess(
        self, protocol: Any, executable: str, args: Any, **more: Any
    ) -> Any:
        if self.failing:
            raise OSError(11, "Resource temporarily unavailable")
        self.spawned.append((protocol, {"args": args, **more}))
        transport: Any = Transport(self, 1000 + len(self.spawned))
        protocol.makeConnection(transport)
        return transport

    @property
    def channels(self) -> list[Any]:
        """The protocols of all that were started."""
        return [protocol for protocol, _ in self.spawned]


def taskOf(number: int = 1, channel: int = 3) -> Task:
    return Task(number, 2, "echo", [], "some.reactor", [], ".", None, channel)


def tell(channel: Any, text: str) -> None:
    """A line from a worker."""
    channel.childDataReceived(channel.task.channel, text.encode() + b"\n")


def ready(channel: Any) -> None:
    """A worker says that it is."""
    tell(channel, '{"state": "READY=1"}')


def end(channel: Any, signal: int | None = None, status: int = 0) -> None:
    """A worker's process ends."""
    ended = ProcessTerminated(status, signal) if signal or status else ProcessDone(0)
    channel.processExited(Failure(ended))
    channel.transport.pid = None
    channel.processEnded(Failure(ended))


class Options(WorkerOptions, ListenOptions):
    defaultListen = "tcp:0:interface=127.0.0.1"
    defaultProtocol = "twisted.internet.protocol.Protocol"


class Datagrams(WorkerOptions, DatagramOptions):
    defaultListen = "udp:0:interface=127.0.0.1"
    defaultProtocol = "twisted.internet.protocol.DatagramProtocol"


class Twistd(usage.Options):
    """What C{twistd} leaves of itself in a service's options."""

    subCommand = "echo"


def parsed(*words: str, kind: Any = Options) -> Any:
    options = kind()
    options.parent = Twistd()
    options.parseOptions(list(words))
    return options
