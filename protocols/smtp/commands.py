"""The commands of SMTP (RFC 5321, section 4.1.1), one function each.

A command is a function of the protocol and its argument. What has to hold before
it runs stands in its row of L{COMMANDS} and in L{protocols.smtp.transaction}, not
in the function. A subclass of the protocol adds rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocols.hooks import Hooked
from protocols.smtp import replies
from protocols.smtp.addresses import AddressError, requireASCII, splitPath
from protocols.smtp.parameters import (
    ParameterError,
    UnknownParameterError,
    mailParameters,
    noParameters,
)
from protocols.smtp.policy import MAX_COMMAND, MAX_EXTENDED_COMMAND
from protocols.smtp.replies import Reply

if TYPE_CHECKING:
    from protocols.smtp.protocol import SMTPProtocol


@dataclass(frozen=True)
class Command:
    """What has to hold for a command, and what it does.

    @param run: is called with the protocol and the argument.
    @param argument: C{none}, C{needed} or C{any}.
    @param last: nothing may be sent behind it before it is answered (RFC 2920,
        section 3.1).
    @param junk: it brings no mail nearer; so many of them are too many.
    @param utf8: the argument may be UTF-8 (RFC 6531).
    @param maxLength: octets with CRLF.
    """

    run: Callable[[SMTPProtocol, str], Hooked]
    argument: str = "any"
    last: bool = False
    junk: bool = False
    utf8: bool = False
    maxLength: int = MAX_COMMAND

    def refusal(self, argument: str, octets: int) -> Reply | None:
        """What is wrong with the line before anything is done."""
        if octets > self.maxLength:
            return replies.LINE_TOO_LONG
        if self.argument == "none" and argument:
            return replies.NO_ARGUMENT_ALLOWED
        if self.argument == "needed" and not argument:
            return Reply(501, "This command needs an argument", "5.5.4")
        if not self.utf8 and not argument.isascii():
            return replies.NOT_A_COMMAND
        return None


def helo(protocol: SMTPProtocol, argument: str) -> Hooked:
    """HELO (section 4.1.1.1)."""
    return protocol.greet(argument, Reply(250, protocol.policy.hostname))


def ehlo(protocol: SMTPProtocol, argument: str) -> Hooked:
    """EHLO (section 4.1.1.1): who we are and what we offer."""
    lines = [protocol.policy.hostname, *protocol.keywords()]
    return protocol.greet(argument, Reply(250, "\n".join(lines)), extended=True)


def mail(protocol: SMTPProtocol, argument: str) -> Hooked:
    """MAIL (section 4.1.1.2): begins a transaction."""
    sender, rest = _path(protocol, argument, "FROM:")
    parameters = _checked(mailParameters, rest)
    if not parameters.smtputf8:
        requireASCII(sender)
    if (parameters.size or 0) > protocol.policy.maxSize:
        protocol.reply(replies.MESSAGE_TOO_LARGE)
        return None
    return protocol.ask(
        protocol.factory.validateSender,
        (sender, protocol.session, parameters),
        replies.SENDER_OK,
        lambda: protocol.transaction.begin(sender, parameters),
    )


def rcpt(protocol: SMTPProtocol, argument: str) -> Hooked:
    """RCPT (section 4.1.1.3): one more recipient."""
    transaction = protocol.transaction
    recipient, rest = _path(protocol, argument, "TO:")
    _checked(noParameters, rest)
    if not recipient:
        raise AddressError("the null path receives nothing")
    if not transaction.parameters.smtputf8:
        requireASCII(recipient)
    if len(transaction.recipients) >= protocol.policy.maxRecipients:
        protocol.reply(replies.TOO_MANY_RECIPIENTS)
        return None
    return protocol.ask(
        protocol.factory.validateRecipient,
        (recipient, protocol.session),
        replies.RECIPIENT_OK,
        lambda: transaction.add(recipient),
    )


def data(protocol: SMTPProtocol, argument: str) -> Hooked:
    """DATA (section 4.1.1.4): the text comes next."""
    protocol.beginBody()
    return None


def rset(protocol: SMTPProtocol, argument: str) -> Hooked:
    """RSET (section 4.1.1.5): forget the transaction."""
    protocol.transaction.reset()
    protocol.reply(replies.OK)
    return None


def noop(protocol: SMTPProtocol, argument: str) -> Hooked:
    """NOOP (section 4.1.1.9); an argument is ignored."""
    protocol.reply(replies.OK)
    return None


def vrfy(protocol: SMTPProtocol, argument: str) -> Hooked:
    """VRFY (section 4.1.1.6): we do not say (section 7.3)."""
    protocol.reply(replies.CANNOT_VERIFY)
    return None


def help_(protocol: SMTPProtocol, argument: str) -> Hooked:
    """HELP (section 4.1.1.8)."""
    protocol.reply(Reply(214, " ".join(sorted(protocol.commands)), "2.0.0"))
    return None


def quit_(protocol: SMTPProtocol, argument: str) -> Hooked:
    """QUIT (section 4.1.1.10)."""
    protocol.leave(replies.BYE)
    return None


def _path(protocol: SMTPProtocol, argument: str, word: str) -> tuple[str, str]:
    """The path behind C{FROM:} or C{TO:}, and the parameters behind that."""
    if argument[: len(word)].upper() != word:
        raise AddressError(f"{word} comes first")
    lenient = not protocol.policy.isStrict
    return splitPath(argument[len(word) :], lenient=lenient)


def _checked(read: Callable[[str], Any], text: str) -> Any:
    if not text.isascii():
        raise ParameterError("a parameter is ASCII")
    return read(text)


def mistakeIn(verb: str, error: Exception) -> Reply | None:
    """How a mistake in a command's argument is answered; C{None} for no mistake."""
    if isinstance(error, UnknownParameterError):
        return Reply(555, f"Parameter {error} is not known", "5.5.4")
    if isinstance(error, ParameterError):
        return Reply(501, f"Syntax: {error}", "5.5.4")
    if isinstance(error, AddressError):
        if error.needsUTF8:
            return replies.NEEDS_SMTPUTF8
        return Reply(501, f"Syntax: {error}", "5.1.7" if verb == "MAIL" else "5.1.3")
    return None


_ENVELOPE = MAX_EXTENDED_COMMAND

COMMANDS: dict[str, Command] = {
    "HELO": Command(helo, "needed", last=True, junk=True),
    "EHLO": Command(ehlo, "needed", last=True, junk=True),
    "MAIL": Command(mail, "needed", utf8=True, maxLength=_ENVELOPE),
    "RCPT": Command(rcpt, "needed", utf8=True, maxLength=_ENVELOPE),
    "DATA": Command(data, "none", last=True),
    "RSET": Command(rset, "none", junk=True),
    "NOOP": Command(noop, junk=True),
    "VRFY": Command(vrfy, "needed", junk=True, utf8=True),
    "HELP": Command(help_, junk=True),
    "QUIT": Command(quit_, "none"),
}

# Commands of extensions that are not offered, and of long ago.
NOT_OFFERED = frozenset(
    (
        *("AUTH", "BDAT", "BURL", "ETRN", "EXPN", "LHLO", "SAML", "SEND", "SOML"),
        *("STARTTLS", "TURN", "XCLIENT"),
    )
)
# What octets follow is not ours to tell: they must not be taken for commands.
FOLLOWED_BY_DATA = frozenset(("BDAT", "BURL"))
# Browsers, and pages that make them talk to us (Postfix: smtpd_forbidden_commands).
NOT_MAIL = frozenset(["CONNECT", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
