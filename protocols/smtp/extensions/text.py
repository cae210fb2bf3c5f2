"""What a message may be made of: 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531).

C{BODY} is read here for CHUNKING's BINARYMIME too (RFC 3030, section 3). Octets
are kept as they come in any case.
"""

from __future__ import annotations

from protocols.smtp.extension import Extension
from protocols.smtp.parameters import Parameter, flag, oneOf

BODIES = ("7BIT", "8BITMIME", "BINARYMIME")

EIGHTBITMIME = Extension(
    "8BITMIME", mail={"BODY": Parameter(oneOf("BODY", *BODIES), "body")}
)
UTF8 = Extension("SMTPUTF8", mail={"SMTPUTF8": Parameter(flag("SMTPUTF8"), "smtputf8")})
