"""How a user's code plugs into the mail receiver, and what it is given.

L{IDelivery} is all that is needed. The other interfaces are add-ons: an object
that provides one as well is asked as well. Each method may return C{None} (fine),
a L{Reply} to be sent in place of the usual one, or a Deferred or coroutine of
either; to refuse, raise L{SMTPError}. Any other exception is logged and answered
with C{451 4.3.0}, without a word of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any

from zope.interface import Attribute, Interface

from protocols.smtp.parameters import MailParameters
from protocols.smtp.replies import Reply


class SMTPError(Exception):
    """A refusal, in the words of SMTP.

    @ivar reply: what the client is told.
    """

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(f"{code} {enhanced} {text}")
        self.reply = Reply(code, text, enhanced)


@dataclass(frozen=True)
class Session:
    """A connection to the receiver.

    @ivar peer: the client's address; empty for a UNIX socket.
    @ivar helo: the name that it gave itself, unverified.
    @ivar extended: whether it said EHLO.
    """

    peer: str = ""
    helo: str = ""
    extended: bool = False


@dataclass(frozen=True)
class Envelope:
    """Who sends a message to whom.

    @ivar sender: the reverse path's mailbox; empty for a bounce.
    @ivar recipients: the mailboxes that were accepted, in order.
    @ivar peer: the client's address.
    @ivar helo: the name that it gave itself.
    @ivar parameters: what MAIL said beside the sender.
    @ivar receivedAt: seconds since 1970, when the last octet had come.
    """

    sender: str
    recipients: tuple[str, ...]
    peer: str = ""
    helo: str = ""
    parameters: MailParameters = field(default_factory=MailParameters)
    receivedAt: float = 0.0


class Message:
    """An envelope and what is in it.

    It is good until the delivery's answer has been given, and closed then:
    whoever keeps it longer keeps a copy of C{content}.

    @ivar envelope: the L{Envelope}.
    @ivar size: octets of the content.
    @ivar lint: what was odd about the content and was taken all the same:
        C{nul}, C{8bit}; with C{record}ing also C{bare-cr}, C{bare-lf},
        C{long-line}.
    """

    def __init__(
        self,
        envelope: Envelope,
        content: bytes | IO[bytes],
        *,
        size: int | None = None,
        lint: frozenset[str] = frozenset(),
    ) -> None:
        self.envelope = envelope
        self.lint = lint
        self._file = BytesIO(content) if isinstance(content, bytes) else content
        self.size = len(self.content) if size is None else size

    def open(self) -> IO[bytes]:
        """The content as a file, at its beginning; the same file each time."""
        self._file.seek(0)
        return self._file

    @property
    def content(self) -> bytes:
        """The content: un-stuffed, otherwise octet for octet as it came."""
        return self.open().read()

    def close(self) -> None:
        """Let go of the content; a large one is a file."""
        self._file.close()


class IDelivery(Interface):
    """Takes messages: the one interface that a receiver needs."""

    def messageReceived(message: Message) -> Any:
        """A whole message has come.

        To return (or to fire) is to take the responsibility for it: the client
        is told 250 and forgets it (RFC 5321, section 4.2.5).

        @raise SMTPError: it is refused.
        """


class IConnectPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def validateClient(session: Session) -> Any:
        """The client has said HELO or EHLO."""


class ISenderPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def validateSender(
        sender: str, session: Session, parameters: MailParameters
    ) -> Any:
        """MAIL: C{sender} is a mailbox, or empty."""


class IRecipientPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def validateRecipient(recipient: str, session: Session) -> Any:
        """RCPT: C{recipient} is a mailbox."""


class IStored(Interface):
    """An add-on of L{IDelivery}: it holds something that has to be closed."""

    closed = Attribute("Whether it has been closed.")

    def close() -> Any:
        """Write down what is pending; C{None} or a Deferred."""
