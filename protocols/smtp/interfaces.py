"""How a user's code plugs into the mail receiver.

L{IDelivery} is all that is needed. The other interfaces are add-ons: a delivery
that provides one as well is asked as well. Each method may return C{None} (fine),
a L{Reply} to be sent in place of the usual one, a value of its own, or a Deferred
or coroutine of any of these; to refuse, raise L{SMTPError} or return a reply that
is an error. Any other exception is logged and answered with C{451 4.3.0}, without
a word of it. Nothing else of the client's is looked at before there is an answer.

======================  ========================================================
add-on                  is asked
======================  ========================================================
IConnectPolicy          when a client has connected, before the greeting
IHelloPolicy            at HELO, EHLO, LHLO
ILoginPolicy            when a client has proved who it is (AUTH)
ISenderPolicy           at MAIL
IRecipientPolicy        at RCPT
IContentPolicy          when a message begins, and for each piece of its content
IContentless            (nothing: it says that contents need not be kept)
IRecipientDelivery      with a whole message, for an answer to each recipient
IResetPolicy            at RSET
IQuitPolicy             at QUIT
IRoom                   at MAIL, whether there is room
IStored                 when the receiver stops
======================  ========================================================
"""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute, Interface

from protocols.smtp.message import Envelope, Message, Session
from protocols.smtp.parameters import MailParameters
from protocols.smtp.replies import Reply

__all__ = [
    "Envelope",
    "IConnectPolicy",
    "IContentPolicy",
    "IContentless",
    "IDelivery",
    "IHelloPolicy",
    "ILoginPolicy",
    "IQuitPolicy",
    "IRecipientDelivery",
    "IRecipientPolicy",
    "IResetPolicy",
    "IRoom",
    "ISenderPolicy",
    "IStored",
    "Message",
    "SMTPError",
    "Session",
]


class SMTPError(Exception):
    """A refusal, in the words of SMTP.

    @ivar reply: what the client is told.
    """

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(f"{code} {enhanced} {text}")
        self.reply = Reply(code, text, enhanced)


class IDelivery(Interface):
    """Takes messages: the one interface that a receiver needs."""

    def messageReceived(message: Message) -> Any:
        """A whole message has come.

        To return (or to fire) is to take the responsibility for it: the client
        is told 250 and forgets it (RFC 5321, section 4.2.5).

        @raise SMTPError: it is refused.
        """


class IConnectPolicy(Interface):
    """An add-on of L{IDelivery}: who may connect."""

    def validateConnection(session: Session) -> Any:
        """A client has connected; it has not been greeted yet.

        A reply that is an error is said in place of the greeting, and the
        connection ends (RFC 5321, section 3.1; 554 means no service at all).
        """


class IHelloPolicy(Interface):
    """An add-on of L{IDelivery}: who may go on."""

    def validateHello(session: Session) -> Any:
        """The client has said HELO, EHLO or LHLO."""


class ILoginPolicy(Interface):
    """An add-on of L{IDelivery}: which logins are welcome here."""

    def validateLogin(session: Session) -> Any:
        """The client is C{session.login}: its secret was right."""


class ISenderPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def validateSender(
        sender: str, session: Session, parameters: MailParameters
    ) -> Any:
        """MAIL: C{sender} is a mailbox, or empty."""


class IRecipientPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def validateRecipient(recipient: str, session: Session) -> Any:
        """RCPT: C{recipient} is a mailbox.

        A value that it returns, other than a reply, is found again in
        C{Message.resolved}: what a mailbox was found to be need not be looked up
        twice.
        """


class IContentPolicy(Interface):
    """An add-on of L{IDelivery}: to look at a message while it comes.

    A refusal is told at the end of the message, once; nothing of it is kept from
    then on.
    """

    def contentBegan(session: Session, envelope: Envelope) -> Any:
        """DATA, or the first BDAT; an error here is its answer, and no content
        follows.
        """

    def chunkReceived(session: Session, chunk: bytes) -> Any:
        """More of the content, un-stuffed; no cut is at any particular place.

        While a Deferred waits, nothing more is read from the client.
        """


class IRecipientDelivery(Interface):
    """An add-on of L{IDelivery}: for LMTP, an answer to each recipient.

    Without it the answer of C{messageReceived} counts for each of them.
    """

    def messageReceivedForEach(message: Message) -> Any:
        """A whole message has come over LMTP (RFC 2033, section 4.2).

        @return: for each recipient, in their order, C{None}, a L{Reply} or an
            L{SMTPError}; or a Deferred or coroutine of that sequence.
        """


class IResetPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def transactionReset(session: Session) -> Any:
        """RSET has come; a reply may be said in place of 250."""


class IQuitPolicy(Interface):
    """An add-on of L{IDelivery}."""

    def clientQuit(session: Session) -> Any:
        """QUIT has come; a reply may be said in place of 221."""


class IContentless(Interface):
    """An add-on of L{IDelivery}, without methods: it has no use for contents.

    They are checked and measured as ever, and shown to an L{IContentPolicy}, but
    not kept: C{Message.content} is empty.
    """


class IRoom(Interface):
    """An add-on of L{IDelivery}: a store that may be full."""

    def hasRoom(octets: int) -> bool:
        """Whether a message of C{octets} would find room now; 0 for one whose
        size is not known. Asked at MAIL (RFC 1870, section 6.1): quick, please.
        """


class IStored(Interface):
    """An add-on of L{IDelivery}: it holds something that has to be closed."""

    closed = Attribute("Whether it has been closed.")

    def close() -> Any:
        """Write down what is pending; C{None} or a Deferred."""
