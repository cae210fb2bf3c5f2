"""The lines of a password file. Pure.

::

    # name:password, or in place of the password a SCRAM secret
    alice:correct horse
    bob:SCRAM-SHA-256$4096:c2FsdA==$...:...

A password is what stands behind the first colon, to the end of the line, blanks
included. The SCRAM form is PostgreSQL's, and L{protocols.sasl.secretFor} makes
it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocols.sasl.records import SECRET_PREFIX, ScramRecord, readSecret
from protocols.sasl.saslprep import prepare


class PasswordFileError(ValueError):
    """A password file can't be read; the message names the line, and no secret."""


@dataclass(frozen=True)
class Entry:
    """A line: the password, SASLprepared, or the record in its place."""

    password: str | None = field(repr=False)
    record: ScramRecord | None = field(repr=False)


def readEntries(text: str) -> dict[str, Entry]:
    """The entries of a file's text by their names, SASLprepared.

    @raise PasswordFileError: a line has no colon, a name is there twice, a name
        or password is refused by SASLprep, or a secret is malformed.
    """
    entries: dict[str, Entry] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        fault = _add(entries, line)
        if fault:
            raise PasswordFileError(f"line {number}: {fault}")
    return entries


def _add(entries: dict[str, Entry], line: str) -> str:
    """What is wrong with a line, or nothing, and it has been added."""
    name, colon, secret = line.partition(":")
    if not colon:
        return "there is no colon behind a name"
    try:
        name, entry = prepare(name), _entry(secret)
    except ValueError as error:
        return str(error)
    if name in entries:
        return "this name is there twice"
    entries[name] = entry
    return ""


def _entry(secret: str) -> Entry:
    if secret.startswith(SECRET_PREFIX):
        return Entry(None, readSecret(secret))
    return Entry(prepare(secret), None)
