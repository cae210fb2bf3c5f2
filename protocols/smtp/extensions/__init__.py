"""The service extensions (RFC 5321, section 2.2), each a module to be read alone."""

from __future__ import annotations

from protocols.smtp.extension import Extension
from protocols.smtp.extensions.auth import AUTH
from protocols.smtp.extensions.chunking import BINARYMIME, CHUNKING
from protocols.smtp.extensions.dsn import DSN
from protocols.smtp.extensions.limits import LIMITS
from protocols.smtp.extensions.requiretls import REQUIRETLS
from protocols.smtp.extensions.size import SIZE
from protocols.smtp.extensions.starttls import STARTTLS
from protocols.smtp.extensions.text import EIGHTBITMIME, UTF8

# RFC 2920: what it asks of a server, the floor does for every command.
PIPELINING = Extension("PIPELINING")
# RFC 2034: every reply here has one.
ENHANCEDSTATUSCODES = Extension("ENHANCEDSTATUSCODES")
HELP = Extension("HELP")

STANDARD = (
    *(PIPELINING, SIZE, EIGHTBITMIME, UTF8, ENHANCEDSTATUSCODES),
    *(CHUNKING, BINARYMIME, DSN, LIMITS, STARTTLS, REQUIRETLS, AUTH, HELP),
)
