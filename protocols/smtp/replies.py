"""What a server says: reply codes and texts (RFC 5321, section 4.2; RFC 3463). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

# RFC 5321, section 4.5.3.1.5: a reply line, with code and CRLF.
MAX_REPLY_LINE = 512
_PRINTABLE = dict.fromkeys((*range(32), 127), "?")


@dataclass(frozen=True)
class Reply:
    """One reply, of one line or more.

    @ivar code: three digits, the first of them 2 to 5.
    @ivar text: what a person reads; lines are separated by C{\\n}. Anything else
        that is not printable ASCII is said as C{?}: a reply that holds what a
        client sent must not be able to say something of its own.
    @ivar enhanced: an enhanced status code such as C{5.5.2} (RFC 3463), whose
        first digit is the code's; empty for those that have none (RFC 2034,
        section 4: the greeting, the answer to EHLO, and 3xx).
    """

    code: int
    text: str
    enhanced: str = ""

    @property
    def isError(self) -> bool:
        """Whether it is a 4xx or 5xx."""
        return self.code >= 400

    def encode(self) -> bytes:
        """As it goes over the wire, CRLF at the end of each line."""
        return self._octets

    @cached_property
    def _octets(self) -> bytes:
        """Most replies are always the same, and made once."""
        return _encoded(self)


def _encoded(reply: Reply) -> bytes:
    start = f"{reply.enhanced} " if reply.enhanced else ""
    room = MAX_REPLY_LINE - len("250-") - len(start) - len("\r\n")
    lines = [line.translate(_PRINTABLE)[:room] for line in reply.text.split("\n")]
    last = len(lines) - 1
    text = "".join(
        f"{reply.code}{' ' if number == last else '-'}{start}{line}\r\n"
        for number, line in enumerate(lines)
    )
    return text.encode("ascii", "replace")


BARE_LINE_END = Reply(501, "A line ends with CRLF; CR and LF are never alone", "5.5.2")
NOT_A_COMMAND = Reply(500, "That is not a command", "5.5.2")
LINE_TOO_LONG = Reply(500, "Line too long", "5.5.2")
UNKNOWN_COMMAND = Reply(500, "Command not known", "5.5.1")
NOT_OFFERED = Reply(502, "Command not offered here", "5.5.1")
NO_ARGUMENT_ALLOWED = Reply(501, "This command takes no argument", "5.5.4")
NOT_MAIL = Reply(554, "This is a mail server", "5.5.1")
NOT_YET_ASKED = Reply(554, "You spoke before we had answered", "5.5.0")

OK = Reply(250, "OK", "2.0.0")
SENDER_OK = Reply(250, "Sender OK", "2.1.0")
RECIPIENT_OK = Reply(250, "Recipient OK", "2.1.5")
GO_AHEAD = Reply(354, "End the message with CRLF.CRLF")
BYE = Reply(221, "Bye", "2.0.0")
READY_FOR_TLS = Reply(220, "Go ahead", "2.0.0")
LOGGED_IN = Reply(235, "Welcome", "2.7.0")
CHUNK_TAKEN = Reply(250, "Chunk OK", "2.0.0")
CANNOT_VERIFY = Reply(252, "We do not say; send, and we shall do our best", "2.1.5")

MESSAGE_TOO_LARGE = Reply(552, "Message too large", "5.3.4")
NO_ROOM = Reply(452, "No room for the message; try again later", "4.3.1")
TOO_MANY_RECIPIENTS = Reply(452, "Too many recipients; send the rest again", "4.5.3")
BAD_LINE_ENDS = Reply(550, "The message has CR or LF standing alone", "5.5.2")
TEXT_LINE_TOO_LONG = Reply(500, "The message has a line that is too long", "5.6.0")
NEEDS_SMTPUTF8 = Reply(553, "An address that is not ASCII needs SMTPUTF8", "5.6.7")

BAD_CHUNK = Reply(501, "Syntax: BDAT octets [LAST]", "5.5.4")
BINARY_NEEDS_CHUNKS = Reply(503, "BINARYMIME is sent with BDAT", "5.5.1")
NOT_ALLOWED = Reply(550, "Not from your address", "5.7.0")

TLS_IS_ON = Reply(503, "TLS is on already", "5.5.1")
TLS_FIRST = Reply(530, "Say STARTTLS first", "5.7.0")
LOGIN_FIRST = Reply(530, "Log in first (AUTH)", "5.7.0")
LOGIN_NEEDS_TLS = Reply(538, "Say STARTTLS first", "5.7.11")
LOGGED_IN_ALREADY = Reply(503, "You have logged in already", "5.5.1")
NO_MECHANISM = Reply(504, "Mechanism not known here", "5.5.4")
WRONG_LOGIN = Reply(535, "Name or password is wrong", "5.7.8")
LOGIN_CANCELLED = Reply(501, "As you like", "5.7.0")
LOGIN_MALFORMED = Reply(501, "That answer makes no sense", "5.5.2")
LOGIN_TOO_LONG = Reply(500, "Line too long", "5.5.6")
LOGIN_FAULT = Reply(454, "We can not check that now; try again later", "4.7.0")
TOO_MANY_LOGINS = Reply(421, "Too many failed logins", "4.7.0")
LOGINS_PAUSED = Reply(454, "Too many failed logins; try again later", "4.7.0")

TEMPORARY_FAILURE = Reply(451, "We have a problem; try again later", "4.3.0")
TOO_MANY_ERRORS = Reply(421, "Too many errors", "4.7.0")
TOO_MUCH_TALK = Reply(421, "Too many commands and no mail", "4.7.0")
TOO_SLOW = Reply(421, "Too slow", "4.4.2")
STOPPING = Reply(421, "The server is stopping; try again later", "4.3.2")
LOST_COUNT = Reply(421, "It is not clear where that chunk ends", "4.7.0")
ENDLESS = Reply(421, "Too much", "4.7.0")
