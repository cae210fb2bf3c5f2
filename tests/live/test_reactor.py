"""The whole wiring on the real reactor, and our clients: a thin layer.

These are functions for pytest-twisted, so trial does not collect them; what trial and
pytest can both run is elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest_twisted

from protocols.connecting import withTimeout
from protocols.service import StreamService
from protocols.smtp import MemoryDelivery, SMTPFactory
from protocols.tcpecho import EchoClient, EchoFactory

TIMEOUT = 20
LISTEN = ["tcp:0:interface=127.0.0.1"]


def serve(name: str, factory: Any) -> tuple[Any, StreamService, tuple[str, int]]:
    """A service that runs, and where."""
    from twisted.internet import reactor

    service = StreamService(name, factory, LISTEN, reactor=reactor)
    service.startService()
    where = service.ports[0].getHost()
    return reactor, service, (where.host, where.port)


@pytest_twisted.ensureDeferred
async def test_echo() -> None:
    """Served, echoed, drained; and the metrics say so."""
    reactor, service, where = serve("echo", EchoFactory())

    async def talk() -> bytes:
        async with EchoClient(reactor, [where]) as client:
            return await client.echo(b"x" * 1_000_000)

    back = await withTimeout(reactor, TIMEOUT, talk(), "the echo")
    assert back == b"x" * 1_000_000
    await withTimeout(reactor, TIMEOUT, service.stopService(), "the drain")
    counters: Any = service.snapshot()["counters"]
    assert (counters["accepted"], counters["bytesIn"]) == (1, 1_000_000)


@pytest_twisted.ensureDeferred
async def test_mail() -> None:
    """A message arrives octet for octet through Twisted's own sender."""
    from protocols.smtp.client import sendMail

    delivery = MemoryDelivery()
    reactor, service, where = serve(
        "smtp", SMTPFactory(delivery, hostname="mx.example")
    )
    content = b"Subject: t\r\n\r\n.dots\r\n"
    sending = sendMail(reactor, [where], "a@x.example", ["b@y.example"], content)
    assert await withTimeout(reactor, TIMEOUT, sending, "the mail") == 1
    await withTimeout(reactor, TIMEOUT, service.stopService(), "the drain")
    assert [message.content for message in delivery.messages] == [content]
