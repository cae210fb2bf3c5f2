"""Which add-ons a delivery has, looked up once for all connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocols.smtp import interfaces

Hook = Callable[..., Any]

_METHODS: dict[str, Any] = {
    "validateConnection": interfaces.IConnectPolicy,
    "validateHello": interfaces.IHelloPolicy,
    "validateLogin": interfaces.ILoginPolicy,
    "validateSender": interfaces.ISenderPolicy,
    "validateRecipient": interfaces.IRecipientPolicy,
    "contentBegan": interfaces.IContentPolicy,
    "chunkReceived": interfaces.IContentPolicy,
    "messageReceivedForEach": interfaces.IRecipientDelivery,
    "transactionReset": interfaces.IResetPolicy,
    "clientQuit": interfaces.IQuitPolicy,
}


class Asked:
    """What a delivery is asked, and what is fine because it does not care.

    A class of its own, and not the delivery itself, so that each question costs
    a call and no search for an interface.

    @ivar observesContent: whether it wants to see each piece of a message.
    @ivar keepsContent: whether it wants the content of a whole message.
    @ivar answersForEach: whether it answers LMTP for each recipient.
    """

    validateConnection: Hook
    validateHello: Hook
    validateLogin: Hook
    validateSender: Hook
    validateRecipient: Hook
    contentBegan: Hook
    chunkReceived: Hook
    messageReceivedForEach: Hook
    transactionReset: Hook
    clientQuit: Hook
    hasRoom: Callable[[int], bool]

    def __init__(self, delivery: Any) -> None:
        for name, interface in _METHODS.items():
            provided = interface.providedBy(delivery)
            setattr(self, name, getattr(delivery, name) if provided else _fine)
        self.keepsContent = not interfaces.IContentless.providedBy(delivery)
        room = interfaces.IRoom.providedBy(delivery)
        self.hasRoom = delivery.hasRoom if room else _always
        self.observesContent = interfaces.IContentPolicy.providedBy(delivery)
        self.answersForEach = interfaces.IRecipientDelivery.providedBy(delivery)


def _fine(*args: object) -> None:
    return None


def _always(octets: int) -> bool:
    return True
