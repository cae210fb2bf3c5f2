"""DSN (RFC 3461): what the sender wants to be told of, and with what words.

A receiver that relays nothing sends no notification; it keeps what was asked
beside the message, for whoever delivers it.
"""

from __future__ import annotations

import re

from protocols.smtp.extension import Extension
from protocols.smtp.parameters import (
    Parameter,
    ParameterError,
    decodeXtext,
    oneOf,
)

# Section 4.4 and section 4.2: octets of the decoded values.
MAX_ENVID = 100
MAX_ORCPT = 500

_TIMES = frozenset(("SUCCESS", "FAILURE", "DELAY"))
# Section 4.2: an address type is an atom; utf-8 is RFC 6533's, section 3.
_ORCPT = re.compile(r"([A-Za-z0-9-]+);(.+)")


def readNotify(value: str | None) -> tuple[str, ...]:
    """NOTIFY (section 4.1): C{NEVER} alone, or some of the others, each once.

    @raise ParameterError: it is neither.
    """
    words = tuple((value or "").upper().split(","))
    if words == ("NEVER",):
        return words
    if set(words) - _TIMES or len(set(words)) != len(words):
        raise ParameterError("NOTIFY is NEVER, or some of SUCCESS, FAILURE, DELAY")
    return words


def readEnvid(value: str | None) -> str:
    """ENVID (section 4.4), decoded.

    @raise ParameterError: it is no xtext, or too long.
    """
    text = decodeXtext("ENVID", value)
    if len(text) > MAX_ENVID:
        raise ParameterError(f"ENVID has at most {MAX_ENVID} characters")
    return text


def readOrcpt(value: str | None) -> str:
    """ORCPT (section 4.2), decoded: a type, C{;}, and an address of that type.

    @raise ParameterError: it is none, or too long.
    """
    if value is not None and len(value) > MAX_ORCPT:
        raise ParameterError(f"ORCPT has at most {MAX_ORCPT} characters")
    text = decodeXtext("ORCPT", value)
    if not _ORCPT.fullmatch(text):
        raise ParameterError("ORCPT is a type of address, ';' and an address")
    return text


DSN = Extension(
    "DSN",
    mail={
        "RET": Parameter(oneOf("RET", "FULL", "HDRS"), "ret"),
        "ENVID": Parameter(readEnvid, "envid"),
    },
    rcpt={
        "NOTIFY": Parameter(readNotify, "notify"),
        "ORCPT": Parameter(readOrcpt, "orcpt"),
    },
)
