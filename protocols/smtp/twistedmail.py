"""Deliveries written for C{twisted.mail.smtp}, used here as they are.

Not imported by the package: Twisted's module installs the reactor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import deferLater
from twisted.mail.smtp import Address, SMTPServerError, User
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.smtp.interfaces import (
    IDelivery,
    IRecipientDelivery,
    IRecipientPolicy,
    ISenderPolicy,
    SMTPError,
)
from protocols.smtp.message import Message, Session
from protocols.smtp.parameters import MailParameters

# Octets that are cut into lines before the reactor has its turn: some
# milliseconds' worth.
PORTION = 1 << 16


@implementer(IDelivery, ISenderPolicy, IRecipientPolicy, IRecipientDelivery)
class MessageDelivery:
    """An C{IMessageDelivery} of C{twisted.mail}, as an L{IDelivery}.

    It is asked what Twisted's own server would ask it: C{validateFrom},
    C{validateTo}, C{receivedHeader}; and what C{validateTo} returned makes the
    C{IMessageSMTP} that takes the lines. A refusal that it raises
    (C{SMTPServerError} and its kind) is said with its code; anything else is
    logged and is C{451 4.3.0}. C{User.protocol} is C{None}, for the message may
    outlive the connection.

    @param delivery: the C{twisted.mail.interfaces.IMessageDelivery}.
    @param clock: an C{IReactorTime}, so that a large message does not hold up
        everybody else.
    """

    def __init__(self, delivery: Any, clock: Any) -> None:
        self._delivery = delivery
        self._clock = clock

    def validateSender(
        self, sender: str, session: Session, parameters: MailParameters
    ) -> Deferred[None]:
        """C{validateFrom}."""
        asked = _ask(self._delivery.validateFrom, _helo(session), _address(sender))
        return asked.addCallback(lambda _: None)

    def validateRecipient(self, recipient: str, session: Session) -> Deferred[Any]:
        """C{validateTo}; what it returns is kept until the message has come."""
        user = _user(recipient, session.helo, session.peer, "")
        return _ask(self._delivery.validateTo, user)

    async def messageReceived(self, message: Message) -> None:
        """To all; whoever fails makes the client send to all of them again."""
        for answer in await self.messageReceivedForEach(message):
            if answer is not None:
                raise answer

    async def messageReceivedForEach(self, message: Message) -> list[SMTPError | None]:
        """To each, in turn."""
        pairs = zip(message.envelope.recipients, message.resolved, strict=True)
        return [await self._deliver(message, to, make) for to, make in pairs]

    async def _deliver(
        self, message: Message, recipient: str, make: Any
    ) -> SMTPError | None:
        envelope = message.envelope
        helo = (envelope.helo.encode(), envelope.peer.encode())
        user = _user(recipient, envelope.helo, envelope.peer, envelope.sender)
        try:
            taker = make()
            origin = _address(envelope.sender)
            received = self._delivery.receivedHeader(helo, origin, [user])
            await self._hand(taker, received, message.open())
            await _ask(taker.eomReceived)
        except SMTPError as error:
            return error
        return None

    async def _hand(self, taker: Any, received: bytes | None, file: IO[bytes]) -> None:
        """The lines of a message, without their ends."""
        if received:
            taker.lineReceived(received)
        try:
            for lines in _portions(file):
                for line in lines:
                    taker.lineReceived(line)
                await deferLater(self._clock, 0)
        except BaseException:
            taker.connectionLost()
            raise


def _portions(file: IO[bytes]) -> Iterator[list[bytes]]:
    """Lines, as many as there are in a portion of the file."""
    rest = b""
    while portion := file.read(PORTION):
        *lines, rest = (rest + portion).split(b"\r\n")
        yield lines
    if rest:
        yield [rest]


def _ask(question: Callable[..., Any], *args: object) -> Deferred[Any]:
    """Ask, and put a refusal in our words."""
    return maybeDeferred(question, *args).addErrback(_translated)


def _translated(failure: Failure) -> Any:
    error = failure.value
    if not isinstance(error, SMTPServerError):
        return failure
    text = error.resp
    said = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    kind = error.code // 100
    raise SMTPError(error.code, f"{kind}.0.0", said)


def _helo(session: Session) -> tuple[bytes, bytes]:
    return session.helo.encode(), session.peer.encode()


def _address(mailbox: str) -> Address:
    return Address(mailbox.encode())


def _user(recipient: str, helo: str, peer: str, sender: str) -> User:
    names = (helo.encode(), peer.encode())
    return User(recipient.encode(), names, None, _address(sender))
