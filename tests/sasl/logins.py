"""Logins, for tests of them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.sasl import Authenticator, Challenge, PasswordFile, portalFor
from tests.folders import folderFor


def passwordFile(test: Any, *lines: str, **keywords: Any) -> PasswordFile:
    """A checker of a file with these lines."""
    path = Path(folderFor(test), "passwords")
    path.write_text("\n".join(lines), encoding="utf-8")
    return PasswordFile(path, **keywords)


def authenticator(*checkers: Any) -> Authenticator:
    """Checks logins against these."""
    return Authenticator(portalFor(*checkers), hostname="mx.example")


def outcome(step: Any) -> Any:
    """What a step came to, which it has; raises what it failed with."""
    found: list[Any] = [step]
    if isinstance(step, Deferred):
        found.clear()
        step.addBoth(found.append)
    (result,) = found
    if isinstance(result, Failure):
        result.raiseException()
    return result


def login(exchange: Any, *responses: bytes | None) -> list[Any]:
    """The data of all challenges, and the name at the end."""
    return list(_said(exchange, responses))


def _said(exchange: Any, responses: Iterable[bytes | None]) -> Iterable[Any]:
    for response in responses:
        found = outcome(exchange.step(response))
        yield found.data if isinstance(found, Challenge) else found.login


def proofOf(first: bytes, server: bytes, password: bytes) -> tuple[bytes, bytes]:
    """A SCRAM client's last message, and what the server has to say to it.

    Written from RFC 5802, section 3, with nothing of what is tested.
    """
    fields = dict(part.split(b"=", 1) for part in server.split(b","))
    salt, rounds = b64decode(fields[b"s"]), int(fields[b"i"])
    salted = pbkdf2_hmac("sha256", password, salt, rounds)
    key = digest(salted, b"Client Key", "sha256")
    start = first.index(b"n=", 2)
    header, bare = first[:start], first[start:]
    unproven = b"c=%b,r=%b" % (b64encode(header), fields[b"r"])
    message = b",".join((bare, server, unproven))
    signature = digest(sha256(key).digest(), message, "sha256")
    proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
    verifier = digest(digest(salted, b"Server Key", "sha256"), message, "sha256")
    return unproven + b",p=" + b64encode(proof), b"v=" + b64encode(verifier)


def scramLogin(
    server: Authenticator, name: bytes, password: bytes, header: bytes = b"n,,"
) -> str:
    """Log in by SCRAM-SHA-256; the name that comes of it."""
    exchange = server.begin("SCRAM-SHA-256")
    first = header + b"n=" + name + b",r=abc"
    asked = outcome(exchange.step(first)).data
    last, verifier = proofOf(first, asked, password)
    assert outcome(exchange.step(last)).data == verifier
    found: str = outcome(exchange.step(b"")).login
    return found
