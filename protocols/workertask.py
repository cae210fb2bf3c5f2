"""What a worker is told when it is started: which one it is, and what it serves.

Pure. It travels as one line of JSON, over the worker's standard input: other
than command lines, which may hold the password of a database, that line is
nobody else's to read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

# The first descriptor behind the three standard ones, and so the first that
# systemd passes: SD_LISTEN_FDS_START of sd_listen_fds(3).
FIRST_DESCRIPTOR = 3

# What is said to a worker, one word a line. Its end is told by the end of the
# pipe: nobody is there any more who could say a word.
DRAIN, ABORT, RELOAD, METRICS = "drain", "abort", "reload", "metrics"


@dataclass(frozen=True)
class Task:
    """A worker's task.

    @ivar number: which worker it is, from 1.
    @ivar count: how many there are.
    @ivar tapname: of the C{IServiceMaker} whose service it runs.
    @ivar arguments: the command line of that service.
    @ivar reactor: dotted name of the module whose C{install} makes the reactor.
    @ivar path: where Python looks for modules.
    @ivar folder: what file names on the command line are relative to; C{twistd} may
        have gone elsewhere since.
    @ivar pythonPath: what the environment had of that name; for those whom the
        service starts.
    @ivar channel: the descriptor to tell the first process on.
    @ivar sockets: descriptors of listening sockets by key (L{tcpKey} and so on),
        in the order in which they are asked for.
    @ivar systemd: names of the sockets from systemd, which lie from
        L{FIRST_DESCRIPTOR} on.
    """

    number: int
    count: int
    tapname: str
    arguments: list[str]
    reactor: str
    path: list[str]
    folder: str
    pythonPath: str | None
    channel: int
    sockets: dict[str, list[int]] = field(default_factory=dict)
    systemd: list[str] = field(default_factory=list)

    def toLine(self) -> bytes:
        """The task as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def fromLine(cls, line: bytes) -> Task:
        """The task that L{toLine} made a line of.

        @raise ValueError: it is none.
        """
        return cls(**json.loads(line))


def tcpKey(port: object, interface: str) -> str:
    """How a TCP port is called, as it was asked for."""
    return f"tcp {port} {interface}"


def udpKey(port: object, interface: str) -> str:
    """How a UDP port is called, as it was asked for."""
    return f"udp {port} {interface}"


def unixKey(address: object) -> str:
    """How a UNIX socket is called."""
    return f"unix {address!r}"
