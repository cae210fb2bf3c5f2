"""The options of C{twistd chat}."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar

from twisted.python import usage

from protocols.chat.backplane.places import PlaceError
from protocols.chat.irc.gateways import Gateways
from protocols.chat.names import NameRefusedError, checkRoom
from protocols.chat.optiontables import IRC, KEPT, ROOMS
from protocols.chat.storeretention import Retention
from protocols.chat.storesharing import whyNotShared
from protocols.chat.text import readable
from protocols.chat.web import checkNetwork, checkOrigin
from protocols.listening import ListenError, streamEndpoint
from protocols.options import ListenOptions
from protocols.sasl import PasswordFile, PasswordFileError
from protocols.workeroptions import WorkerOptions

SECONDS_OF_A_DAY = 86_400.0

# Lines of a message of the day, and octets of one; a screenful, and what fits in
# a message of IRC.
MAX_MOTD = 100
MAX_MOTD_LINE = 400


class Options(WorkerOptions, ListenOptions):
    """Options of the chat."""

    synopsis = "[options]"
    longdesc = "A chat with rooms, for nc and telnet, and for IRC clients."
    defaultListen = "tcp:7023:interface=127.0.0.1"
    defaultProtocol = "protocols.chat.ChatProtocol"
    # People are quiet for hours; whether they are still there, keepalive finds.
    limitDefaults: ClassVar[dict[str, float]] = {
        "max-per-peer": 16,
        "idle-timeout": 0,
    }
    optParameters: ClassVar[list[Any]] = [*ROOMS, *KEPT, *IRC]
    repeatable: ClassVar[dict[str, str]] = {
        **ListenOptions.repeatable,
        "irc": (
            "Endpoint to serve IRC clients at, such as tcp:6667 or "
            "ssl:6697:privateKey=FILE; may be given more than once."
        ),
        "web": (
            "Endpoint of the page for browsers, such as tcp:8080; may be given more "
            "than once."
        ),
        "web-origin": (
            "Origin of another page that may talk here, such as "
            "https://chat.example; may be given more than once."
        ),
        "web-proxy-from": (
            "Network of proxies that say whose requests they bring "
            "(X-Forwarded-For), such as 10.0.0.0/8; may be given more than once."
        ),
        "webirc-from": (
            "Network of gateways that may say whose connection they bring (WEBIRC), "
            "such as 10.0.0.0/8; may be given more than once."
        ),
    }
    motd: tuple[str, ...] = ()
    retention: Retention
    gateways: Gateways | None = None
    origins: Sequence[str] = ()

    def __init__(self) -> None:
        super().__init__()
        for name in ("irc", "web", "web-origin", "web-proxy-from", "webirc-from"):
            self[name] = []

    def opt_irc(self, description: str) -> None:
        """Where to listen for IRC clients; repeatable."""
        self["irc"].append(description)

    def opt_web(self, description: str) -> None:
        """Where to listen for browsers; repeatable."""
        self["web"].append(description)

    def opt_web_origin(self, origin: str) -> None:
        """Another page that may talk here; repeatable."""
        self["web-origin"].append(origin)

    def opt_web_proxy_from(self, network: str) -> None:
        """A network of proxies in front of the page; repeatable."""
        try:
            self["web-proxy-from"].append(checkNetwork(network))
        except ValueError as error:
            raise usage.UsageError(f"--web-proxy-from: {error}") from None

    def opt_webirc_from(self, network: str) -> None:
        """A network of gateways; repeatable."""
        self["webirc-from"].append(network)

    def postOptions(self) -> None:
        """Check."""
        super().postOptions()
        self["greeting"] = readable(self["greeting"].encode())
        try:
            self["room"] = checkRoom(self["room"])
        except NameRefusedError as error:
            raise usage.UsageError(f"--room {self['room']!r}: {error}") from None
        self._checkBackplane()
        self.gateways = self._gateways()
        for name in ("operators", "auth"):
            self._checkPasswords(name)
        for door in ("irc", "web"):
            for description in self[door]:
                self._checkEndpoint(door, description)
        self.origins = [self._origin(each) for each in self["web-origin"]]
        self.motd = self.readMotd()
        age = self["keep-days"] * SECONDS_OF_A_DAY
        self.retention = Retention(int(self["keep-messages"]), maxAge=age)

    def _origin(self, origin: str) -> str:
        try:
            return checkOrigin(origin)
        except ValueError as error:
            raise usage.UsageError(f"--web-origin: {error}") from None

    def _checkEndpoint(self, name: str, description: str) -> None:
        try:
            streamEndpoint(None, description)
        except ListenError as error:
            raise usage.UsageError(f"--{name} {error}") from None

    def _checkBackplane(self) -> None:
        try:
            self._checkPlace() if self["backplane"] else None
        except PlaceError as error:
            raise usage.UsageError(f"--backplane: {error}") from None
        if self["workers"] > 1 and not self["backplane"]:
            raise usage.UsageError("--workers: needs a --backplane to be one chat")
        path = self["store"].removeprefix("sqlite:")
        if self["workers"] > 1 and path != "memory" and (why := whyNotShared(path)):
            raise usage.UsageError(f"--workers: --store {path}: {why}")

    def _checkPlace(self) -> None:
        """One that can't be is told here, and not by each worker."""
        from protocols.chat.backplane.opening import checkPlace

        checkPlace(self["backplane"])

    def _gateways(self) -> Gateways | None:
        networks, password = self["webirc-from"], self["webirc-password"]
        if not networks and not password:
            return None
        if not (networks and password):
            raise usage.UsageError(
                "--webirc-from and --webirc-password need each other"
            )
        try:
            return Gateways([ip_network(each) for each in networks], password)
        except ValueError as error:
            raise usage.UsageError(f"--webirc-from: {error}") from None

    def _checkPasswords(self, name: str) -> None:
        if not self[name]:
            return
        try:
            PasswordFile(self[name])
        except PasswordFileError as error:
            raise usage.UsageError(f"--{name} {error}") from None

    def readMotd(self) -> tuple[str, ...]:
        """The message of the day, in lines.

        @raise usage.UsageError: it can't be one.
        """
        if not self["motd"]:
            return ()
        try:
            lines = Path(self["motd"]).read_bytes().splitlines()
        except OSError as error:
            raise usage.UsageError(f"--motd {self['motd']}: {error.strerror}") from None
        if len(lines) > MAX_MOTD or any(len(line) > MAX_MOTD_LINE for line in lines):
            most = f"at most {MAX_MOTD} lines of {MAX_MOTD_LINE} octets"
            raise usage.UsageError(f"--motd {self['motd']}: {most}")
        return tuple(map(readable, lines))
