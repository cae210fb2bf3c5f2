"""The options that every service has, and how their values are checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, ClassVar

from twisted.python import usage
from twisted.python.reflect import namedAny

from protocols.limits import LimitError, Limits
from protocols.listening import ListenError, datagramListen, streamEndpoint

# systemd waits 90 s for a service to stop before it kills it, and people wait
# less; connections that need longer than this are cut.
DRAIN_TIMEOUT = 10.0


@dataclass(frozen=True)
class Number:
    """Turns an option's text into a number, or says what was expected.

    @param option: its name, without dashes.
    @param unit: what is counted.
    @param least: the smallest number that is allowed.
    @param most: the largest, or C{None}.
    @param whole: whether it must be an integer.
    """

    option: str
    unit: str
    least: float = 0
    most: float | None = None
    whole: bool = True

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        kind = "a whole number" if self.whole else "a number"
        bounds = "or more" if self.most is None else f"to {self.most}"
        return f"{kind} of {self.unit}, {self.least} {bounds}"

    def __call__(self, text: object) -> float:
        """The number.

        @raise usage.UsageError: it is none, or out of range.
        """
        try:
            number = int(str(text)) if self.whole else float(str(text))
        except ValueError:
            number = float("nan")
        most = float("inf") if self.most is None else self.most
        if not self.least <= number <= most or number == float("inf"):
            raise usage.UsageError(
                f"--{self.option}: expected {self.expected}, got {str(text)!r}"
            )
        return number


_LIMIT_OPTIONS: dict[str, tuple[str, Callable[[Any], float], str]] = {
    "max-connections": (
        "maxConnections",
        Number("max-connections", "connections"),
        "Connections at the same time; 0 for no limit.",
    ),
    "max-per-peer": (
        "maxPerPeer",
        Number("max-per-peer", "connections"),
        (
            "Connections at the same time from one peer (an IPv4 address, an IPv6 "
            "/64); 0 for no limit."
        ),
    ),
    "idle-timeout": (
        "idleTimeout",
        Number("idle-timeout", "seconds", whole=False),
        (
            "Seconds without an octet either way after which a connection ends; "
            "0 for no limit."
        ),
    ),
    "lifetime": (
        "lifetime",
        Number("lifetime", "seconds", whole=False),
        "Seconds after which a connection ends in any case; 0 for no limit.",
    ),
    "accept-rate": (
        "acceptRate",
        Number("accept-rate", "connections a second", whole=False),
        (
            "Connections a second that are taken in the long run, twice as many at "
            "once; 0 for no limit."
        ),
    ),
}


_DEFAULTS = Limits()


class SharedOptions(usage.Options):
    """What stream and datagram services have in common.

    @cvar defaultListen: the description to listen on when none is given.
    @cvar defaultProtocol: dotted name of the protocol to serve.
    @cvar repeatable: the help of options that may be given more than once.
    """

    repeatable: ClassVar[dict[str, str]] = {}

    defaultListen: ClassVar[str]
    defaultProtocol: ClassVar[str]

    optParameters: ClassVar[list[Any]] = [
        [
            "protocol",
            None,
            None,
            (
                "Dotted name of the protocol class to serve, such as a subclass of "
                "yours; default: the service's own."
            ),
        ],
        [
            "drain-timeout",
            None,
            DRAIN_TIMEOUT,
            "Seconds that connections have to end by themselves when the server stops.",
            Number("drain-timeout", "seconds", whole=False),
        ],
        [
            "log-json",
            None,
            None,
            (
                "Write log events to this file, one JSON object a line; - is standard "
                "output."
            ),
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []
        self.defaults["listen"] = self.defaultListen
        self.docs.update(self.repeatable)

    def opt_listen(self, description: str) -> None:
        """Where to listen; repeatable."""
        self["listen"].append(description)

    def postOptions(self) -> None:
        """Check what can be checked before anything runs.

        @raise usage.UsageError: the message names the option and quotes what
            was wrong with it.
        """
        self["listen"] = self["listen"] or [self.defaultListen]
        for description in self["listen"]:
            try:
                self.checkListen(description)
            except ListenError as error:
                raise usage.UsageError(f"--listen: {error}") from None
        self["protocol"] = self._named(self["protocol"] or self.defaultProtocol)

    def checkListen(self, description: str) -> None:
        """Raise L{ListenError} for a description that can't be."""
        raise NotImplementedError

    def _named(self, name: object) -> Any:
        if not isinstance(name, str):
            return name
        try:
            found = namedAny(name)
        except Exception as error:  # noqa: BLE001 - importing may raise anything
            raise usage.UsageError(f"--protocol: no {name!r}: {error}") from None
        if not callable(found):
            raise usage.UsageError(f"--protocol: {name!r} is not a class")
        return found


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise usage.UsageError(
            f"--proxy-from: expected networks in CIDR notation, such as 10.0.0.0/8, "
            f"got {text!r}"
        ) from None


