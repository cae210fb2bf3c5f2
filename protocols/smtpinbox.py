"""An inbox for tests of programs that send mail: to wait, and not to sleep.

With pytest, the fixture C{smtpInbox} is one of these; elsewhere::

    with SMTPInbox() as inbox:
        sendWelcome("ann@y.example", server=inbox.host, port=inbox.port)
        mail = inbox.waitFor(to="ann@y.example", subject="welcome")
        assert "Hello Ann" in mail.text
"""

from __future__ import annotations

from contextlib import ExitStack
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any

from protocols.sasl import AnyChecker, Authenticator, portalFor
from protocols.smtp.delivery import MemoryDelivery
from protocols.smtp.factory import SMTPFactory
from protocols.smtp.faults import FaultRules
from protocols.smtp.faulty import FaultyProtocol
from protocols.smtp.reading import Query, Stored
from protocols.smtp.waiting import NothingCameError, waitForMail
from protocols.testing.threads import LISTEN, runningInThread

__all__ = ["NothingCameError", "ReceivedMessage", "SMTPInbox"]

# Seconds: a program that sends mail does so at once or not at all.
TIMEOUT = 5.0
# Seconds more than that for the thread to answer.
_GRACE = 5.0


class ReceivedMessage:
    """A message that has come.

    @ivar id: its number; a later one has a higher number.
    @ivar sender: of the envelope; empty for a bounce.
    @ivar recipients: of the envelope.
    @ivar subject: decoded.
    @ivar login: as whom the client had logged in; or empty.
    @ivar content: octet for octet as it came.
    """

    def __init__(self, stored: Stored, content: bytes) -> None:
        self.id = stored.id
        self.envelope = stored.envelope
        self.sender = stored.envelope.sender
        self.recipients = stored.envelope.recipients
        self.login = stored.envelope.login
        self.subject = stored.subject
        self.content = content

    def __repr__(self) -> str:
        return f"<mail {self.id} to {', '.join(self.recipients)}: {self.subject!r}>"

    @property
    def parsed(self) -> EmailMessage:
        """The content, parsed by the standard library."""
        return message_from_bytes(self.content, policy=default)

    @property
    def text(self) -> str:
        """What a person reads: the plain text, or else the HTML; empty without.

        Lines end with LF, as they do in Python.
        """
        body = self.parsed.get_body(("plain", "html"))
        text = "" if body is None else str(body.get_content())
        return text.replace("\r\n", "\n")


class SMTPInbox:
    """A mail receiver in a thread, with what it has received.

    It takes any login and offers logins in the clear, and it takes messages with
    odd line ends as they are.

    @param listen: a server endpoint string; a free port of 127.0.0.1 by default.
    @ivar host: the address that it listens on.
    @ivar port: and the port.
    """

    host = ""
    port = 0

    def __init__(self, listen: str = LISTEN, **limits: Any) -> None:
        self._listen = listen
        self._delivery = MemoryDelivery()
        limits = {"lineEndings": "record", "loginInClear": True, **limits}
        self._factory = SMTPFactory(
            self._delivery,
            hostname="localhost",
            authenticator=Authenticator(portalFor(AnyChecker())),
            **limits,
        )
        self._factory.protocol = FaultyProtocol
        self._factory.faults = FaultRules()
        self._running = ExitStack()

    def __enter__(self) -> SMTPInbox:
        running = runningInThread(self._factory, self._listen)
        self._server = self._running.enter_context(running)
        self.host, self.port = self._server.host, self._server.port
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._running.close()

    @property
    def messages(self) -> list[ReceivedMessage]:
        """All that has come, oldest first."""
        found: list[ReceivedMessage] = self._server.call(self._read)
        return found

    @property
    def count(self) -> int:
        """How many have come."""
        return len(self.messages)

    def waitFor(
        self,
        *,
        to: str | None = None,
        sender: str | None = None,
        subject: str | None = None,
        after: int = 0,
        timeout: float = TIMEOUT,
    ) -> ReceivedMessage:
        """The first message that is all of this; returns as soon as it is there.

        @param to: a recipient; C{*} and C{?} stand for others.
        @param sender: the sender, likewise.
        @param subject: is somewhere in the subject; small and capital letters are
            alike.
        @param after: the C{id} of a message that it came behind.
        @param timeout: in seconds.
        @raise NothingCameError: none has come; the text tells what came instead.
        """
        query = Query(to, sender, subject, None, after)
        limit = timeout + _GRACE
        found: ReceivedMessage
        found = self._server.call(self._waitFor, query, timeout, timeout=limit)
        return found

    def clear(self) -> None:
        """Forget all that has come."""
        self._server.call(self._delivery.clear)

    def inject(self, *rules: str, seed: int = 0) -> None:
        """Have faults from now on; without a rule, none.

        @param rules: as in L{protocols.smtp.faults}, such as
            C{'RCPT reply="451 4.3.0 later" times=1'}.
        @raise protocols.smtp.faults.FaultError: one is none.
        """
        self._factory.faults = FaultRules.fromTexts(rules, seed)

    def _read(self) -> list[ReceivedMessage]:
        return [self._received(stored) for stored in self._delivery.find()]

    def _received(self, stored: Stored) -> ReceivedMessage:
        with self._delivery.open(stored.id) as file:
            return ReceivedMessage(stored, file.read())

    async def _waitFor(self, query: Query, timeout: float) -> ReceivedMessage:
        reactor = self._server.reactor
        stored = await waitForMail(self._delivery, query, reactor, timeout)
        return self._received(stored)
