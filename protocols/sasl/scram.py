"""The messages of SCRAM (RFC 5802, section 7). Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field

from protocols.sasl.base64 import decodeBase64
from protocols.sasl.outcomes import SASLError
from protocols.sasl.responses import readText

# Section 7: "printable" is ASCII that can be seen, but for the comma.
_NONCE = r"[!-+\--~]+"
_FIRST = re.compile(
    rf"(?P<header>(?P<binding>[^,]*),(?:a=(?P<authorize>[^,]+))?,)"
    rf"(?P<bare>n=(?P<name>[^,]+),r=(?P<nonce>{_NONCE})(?:,[A-Za-z]=[^,]+)*)"
)
# 43 digits and one = are the 32 octets of a proof.
_FINAL = re.compile(
    rf"(?P<unproven>c=(?P<header>[A-Za-z0-9+/]+={{0,2}}),r=(?P<nonce>{_NONCE})"
    r"(?:,[A-Za-z]=[^,]+)*),p=(?P<proof>[A-Za-z0-9+/]{43}=)"
)
_ESCAPE = re.compile("=(?:2C|3D)?")
_ESCAPED = {"=2C": ",", "=3D": "="}


@dataclass(frozen=True)
class ClientFirst:
    """What the client begins with.

    @ivar header: the part about channel binding, which it will repeat.
    @ivar bare: the rest.
    @ivar authorize: who it wants to act as, or empty.
    """

    header: str
    bare: str
    authorize: str
    name: str
    nonce: str


@dataclass(frozen=True)
class ClientFinal:
    """What the client ends with.

    @ivar unproven: all but the proof.
    """

    header: bytes
    nonce: str
    unproven: str
    proof: bytes = field(repr=False)


def readFirst(response: bytes) -> ClientFirst:
    """Take C{client-first-message} apart.

    @raise SASLError: it is malformed, or asks for channel binding (C{p=}), which
        belongs to SCRAM-SHA-256-PLUS; or for an extension it insists on (C{m=}).
    """
    match = _FIRST.fullmatch(readText(response))
    if match is None:
        raise SASLError("SCRAM begins with a header, a name and a nonce")
    if match["binding"] not in ("n", "y"):
        raise SASLError("there is no channel binding")
    authorize = _unescape(match["authorize"] or "")
    name = _unescape(match["name"])
    return ClientFirst(match["header"], match["bare"], authorize, name, match["nonce"])


def readFinal(response: bytes) -> ClientFinal:
    """Take C{client-final-message} apart.

    @raise SASLError: it is malformed.
    """
    match = _FINAL.fullmatch(readText(response))
    if match is None:
        raise SASLError("SCRAM ends with a header, a nonce and a proof")
    header, proof = _decode(match["header"]), _decode(match["proof"])
    return ClientFinal(header, match["nonce"], match["unproven"], proof)


def writeFirst(nonce: str, salt: bytes, iterations: int) -> str:
    """C{server-first-message}."""
    return f"r={nonce},s={b64encode(salt).decode()},i={iterations}"


def writeFinal(signature: bytes) -> bytes:
    """C{server-final-message}."""
    return b"v=" + b64encode(signature)


def _unescape(name: str) -> str:
    """C{saslname}: a comma is =2C, = is =3D, and no other = may be there."""
    if not set(_ESCAPE.findall(name)) <= _ESCAPED.keys():
        raise SASLError("a name has an escape that is none")
    return _ESCAPE.sub(lambda match: _ESCAPED[match[0]], name)


def _decode(text: str) -> bytes:
    try:
        return decodeBase64(text)
    except ValueError:
        pass
    raise SASLError("base64 is malformed")