class ListenOptions(SharedOptions):
    """Options of a service of streams.

    @cvar limitDefaults: a service's own defaults of limits, by option name.
    @ivar limits: the L{Limits} asked for, after parsing.
    @ivar proxies: the networks of trusted proxies, likewise.
    """

    limitDefaults: ClassVar[dict[str, float]] = {}
    repeatable: ClassVar[dict[str, str]] = {
        "listen": (
            "Endpoint to listen on, such as tcp:PORT:interface=ADDRESS, "
            "ssl:PORT:privateKey=FILE, unix:PATH or systemd:domain=INET:index=0; "
            "may be given more than once."
        ),
        "exempt": (
            "Network in CIDR notation that --max-per-peer does not count, such as "
            "127.0.0.0/8; may be given more than once."
        ),
        "proxy-from": (
            "Network in CIDR notation whose connections begin with a header of the "
            "PROXY protocol, which says whose they are; may be given more than once."
        ),
    }
    limits: Limits
    proxies: tuple[IPv4Network | IPv6Network, ...]
    optParameters: ClassVar[list[Any]] = [
        [option, None, getattr(_DEFAULTS, field), text, coerce]
        for option, (field, coerce, text) in _LIMIT_OPTIONS.items()
    ]

    def __init__(self) -> None:
        super().__init__()
        self["exempt"] = []
        self["proxy-from"] = []
        self.defaults.update(self.limitDefaults)
        self.update(self.limitDefaults)

    def opt_exempt(self, network: str) -> None:
        """A network that --max-per-peer does not count; repeatable."""
        self["exempt"].append(network)

    def opt_proxy_from(self, network: str) -> None:
        """A network of proxies; repeatable."""
        self["proxy-from"].append(network)

    def postOptions(self) -> None:
        """Check, and make L{limits}."""
        super().postOptions()
        self.proxies = tuple(map(_network, self["proxy-from"]))
        numbers = {
            field: self[option] for option, (field, _, _) in _LIMIT_OPTIONS.items()
        }
        try:
            self.limits = Limits(**numbers, exempt=tuple(self["exempt"]))
        except LimitError as error:
            raise usage.UsageError(f"--{error}, got {self['exempt']}") from None

    def checkListen(self, description: str) -> None:
        """It must be a server endpoint string of Twisted's."""
        streamEndpoint(None, description)


class DatagramOptions(SharedOptions):
    """Options of a service of datagrams."""

    repeatable: ClassVar[dict[str, str]] = {
        "listen": (
            "Where to listen: udp:PORT:interface=ADDRESS, or "
            "systemd:domain=INET:index=0 for an inherited socket; may be given "
            "more than once."
        ),
    }

    def checkListen(self, description: str) -> None:
        """It must be of the form C{udp:PORT:interface=ADDRESS}."""
        datagramListen(description)
