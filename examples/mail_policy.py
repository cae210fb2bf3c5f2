"""Rung 1: a policy object, and no subclass at all.

A mail receiver that takes mail for one mailbox and prints it::

    python examples/mail_policy.py
    swaks --to tickets@example.org --server 127.0.0.1:7025
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.application.service import IService
from twisted.internet import reactor
from zope.interface import implementer

from protocols.service import StreamService
from protocols.smtp import IDelivery, Message, SMTPError, SMTPFactory
from protocols.smtp.interfaces import IRecipientPolicy, Session


@implementer(IDelivery, IRecipientPolicy)
class Tickets:
    """Mail to tickets@example.org is a ticket; there is no other mailbox."""

    def validateRecipient(self, recipient: str, session: Session) -> None:
        if recipient.lower() != "tickets@example.org":
            raise SMTPError(550, "5.1.1", "There is only tickets@example.org")

    async def messageReceived(self, message: Message) -> None:
        print(f"{message.envelope.sender}: {message.size} octets", flush=True)


def makeService(port: int, reactor: Any = reactor) -> IService:
    listen = [f"tcp:{port}:interface=127.0.0.1"]
    return StreamService("tickets", SMTPFactory(Tickets()), listen, reactor=reactor)


if __name__ == "__main__":
    makeService(int(sys.argv[1]) if sys.argv[1:] else 7025).startService()
    print("Ready.", flush=True)
    reactor.run()  # type: ignore[attr-defined]
