"""What a receiver knows of a client and of its message."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from protocols.smtp.parameters import MailParameters, RecipientParameters


@dataclass(frozen=True, slots=True)
class Session:
    """A connection to the receiver.

    @ivar peer: the client's address; empty for a UNIX socket.
    @ivar helo: the name that it gave itself, unverified.
    @ivar extended: whether it said EHLO (or LHLO).
    @ivar listener: where it reached us: C{127.0.0.1:7025}, C{[::1]:7025}, or the
        path of a UNIX socket.
    @ivar tls: the version of TLS that is spoken, such as C{TLSv1.3}; or empty.
    @ivar login: as whom it has logged in; or empty.
    @ivar lmtp: whether it speaks LMTP (RFC 2033).
    """

    peer: str = ""
    helo: str = ""
    extended: bool = False
    listener: str = ""
    tls: str = ""
    login: str = ""
    lmtp: bool = False

    @property
    def protocol(self) -> str:
        """How mail comes, in the words of a Received line (RFC 3848)."""
        if not self.extended:
            return "SMTP"
        name = "LMTP" if self.lmtp else "ESMTP"
        return name + "S" * bool(self.tls) + "A" * bool(self.login)


@dataclass(frozen=True)
class Envelope:
    """Who sends a message to whom.

    @ivar sender: the reverse path's mailbox; empty for a bounce.
    @ivar recipients: the mailboxes that were accepted, in order.
    @ivar peer: the client's address.
    @ivar helo: the name that it gave itself.
    @ivar parameters: what MAIL said beside the sender.
    @ivar receivedAt: seconds since 1970, when the last octet had come.
    @ivar recipientParameters: what RCPT said beside each recipient, in order;
        empty if it said nothing of any.
    @ivar login: as whom the client had logged in; or empty.
    @ivar listener: where the client reached us, as in L{Session}.
    @ivar protocol: how it came: C{SMTP}, C{ESMTPSA}, ... (RFC 3848).
    """

    sender: str
    recipients: tuple[str, ...]
    peer: str = ""
    helo: str = ""
    parameters: MailParameters = field(default_factory=MailParameters)
    receivedAt: float = 0.0
    recipientParameters: tuple[RecipientParameters, ...] = ()
    login: str = ""
    listener: str = ""
    protocol: str = ""


class Message:
    """An envelope and what is in it.

    It is good until the delivery's answer has been given, and closed then:
    whoever keeps it longer keeps a copy of C{content}.

    @ivar envelope: the L{Envelope}.
    @ivar size: octets of the content.
    @ivar lint: what was odd about the content and was taken all the same:
        C{nul}, C{8bit}; with C{record}ing also C{bare-cr}, C{bare-lf},
        C{long-line}, and C{path} for an address that came without brackets.
    @ivar resolved: what the recipient policy returned for each recipient that it
        took, in their order; C{None} where it returned nothing.
    """

    def __init__(
        self,
        envelope: Envelope,
        content: bytes | IO[bytes],
        *,
        size: int | None = None,
        lint: frozenset[str] = frozenset(),
        resolved: tuple[object, ...] = (),
    ) -> None:
        self.envelope = envelope
        self.lint = lint
        self.resolved = resolved
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
