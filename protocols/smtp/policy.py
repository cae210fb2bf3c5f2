"""The limits of a mail receiver, and where they are from. Pure."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

# Octets of a message: aiosmtpd's default as well. Postfix has 10,240,000.
MAX_SIZE = 33_554_432

# RFC 5321, section 4.5.3.1.8, wants 100 at least; Postfix takes 1,000.
MAX_RECIPIENTS = 1000

# RFC 5321, section 4.5.3.1.4: a command with CRLF. MAIL and RCPT may be longer
# by what extensions add (section 4.1.1.11; RFC 1870, RFC 6152, RFC 6531).
MAX_COMMAND = 512
MAX_EXTENDED_COMMAND = 1000

# RFC 4954, section 4: AUTH and the answers that follow it, with CRLF.
MAX_AUTH_LINE = 12_288

# Octets of a command without end that are thrown away before we hang up.
MAX_SKIPPED = 65536

# RFC 5321, section 4.5.3.1.6: a line of text with CRLF.
MAX_TEXT_LINE = 1000

# Postfix hangs up at 20 errors (smtpd_hard_error_limit) and counts commands
# that bring no mail from 100 on (smtpd_junk_command_limit). A message that is
# taken makes up for both.
MAX_ERRORS = 15
MAX_JUNK = 100

# RFC 5321, section 4.5.3.2.7: seconds to wait for a command.
COMMAND_TIMEOUT = 300.0

# Octets a second, over each of these seconds, below which DATA is given up
# (Postfix: smtpd_min_data_rate); and seconds for the whole of it.
MIN_RATE = 500
RATE_WINDOW = 60.0
DATA_TIMEOUT = 3600.0

# Seconds for a client to finish the handshake of TLS: a second or two is usual,
# and nothing can be said to it meanwhile.
HANDSHAKE_TIMEOUT = 20.0

# Failed logins in a connection: three tries are what a person needs.
MAX_FAILED_LOGINS = 3

LINE_ENDINGS = ("strict", "record")


class PolicyError(ValueError):
    """A policy that can't be; the message says why."""


@dataclass(frozen=True)
class Policy:
    """What a receiver takes.

    @param hostname: the name that it gives itself.
    @param maxSize: octets of a message, 1 or more.
    @param maxRecipients: of a message, 100 or more (RFC 5321, 4.5.3.1.8).
    @param lineEndings: C{strict} refuses a message with a CR or LF that stands
        alone or with a line over 1000 octets; C{record} takes it as it is and
        notes what was wrong. The end of a message is CRLF.CRLF in both.
    @param requireTLS: no mail without TLS (RFC 3207, section 4).
    @param requireLogin: no mail without a login (RFC 4954, section 6).
    @param loginInClear: logins are offered without TLS too (RFC 4954, section 4,
        forbids that for passwords in clear).
    @raise PolicyError: one of them can't be.
    """

    hostname: str = field(default_factory=socket.getfqdn)
    maxSize: int = MAX_SIZE
    maxRecipients: int = MAX_RECIPIENTS
    lineEndings: str = "strict"
    requireTLS: bool = False
    requireLogin: bool = False
    loginInClear: bool = False

    def __post_init__(self) -> None:
        if self.lineEndings not in LINE_ENDINGS:
            raise PolicyError(f"line endings are one of {', '.join(LINE_ENDINGS)}")
        if self.maxSize < 1 or self.maxRecipients < 100:
            raise PolicyError("a message has 1 octet, and room for 100 recipients")
        if not self.hostname.isascii() or not self.hostname.isprintable():
            raise PolicyError(f"{self.hostname!r} is no name for a host")

    @property
    def isStrict(self) -> bool:
        """Whether faults of line ends are refused."""
        return self.lineEndings == "strict"

    @property
    def maxTextLine(self) -> int:
        """Octets of a line of text; 0 for no limit."""
        return MAX_TEXT_LINE if self.isStrict else 0
