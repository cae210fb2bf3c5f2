"""To send a message with C{await}, through Twisted's own SMTP client."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.mail.smtp import ESMTPSenderFactory, SMTPClientError

from protocols.connecting import (
    ATTEMPTS,
    BACKOFF,
    CONNECT_TIMEOUT,
    MAX_BACKOFF,
    Address,
    ConnectFailedError,
    ReplyTimeoutError,
    connectAny,
    waits,
    withTimeout,
)

# Seconds for a whole message. RFC 5321, section 4.5.3.2, has minutes for each of
# its steps, because a relay can wait; who awaits the result can't.
SEND_TIMEOUT = 60.0


class MailRefusedError(Exception):
    """The server refused the message.

    @ivar code: its reply code; -1 when the server spoke no SMTP, or left.
    @ivar text: what it said.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text

    @property
    def isTemporary(self) -> bool:
        """Whether to try again may help: 4xx, and a server that left."""
        return not 500 <= self.code < 600


async def sendMail(
    reactor: Any,
    servers: Sequence[Address],
    sender: str,
    recipients: Sequence[str],
    content: bytes,
    *,
    timeout: float = SEND_TIMEOUT,
    connectTimeout: float = CONNECT_TIMEOUT,
    attempts: int = ATTEMPTS,
    backoff: float = BACKOFF,
    jitter: Callable[[], float] = random.random,
) -> int:
    """Send one message to the first server that answers.

    @param servers: hosts with ports, or client endpoints.
    @param sender: the sender's mailbox; empty for a bounce.
    @param recipients: their mailboxes, one or more.
    @param content: headers and body; lines end with CRLF or LF, and go out with
        CRLF.
    @param timeout: seconds for the message, once connected.
    @param connectTimeout: seconds for each attempt to connect.
    @param attempts: how often, 1 or more, with a random wait between that grows.
    @return: how many recipients were accepted.
    @raise MailRefusedError: the server refused it for good, or each time.
    @raise ConnectFailedError: no server could be reached.
    @raise ReplyTimeoutError: it took too long, each time.
    """
    last: Exception = ValueError("there is an attempt at least")
    pauses = waits(backoff, MAX_BACKOFF, jitter)
    for pause in [0.0, *islice(pauses, attempts - 1)][:attempts]:
        if pause:
            await deferLater(reactor, pause)
        try:
            return await _sendOnce(
                reactor, servers, (sender, recipients, content), timeout, connectTimeout
            )
        except (MailRefusedError, ConnectFailedError, ReplyTimeoutError) as error:
            last = error
            if isinstance(error, MailRefusedError) and not error.isTemporary:
                raise
    raise last


async def _sendOnce(
    reactor: Any,
    servers: Sequence[Address],
    mail: tuple[str, Sequence[str], bytes],
    timeout: float,
    connectTimeout: float,
) -> int:
    sender, recipients, content = mail
    sent: Deferred[Any] = Deferred()
    factory = ESMTPSenderFactory(
        None,
        None,
        sender,
        list(recipients),
        # Twisted's sender makes CRLF of each LF: it wants lines as files have them.
        BytesIO(content.replace(b"\r\n", b"\n")),
        sent,
        retries=0,
        requireAuthentication=False,
        requireTransportSecurity=False,
    )
    protocol = await connectAny(
        reactor, factory, servers, connectTimeout=connectTimeout, attempts=1
    )
    try:
        accepted, _ = await withTimeout(reactor, timeout, sent, "the mail's reply")
    except SMTPClientError as error:
        raise MailRefusedError(error.code, _text(error.resp)) from error
    finally:
        protocol.transport.abortConnection()
    number: int = accepted
    return number


def _text(said: object) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
