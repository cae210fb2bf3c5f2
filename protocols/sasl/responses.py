"""The responses of PLAIN, LOGIN and CRAM-MD5, taken apart. Pure."""

from __future__ import annotations

import re

from protocols.sasl.outcomes import SASLError

_DIGEST = re.compile(rb"[0-9a-f]{32}")


def readText(octets: bytes) -> str:
    """UTF-8 without a NUL, of one character or more.

    @raise SASLError: it is something else.
    """
    if not octets:
        raise SASLError("a field is empty")
    if b"\0" in octets:
        raise SASLError("a NUL is where none may be")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass  # its error holds the octets, and would travel with ours
    raise SASLError("a field is not UTF-8")


def splitPlain(response: bytes) -> tuple[str, str, str]:
    """Who to act as (or empty), who it is, and the password (RFC 4616, section 2).

    @raise SASLError: there are not three fields with a NUL between them, or one
        of them may not be as it is.
    """
    fields = response.split(b"\0")
    if len(fields) != 3:
        raise SASLError("PLAIN has three fields")
    authorize, name, password = fields
    return readText(authorize) if authorize else "", readText(name), readText(password)


def splitCram(response: bytes) -> tuple[str, bytes]:
    """The name and the digest, in hexadecimal (RFC 2195, section 2).

    @raise SASLError: it is not a name, a space and 32 digits in small letters.
    """
    name, _, digest = response.rpartition(b" ")
    if not _DIGEST.fullmatch(digest):
        raise SASLError("CRAM-MD5 ends with 32 hexadecimal digits")
    return readText(name), digest
