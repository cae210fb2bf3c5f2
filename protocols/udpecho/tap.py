"""C{twistd udpecho}."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.application.service import IService

from protocols.options import DatagramOptions, Number
from protocols.service import serveDatagrams
from protocols.udpecho.protocol import BURST, RATE
from protocols.workeroptions import WorkerOptions

_PORT = Number("allow-port", "a system port", 1, 1023)


class Options(WorkerOptions, DatagramOptions):
    """Options of the UDP echo service."""

    synopsis = "[options]"
    longdesc = "Echo every datagram back over UDP (RFC 862); no reflector."
    defaultListen = "udp:7007:interface=127.0.0.1"
    defaultProtocol = "protocols.udpecho.EchoDatagramProtocol"
    optParameters: ClassVar[list[Any]] = [
        [
            "rate",
            None,
            RATE,
            "Datagrams a second that one source is answered.",
            Number("rate", "datagrams a second", 0.001, whole=False),
        ],
        [
            "burst",
            None,
            BURST,
            "Datagrams that one source may send at once.",
            Number("burst", "datagrams", 1),
        ],
        [
            "receive-buffer",
            None,
            0,
            "Octets of the socket's receive buffer; 0 leaves the system's default.",
            Number("receive-buffer", "octets", 0, 2**31 - 1),
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self["allow-port"] = []
        self.docs["allow-port"] = (
            "Source port below 1024 that is answered all the same; may be given "
            "more than once."
        )

    def opt_allow_port(self, port: str) -> None:
        """A system port that is answered; repeatable."""
        self["allow-port"].append(int(_PORT(port)))


def makeService(options: Any, reactor: Any = None) -> IService:
    """The UDP echo service, from parsed L{Options}."""
    protocol = options["protocol"](
        rate=options["rate"],
        burst=options["burst"],
        allowedPorts=options["allow-port"],
        receiveBuffer=options["receive-buffer"],
    )
    return serveDatagrams("udpecho", protocol, options, reactor)
