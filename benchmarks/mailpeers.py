"""The mail receivers in Python, to be run: C{python mailpeers.py NAME PORT [--gaps]}.

Each takes all mail and keeps none, and runs until it is killed. With C{--gaps} it
prints when its event loop did nothing else for long: a line for each time, of the
moment (C{time.perf_counter}) and the seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

HOST = "127.0.0.1"
NAME = "mx.example"

# Seconds between two looks at the clock; and from what on a gap is told.
TICK = 0.001
GAP = 0.002


class Gaps:
    """Asks an event loop to be called again and again, and tells when it was late."""

    def __init__(self, callLater: Callable[[float, Callable[[], None]], Any]) -> None:
        self._callLater = callLater
        self._last = time.perf_counter()

    def tick(self) -> None:
        """Look at the clock."""
        now = time.perf_counter()
        late = now - self._last - TICK
        if late > GAP:
            print(now, late, flush=True)
        self._last = now
        self._callLater(TICK, self.tick)


def ours(port: int, gaps: bool, store: str = "discard") -> None:
    """What C{twistd smtp} serves."""
    from twisted.internet import reactor

    from protocols.smtp.tap import Options, makeService

    options = Options()
    listen = f"--listen=tcp:{port}:interface={HOST}"
    options.parseOptions([listen, f"--store={store}", f"--hostname={NAME}"])
    service: Any = makeService(options)
    service.privilegedStartService()
    service.startService()
    _run(reactor, gaps)


def twistedMail(port: int, gaps: bool) -> None:
    """C{twisted.mail}'s ESMTP, with a delivery that does nothing."""
    from twisted.internet import reactor
    from twisted.internet.defer import succeed
    from twisted.internet.protocol import Factory
    from twisted.mail.smtp import ESMTP, IMessage, IMessageDelivery
    from zope.interface import implementer

    @implementer(IMessage)
    class Forgotten:
        def lineReceived(self, line: bytes) -> None:
            """Nothing."""

        def eomReceived(self) -> Any:
            return succeed(None)

        def connectionLost(self) -> None:
            """Nothing."""

    @implementer(IMessageDelivery)
    class Delivery:
        def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:
            return b""

        def validateFrom(self, helo: Any, origin: Any) -> Any:
            return origin

        def validateTo(self, user: Any) -> Any:
            return Forgotten

    def protocol() -> ESMTP:
        made = ESMTP()
        made.host = NAME.encode()
        made.delivery = Delivery()
        return made

    listen: Any = reactor
    listen.listenTCP(port, Factory.forProtocol(protocol), 128, HOST)
    _run(reactor, gaps)


def aiosmtpd(port: int, gaps: bool) -> None:
    """aiosmtpd by its own controller, as its documentation starts it."""
    from aiosmtpd.controller import Controller

    class Discarding:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            return "250 OK"

    controller = Controller(
        Discarding(), hostname=HOST, port=port, server_hostname=NAME
    )
    controller.start()
    if gaps:
        loop = controller.loop
        loop.call_soon_threadsafe(Gaps(loop.call_later).tick)
    Event().wait()


def _run(reactor: Any, gaps: bool) -> None:
    if gaps:
        reactor.callWhenRunning(Gaps(reactor.callLater).tick)
    reactor.run()


PEERS: dict[str, Callable[..., None]] = {
    "ours": ours,
    "twisted.mail": twistedMail,
    "aiosmtpd": aiosmtpd,
}

if __name__ == "__main__":
    peer, port, *more = sys.argv[1:]
    flags = [word for word in more if word.startswith("--")]
    PEERS[peer](
        int(port), "--gaps" in flags, *(word for word in more if word not in flags)
    )
