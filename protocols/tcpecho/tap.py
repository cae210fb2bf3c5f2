"""C{twistd echo}."""

from __future__ import annotations

from typing import Any

from twisted.application.service import IService

from protocols.options import ListenOptions
from protocols.service import serveStreams
from protocols.tcpecho.protocol import EchoFactory
from protocols.workeroptions import WorkerOptions


class Options(WorkerOptions, ListenOptions):
    """Options of the TCP echo service."""

    synopsis = "[options]"
    longdesc = "Echo every octet back over TCP, TLS or UNIX sockets (RFC 862)."
    defaultListen = "tcp:7007:interface=127.0.0.1"
    defaultProtocol = "protocols.tcpecho.EchoProtocol"


def makeService(options: Any, reactor: Any = None) -> IService:
    """The echo service, from parsed L{Options}."""
    factory = EchoFactory()
    factory.protocol = options["protocol"]
    return serveStreams("echo", factory, options, reactor)
