"""Parameters of MAIL and RCPT (RFC 5321, section 4.1.1.11). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")
# RFC 1870, section 3: 1 to 20 digits.
_SIZE = re.compile(r"[0-9]{1,20}")
BODIES = ("7BIT", "8BITMIME")


class ParameterError(ValueError):
    """A parameter is malformed, given twice, or has a value that it can't have."""


class UnknownParameterError(ParameterError):
    """A parameter that no extension here defines."""


@dataclass(frozen=True)
class MailParameters:
    """What MAIL said beside the sender.

    @ivar size: octets that the message will have (RFC 1870); C{None} if not said.
    @ivar body: C{7BIT} or C{8BITMIME} (RFC 6152); empty if not said.
    @ivar smtputf8: addresses and headers may be UTF-8 (RFC 6531).
    """

    size: int | None = None
    body: str = ""
    smtputf8: bool = False


def readParameters(text: str) -> dict[str, str | None]:
    """Keywords, in upper case, with their values.

    @raise ParameterError: one is malformed, or given twice.
    """
    parameters: dict[str, str | None] = {}
    for word in text.split():
        found = _PARAMETER.fullmatch(word)
        if found is None or found[1].upper() in parameters:
            raise ParameterError(f"{word!r} is malformed or there twice")
        parameters[found[1].upper()] = found[2]
    return parameters


def mailParameters(text: str) -> MailParameters:
    """The parameters of MAIL.

    @raise UnknownParameterError: one is none of ours.
    @raise ParameterError: one has a value that it can't have.
    """
    given = readParameters(text)
    if unknown := given.keys() - {"SIZE", "BODY", "SMTPUTF8"}:
        raise UnknownParameterError(min(unknown))
    size, body = given.get("SIZE"), given.get("BODY", "")
    if "SIZE" in given and not (size and _SIZE.fullmatch(size)):
        raise ParameterError("SIZE is a number of octets")
    if "BODY" in given and (body or "").upper() not in BODIES:
        raise ParameterError(f"BODY is one of {', '.join(BODIES)}")
    if given.get("SMTPUTF8") is not None:
        raise ParameterError("SMTPUTF8 has no value")
    return MailParameters(
        None if size is None else int(size), (body or "").upper(), "SMTPUTF8" in given
    )


def noParameters(text: str) -> None:
    """RCPT has none here.

    @raise UnknownParameterError: there is one.
    @raise ParameterError: it is malformed.
    """
    for keyword in readParameters(text):
        raise UnknownParameterError(keyword)
