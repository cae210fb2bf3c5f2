"""The commands of SMTP (RFC 5321, section 4.1.1), one function each.

A command is a function of the protocol and its argument. What has to hold before
it runs stands in its row of L{COMMANDS} and in L{protocols.smtp.transaction}, not
in the function. A subclass of the protocol adds rows of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocols.hooks import Hooked, waitFor
from protocols.smtp import replies
from protocols.smtp.addresses import AddressError, requireASCII, splitPath
from protocols.smtp.parameters import (
    MailParameters,
    Parameter,
    ParameterError,
    RecipientParameters,
    UnknownParameterError,
    fieldsOf,
)
from protocols.smtp.policy import MAX_COMMAND, MAX_EXTENDED_COMMAND
from protocols.smtp.replies import Reply
from protocols.smtp.transaction import NO_PARAMETERS

if TYPE_CHECKING:
    from protocols.smtp.protocol import SMTPProtocol


def _always(protocol: SMTPProtocol) -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """What has to hold for a command, and what it does.

    @param run: is called with the protocol and the argument.
    @param argument: C{none}, C{needed} or C{any}.
    @param last: nothing may be sent behind it before it is answered (RFC 2920,
        section 3.1).
    @param junk: it brings no mail nearer; so many of them are too many.
    @param drains: octets may follow that are no command: its function decides
        what to do about them when it comes out of order.
    @param utf8: the argument may be UTF-8 (RFC 6531).
    @param maxLength: octets with CRLF.
    @param offered: whether the receiver has what the command needs.
    """

    run: Callable[[SMTPProtocol, str], Hooked]
    argument: str = "any"
    last: bool = False
    junk: bool = False
    drains: bool = False
    utf8: bool = False
    maxLength: int = MAX_COMMAND
    offered: Callable[[SMTPProtocol], bool] = _always

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
    """EHLO (section 4.1.1.1), and LHLO (RFC 2033, 4.1): who we are, what we offer."""
    lines = [protocol.policy.hostname, *protocol.keywords()]
    return protocol.greet(argument, Reply(250, "\n".join(lines)), extended=True)


def mail(protocol: SMTPProtocol, argument: str) -> Hooked:
    """MAIL (section 4.1.1.2): begins a transaction."""
    transaction, factory = protocol.transaction, protocol.factory
    sender, rest = _path(protocol, argument, "FROM:")
    parameters = _mailParameters(protocol, rest)
    if not parameters.smtputf8:
        requireASCII(sender)
    refusal = protocol.refusalToMail(parameters.size or 0)
    if refusal is not None:
        protocol.reply(refusal)
        return None
    lint = transaction.lint

    def accepted(value: object) -> None:
        transaction.begin(sender, parameters)
        transaction.lint = lint

    return protocol.ask(
        factory.asked.validateSender,
        (sender, protocol.session, parameters),
        replies.SENDER_OK,
        accepted,
    )


def rcpt(protocol: SMTPProtocol, argument: str) -> Hooked:
    """RCPT (section 4.1.1.3): one more recipient."""
    transaction = protocol.transaction
    recipient, rest = _path(protocol, argument, "TO:")
    parameters = _recipientParameters(protocol, rest)
    if not recipient:
        raise AddressError("the null path receives nothing")
    if not transaction.parameters.smtputf8:
        requireASCII(recipient)
    if len(transaction.recipients) >= protocol.policy.maxRecipients:
        protocol.reply(replies.TOO_MANY_RECIPIENTS)
        return None
    return protocol.ask(
        protocol.factory.asked.validateRecipient,
        (recipient, protocol.session),
        replies.RECIPIENT_OK,
        lambda value: transaction.add(recipient, parameters, value),
    )


def data(protocol: SMTPProtocol, argument: str) -> Hooked:
    """DATA (section 4.1.1.4): the text comes next."""
    if protocol.transaction.parameters.body == "BINARYMIME":
        protocol.reply(replies.BINARY_NEEDS_CHUNKS)
        return None
    return protocol.beginBody()


def rset(protocol: SMTPProtocol, argument: str) -> Hooked:
    """RSET (section 4.1.1.5): forget the transaction."""
    protocol.forget()
    hook = protocol.factory.asked.transactionReset
    return protocol.ask(hook, (protocol.session,), replies.OK)


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
    hook = protocol.factory.asked.clientQuit
    hooked = protocol.ask(hook, (protocol.session,), replies.BYE)
    if hooked is None:
        protocol.loseConnection()
        return None
    return waitFor(hooked).addCallback(lambda _: protocol.loseConnection())


def _path(protocol: SMTPProtocol, argument: str, word: str) -> tuple[str, str]:
    """The path behind C{FROM:} or C{TO:}, and the parameters behind that."""
    if argument[: len(word)].upper() != word:
        raise AddressError(f"{word} comes first")
    path = argument[len(word) :]
    if not protocol.policy.isStrict and not path.startswith("<"):
        protocol.transaction.lint |= {"path"}
        return splitPath(path, lenient=True)
    return splitPath(path)


def _mailParameters(protocol: SMTPProtocol, text: str) -> MailParameters:
    if not text:
        return _NO_MAIL_PARAMETERS
    return MailParameters(**fieldsOf(text, _finder("MAIL", protocol)))


def _recipientParameters(protocol: SMTPProtocol, text: str) -> RecipientParameters:
    if not text:
        return NO_PARAMETERS
    return RecipientParameters(**fieldsOf(text, _finder("RCPT", protocol)))


def _finder(verb: str, protocol: SMTPProtocol) -> Callable[[str], Parameter | None]:
    """Finds a parameter among those of extensions that are offered now."""

    def find(keyword: str) -> Parameter | None:
        for extension in protocol.extensions:
            table = extension.mail if verb == "MAIL" else extension.rcpt
            if keyword in table and extension.offered(protocol):
                return table[keyword]
        return None

    return find


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
_NO_MAIL_PARAMETERS = MailParameters()

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
        *("STARTTLS", "TURN"),
    )
)
# Who may say these has been told so; nobody has.
NOT_ALLOWED = frozenset(("XCLIENT", "XFORWARD"))
# What octets follow is not ours to tell: they must not be taken for commands.
FOLLOWED_BY_DATA = frozenset(("BDAT", "BURL"))
# Browsers, and pages that make them talk to us (Postfix: smtpd_forbidden_commands);
# and a proxy that is none of ours.
NOT_MAIL = frozenset(
    ("CONNECT", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PROXY")
)
