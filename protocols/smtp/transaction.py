"""What a client may say when: the rules of a mail transaction. Pure.

RFC 5321, section 4.1.4, as a table. A session is in one of these states, and each
command names those in which it may come; in all others it is answered 503 and
nothing changes.

===========  =================================================================
state        so far
===========  =================================================================
CONNECTED    neither HELO nor EHLO
GREETED      HELO or EHLO; no transaction
SENDER       MAIL was accepted
RECIPIENTS   RCPT was accepted at least once
CHUNKS       a BDAT was accepted, and it was not the last (RFC 3030)
BROKEN       a BDAT was refused: the message can't be made whole any more
===========  =================================================================

A transaction begins with MAIL and ends with the reply to its message, with RSET,
HELO or EHLO (section 4.1.1.5), or with the connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import cast

from protocols.smtp.parameters import MailParameters, RecipientParameters
from protocols.smtp.replies import Reply

_NONE = MailParameters()
NO_PARAMETERS = RecipientParameters()
_NO_LINT: frozenset[str] = frozenset()


class State(str, Enum):
    """How far a session has come; text, because a table is looked up by it."""

    CONNECTED = "connected"
    GREETED = "greeted"
    SENDER = "sender"
    RECIPIENTS = "recipients"
    CHUNKS = "chunks"
    BROKEN = "broken"


_HELLO_FIRST = Reply(503, "Say HELO or EHLO first", "5.5.1")
_MAIL_FIRST = Reply(503, "Say MAIL first", "5.5.1")
_RCPT_FIRST = Reply(503, "Say RCPT first; nobody is to get this", "5.5.1")
_ONE_AT_A_TIME = Reply(503, "There is a sender already; RSET forgets it", "5.5.1")
_IN_CHUNKS = Reply(503, "The message is coming in chunks; RSET forgets it", "5.5.1")
_BROKEN_OFF = Reply(503, "A chunk was refused; RSET begins anew", "5.5.1")
_NOT_NOW = Reply(503, "Not while there is a sender; RSET forgets it", "5.5.1")

# Where each command is out of order, and what that is answered. What is not
# named may come at any time (section 4.1.4).
_OUT_OF_ORDER: dict[str, dict[State, Reply]] = {
    "MAIL": {
        State.CONNECTED: _HELLO_FIRST,
        State.SENDER: _ONE_AT_A_TIME,
        State.RECIPIENTS: _ONE_AT_A_TIME,
        State.CHUNKS: _ONE_AT_A_TIME,
        State.BROKEN: _ONE_AT_A_TIME,
    },
    "RCPT": {
        State.CONNECTED: _HELLO_FIRST,
        State.GREETED: _MAIL_FIRST,
        State.CHUNKS: _IN_CHUNKS,
        State.BROKEN: _BROKEN_OFF,
    },
    "DATA": {
        State.CONNECTED: _HELLO_FIRST,
        State.GREETED: _MAIL_FIRST,
        State.SENDER: _RCPT_FIRST,
        State.CHUNKS: _IN_CHUNKS,
        State.BROKEN: _BROKEN_OFF,
    },
    "BDAT": {
        State.CONNECTED: _HELLO_FIRST,
        State.GREETED: _MAIL_FIRST,
        State.SENDER: _RCPT_FIRST,
        State.BROKEN: _BROKEN_OFF,
    },
    "AUTH": {
        State.CONNECTED: _HELLO_FIRST,
        State.SENDER: _NOT_NOW,
        State.RECIPIENTS: _NOT_NOW,
        State.CHUNKS: _NOT_NOW,
        State.BROKEN: _NOT_NOW,
    },
    "STARTTLS": {State.CONNECTED: _HELLO_FIRST},
}


@dataclass(slots=True)
class Transaction:
    """The state of a session, and the envelope that it is filling.

    @ivar state: how far it has come.
    @ivar sender: the sender's mailbox.
    @ivar recipients: the recipients' mailboxes.
    @ivar parameters: what MAIL said beside the sender.
    @ivar recipientParameters: what RCPT said beside each recipient.
    @ivar resolved: what the recipient policy returned for each recipient.
    @ivar lint: what was odd about the envelope.

    Most connections are idle most of the time, so there are lists only while
    there is something to be put into them.
    """

    state: State = State.CONNECTED
    sender: str = ""
    recipients: Sequence[str] = ()
    parameters: MailParameters = _NONE
    recipientParameters: Sequence[RecipientParameters] = ()
    resolved: Sequence[object] = ()
    lint: frozenset[str] = _NO_LINT

    def outOfOrder(self, verb: str) -> Reply | None:
        """What C{verb} is answered now if it may not come; C{None} if it may."""
        return _OUT_OF_ORDER.get(verb, {}).get(self.state)

    @property
    def isOpen(self) -> bool:
        """Whether a transaction has begun."""
        return self.state not in (State.CONNECTED, State.GREETED)

    def greet(self) -> None:
        """HELO or EHLO: begin anew (section 4.1.1.1)."""
        self.state = State.GREETED
        self._forget()

    def reset(self) -> None:
        """Forget sender, recipients and parameters; HELO stays (4.1.1.5)."""
        if self.state is not State.CONNECTED:
            self.state = State.GREETED
        self._forget()

    def begin(self, sender: str, parameters: MailParameters) -> None:
        """MAIL was accepted."""
        self.state = State.SENDER
        self.sender, self.parameters = sender, parameters

    def add(
        self,
        recipient: str,
        parameters: RecipientParameters = NO_PARAMETERS,
        resolved: object = None,
    ) -> None:
        """RCPT was accepted."""
        self.state = State.RECIPIENTS
        if not self.recipients:
            self.recipients, self.recipientParameters, self.resolved = [], [], []
        for place, value in (
            (self.recipients, recipient),
            (self.recipientParameters, parameters),
            (self.resolved, resolved),
        ):
            cast("list[object]", place).append(value)

    def chunk(self) -> None:
        """BDAT was accepted."""
        self.state = State.CHUNKS

    def breakOff(self) -> None:
        """BDAT was refused; nothing but RSET mends that."""
        if self.isOpen:
            self.state = State.BROKEN

    def _forget(self) -> None:
        self.sender, self.parameters = "", _NONE
        self.recipients = self.recipientParameters = self.resolved = ()
        self.lint = _NO_LINT
