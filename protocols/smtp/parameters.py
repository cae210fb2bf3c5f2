"""Parameters of MAIL and RCPT (RFC 5321, section 4.1.1.11). Pure.

Which there are, the extensions say (L{protocols.smtp.extension}); here is how
they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")
# RFC 3461, section 4: printable ASCII, "+" and "=" as "+" and two hexadecimal
# digits in upper case.
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_XTEXT_ESCAPE = re.compile(r"\+([0-9A-F]{2})")


class ParameterError(ValueError):
    """A parameter is malformed, given twice, or has a value that it can't have."""


class UnknownParameterError(ParameterError):
    """A parameter that no extension here defines."""


@dataclass(frozen=True)
class MailParameters:
    """What MAIL said beside the sender.

    @ivar size: octets that the message will have (RFC 1870); C{None} if not said.
    @ivar body: C{7BIT}, C{8BITMIME} (RFC 6152) or C{BINARYMIME} (RFC 3030); empty
        if not said.
    @ivar smtputf8: addresses and headers may be UTF-8 (RFC 6531).
    @ivar ret: C{FULL} or C{HDRS}: what of it a bounce returns (RFC 3461, 4.3).
    @ivar envid: the sender's own name for the transaction, decoded (4.4).
    @ivar auth: who submitted it, as the client says (RFC 4954, section 5).
    @ivar requireTLS: it may travel under TLS only (RFC 8689).
    @ivar others: parameters of extensions that are not ours, by their keyword.
    """

    size: int | None = None
    body: str = ""
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""
    auth: str = ""
    requireTLS: bool = False
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RecipientParameters:
    """What RCPT said beside the recipient.

    @ivar notify: when the sender wants to be told: C{NEVER}, or some of
        C{SUCCESS}, C{FAILURE}, C{DELAY} (RFC 3461, 4.1); empty if not said.
    @ivar orcpt: the recipient that the sender meant, with its type, decoded:
        C{rfc822;b@y.example} (4.2).
    @ivar others: parameters of extensions that are not ours, by their keyword.
    """

    notify: tuple[str, ...] = ()
    orcpt: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameter:
    """A parameter that an extension adds.

    @param read: makes its value of the text behind C{=}, or of C{None} if there
        is none; raises L{ParameterError}.
    @param field: of L{MailParameters} or L{RecipientParameters}; empty: it is put
        among the C{others}.
    """

    read: Callable[[str | None], Any]
    field: str = ""


def readParameters(text: str) -> dict[str, str | None]:
    """Keywords, in upper case, with their values.

    @raise ParameterError: one is malformed, or given twice.
    """
    if not text.isascii():
        raise ParameterError("a parameter is ASCII")
    parameters: dict[str, str | None] = {}
    for word in text.split():
        found = _PARAMETER.fullmatch(word)
        if found is None or found[1].upper() in parameters:
            raise ParameterError(f"{word!r} is malformed or there twice")
        parameters[found[1].upper()] = found[2]
    return parameters


def fieldsOf(text: str, known: Callable[[str], Parameter | None]) -> dict[str, Any]:
    """The fields of the parameters in C{text}.

    @param known: finds the L{Parameter} of a keyword.
    @raise UnknownParameterError: one is none of ours.
    @raise ParameterError: one has a value that it can't have.
    """
    fields: dict[str, Any] = {}
    for keyword, value in readParameters(text).items():
        parameter = known(keyword)
        if parameter is None:
            raise UnknownParameterError(keyword)
        if parameter.field:
            fields[parameter.field] = parameter.read(value)
        else:
            fields.setdefault("others", {})[keyword] = parameter.read(value)
    return fields


def oneOf(keyword: str, *words: str) -> Callable[[str | None], str]:
    """Reads a value that is one of C{words}, in upper or lower case."""

    def read(value: str | None) -> str:
        word = (value or "").upper()
        if word not in words:
            raise ParameterError(f"{keyword} is one of {', '.join(words)}")
        return word

    return read


def flag(keyword: str) -> Callable[[str | None], bool]:
    """Reads a parameter that has no value."""

    def read(value: str | None) -> bool:
        if value is not None:
            raise ParameterError(f"{keyword} has no value")
        return True

    return read


def decodeXtext(keyword: str, value: str | None) -> str:
    """What an C{xtext} stands for (RFC 3461, section 4).

    @raise ParameterError: it is empty, malformed, or not printable ASCII.
    """
    if not value or not _XTEXT.fullmatch(value):
        raise ParameterError(f"{keyword} is not an xtext")
    text = _XTEXT_ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
    if not (text.isascii() and text.isprintable()):
        raise ParameterError(f"{keyword} stands for what can't be printed")
    return text
