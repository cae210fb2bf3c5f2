"""Paths and mailboxes as SMTP writes them (RFC 5321, section 4.1.2). Pure.

The grammar, with what RFC 6531, section 3.3, adds for SMTPUTF8::

    Path           = "<" [ "@" Domain *( "," "@" Domain ) ":" ] Mailbox ">"
    Mailbox        = Local-part "@" ( Domain / address-literal )
    Local-part     = Atom *("." Atom) / Quoted-string
    Domain         = sub-domain *("." sub-domain)

C{<>} is the null path of a bounce, and C{<Postmaster>} needs no domain (section
4.1.1.3). A source route is taken and forgotten, as section C of appendix F asks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

# RFC 5321, sections 4.5.3.1.1 to 4.5.3.1.3, in octets.
MAX_LOCAL_PART = 64
MAX_DOMAIN = 255
MAX_PATH = 256

# Paths that are remembered: who sends mail sends more of it.
_REMEMBERED = 1024

_MORE = "\u0080-\U0010ffff"
_ATOM = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{_MORE}-]+"
_LOCAL_PART = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~{_MORE}]|\\[ -~])*"')
# RFC 1035, section 2.3.4: a label has at most 63 octets.
_LABEL = rf"[A-Za-z0-9{_MORE}](?:[A-Za-z0-9{_MORE}-]{{0,61}}[A-Za-z0-9{_MORE}])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ROUTE = re.compile(rf"@{_LABEL}(?:\.{_LABEL})*(?:,@{_LABEL}(?:\.{_LABEL})*)*:")
_GENERAL_LITERAL = re.compile(r"[A-Za-z0-9-]*[A-Za-z0-9]:[!-Z^-~]+")


class AddressError(ValueError):
    """What should be an address is none.

    @ivar needsUTF8: it would be one under SMTPUTF8.
    """

    def __init__(self, message: str, *, needsUTF8: bool = False) -> None:
        super().__init__(message)
        self.needsUTF8 = needsUTF8


@lru_cache(_REMEMBERED)
def splitPath(text: str, *, lenient: bool = False) -> tuple[str, str]:
    """Take a path off the beginning of what follows C{FROM:} or C{TO:}.

    @param lenient: take spaces before it and the lack of angle brackets.
    @return: the mailbox, empty for the null path, and what stands behind the
        path (its parameters), without the space between.
    @raise AddressError: there is no path.
    """
    if lenient:
        text = text.lstrip(" ")
        if not text.startswith("<"):
            mailbox, _, rest = text.partition(" ")
            return checkMailbox(mailbox) if mailbox else "", rest.lstrip(" ")
    if not text.startswith("<"):
        raise AddressError("an address stands in < and >")
    end = _endOfPath(text)
    rest = text[end + 1 :]
    if rest and not rest.startswith(" "):
        raise AddressError("a space stands behind the >")
    if len(text[: end + 1].encode()) > MAX_PATH:
        raise AddressError(f"a path has at most {MAX_PATH} octets")
    mailbox = text[1:end]
    return checkMailbox(mailbox) if mailbox else "", rest.strip(" ")


def checkMailbox(text: str) -> str:
    """The mailbox that C{text} is, without a source route.

    @raise AddressError: it is none.
    """
    route = _ROUTE.match(text)
    mailbox = text[route.end() :] if route else text
    if mailbox.lower() == "postmaster":
        return mailbox
    local = _LOCAL_PART.match(mailbox)
    if local is None or mailbox[local.end() : local.end() + 1] != "@":
        raise AddressError("an address is of the form local-part@domain")
    if len(local[0].encode()) > MAX_LOCAL_PART:
        raise AddressError(f"a local part has at most {MAX_LOCAL_PART} octets")
    _checkDomain(mailbox[local.end() + 1 :])
    return mailbox


def requireASCII(mailbox: str) -> None:
    """Refuse an address that needs SMTPUTF8.

    @raise AddressError: with C{needsUTF8}.
    """
    if not mailbox.isascii():
        raise AddressError("the address is not ASCII", needsUTF8=True)


def _endOfPath(text: str) -> int:
    """Where the C{>} is; one in a quoted string does not count."""
    quoted = False
    position = 1
    while position < len(text):
        character = text[position]
        if character == "\\" and quoted:
            position += 1
        elif character == '"':
            quoted = not quoted
        elif character == ">" and not quoted:
            return position
        position += 1
    raise AddressError("an address stands in < and >")


def _checkDomain(domain: str) -> None:
    if len(domain.encode()) > MAX_DOMAIN:
        raise AddressError(f"a domain has at most {MAX_DOMAIN} octets")
    if domain.startswith("[") and domain.endswith("]"):
        _checkLiteral(domain[1:-1])
    elif not _DOMAIN.fullmatch(domain):
        raise AddressError("that is not a domain")


def _checkLiteral(literal: str) -> None:
    """RFC 5321, section 4.1.3; it has no zones, of which Python takes any text."""
    if "%" in literal:
        raise AddressError("that is not an address literal")
    try:
        if literal[:5].lower() == "ipv6:":
            IPv6Address(literal[5:])
        elif not _GENERAL_LITERAL.fullmatch(literal):
            IPv4Address(literal)
    except AddressValueError:
        raise AddressError("that is not an address literal") from None
