"""C{twistd chat}."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.application.service import IService
from twisted.python import usage

from protocols.chat.messages import readable
from protocols.chat.names import NameRefusedError, checkRoom
from protocols.chat.protocol import ChatFactory
from protocols.options import ListenOptions
from protocols.service import serveStreams


class Options(ListenOptions):
    """Options of the chat."""

    synopsis = "[options]"
    longdesc = "A chat with rooms, for nc and telnet."
    defaultListen = "tcp:7023:interface=127.0.0.1"
    defaultProtocol = "protocols.chat.ChatProtocol"
    # People are quiet for hours; whether they are still there, keepalive finds.
    limitDefaults: ClassVar[dict[str, float]] = {
        "max-per-peer": 16,
        "idle-timeout": 0,
    }
    optParameters: ClassVar[list[Any]] = [
        ["greeting", None, "Welcome.", "The first line that somebody is told."],
        ["room", None, "#lobby", "The room that everybody enters first."],
    ]

    def postOptions(self) -> None:
        """Check."""
        super().postOptions()
        self["greeting"] = readable(self["greeting"].encode())
        try:
            self["room"] = checkRoom(self["room"])
        except NameRefusedError as error:
            raise usage.UsageError(f"--room {self['room']!r}: {error}") from None


def makeService(options: Any, reactor: Any = None) -> IService:
    """The chat service, from parsed L{Options}."""
    factory = ChatFactory(greeting=options["greeting"], firstRoom=options["room"])
    factory.protocol = options["protocol"]
    return serveStreams("chat", factory, options, reactor)
