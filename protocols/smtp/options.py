"""The options of C{twistd smtp}."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.python import usage

from protocols.certificates import DEVELOPMENT, developmentCertificate
from protocols.listening import ListenError, parseDescription, streamEndpoint
from protocols.options import ListenOptions, Number
from protocols.sasl import PasswordFile, PasswordFileError
from protocols.smtp.policy import MAX_RECIPIENTS, MAX_SIZE, Policy, PolicyError
from protocols.starttls import CertificateError, RenewableContext
from protocols.tls import TLS_KINDS

# The word of --auth that stands for everybody.
ANYBODY = "any"

_KEPT = [
    "store",
    None,
    "memory",
    (
        "Where mail is kept: 'memory' (the newest 1000 messages, gone at the "
        "end), 'discard' (nowhere), or the path of an SQLite file."
    ),
]
_TAKEN: list[list[Any]] = [
    [
        "hostname",
        None,
        None,
        "The name that the server gives itself; default: the host's.",
    ],
    [
        "max-size",
        None,
        MAX_SIZE,
        "Octets of a message.",
        Number("max-size", "octets", 1),
    ],
    [
        "max-recipients",
        None,
        MAX_RECIPIENTS,
        "Recipients of a message.",
        Number("max-recipients", "recipients", 100),
    ],
    [
        "line-endings",
        None,
        "strict",
        (
            "'strict' refuses a message with CR or LF standing alone or a line "
            "over 1000 octets; 'record' takes it as it is and notes it."
        ),
    ],
]
_SECURED: list[list[Any]] = [
    [
        "starttls",
        None,
        None,
        (
            "Offer STARTTLS with the private key and certificate in this PEM file; "
            "'development' makes a self-signed one."
        ),
    ],
    [
        "auth",
        None,
        None,
        (
            "Offer logins: a file of lines NAME:PASSWORD, or 'any' to take every "
            "name with every password."
        ),
    ],
]


class Options(ListenOptions):
    """Options of the mail receiver.

    @ivar policy: the L{Policy} asked for, after parsing.
    @ivar tls: what STARTTLS needs, or C{None}.
    """

    synopsis = "[options]"
    longdesc = "Receive mail (SMTP, RFC 5321) and keep it."
    defaultListen = "tcp:7025:interface=127.0.0.1"
    defaultProtocol = "protocols.smtp.SMTPProtocol"
    policy: Policy
    tls: RenewableContext | None = None
    optParameters: ClassVar[list[Any]] = [_KEPT, *_TAKEN, *_SECURED]
    optFlags: ClassVar[list[Any]] = [
        ["require-tls", None, "Take mail under TLS only."],
        ["require-login", None, "Take mail from those only who have logged in."],
        ["login-in-clear", None, "Offer logins without TLS too."],
    ]
    repeatable: ClassVar[dict[str, str]] = {
        **ListenOptions.repeatable,
        "lmtp": (
            "Endpoint to take mail by LMTP at, such as unix:PATH; may be given more "
            "than once."
        ),
    }

    def __init__(self) -> None:
        super().__init__()
        self["lmtp"] = []

    def opt_lmtp(self, description: str) -> None:
        """Where to listen for LMTP; repeatable."""
        self["lmtp"].append(description)

    def postOptions(self) -> None:
        """Check, and make C{policy} and C{tls}."""
        super().postOptions()
        for description in self["lmtp"]:
            self._check("lmtp", streamEndpoint, None, description)
        self.policy = self._policy()
        if self["starttls"] is not None:
            self.tls = self._check("starttls", self._context)
        if self["auth"] not in (None, ANYBODY):
            self._check("auth", PasswordFile, self["auth"])
        self._checkThatSomeoneCanSend()

    def _policy(self) -> Policy:
        limits = {
            "maxSize": self["max-size"],
            "maxRecipients": self["max-recipients"],
            "lineEndings": self["line-endings"],
            "requireTLS": bool(self["require-tls"]),
            "requireLogin": bool(self["require-login"]),
            "loginInClear": bool(self["login-in-clear"]),
        }
        if self["hostname"] is not None:
            limits["hostname"] = self["hostname"]
        try:
            return Policy(**limits)
        except PolicyError as error:
            option = "hostname" if "host" in str(error) else "line-endings"
            raise usage.UsageError(f"--{option}: {error}") from None

    def _context(self) -> RenewableContext:
        path = self["starttls"]
        if path == DEVELOPMENT:
            path = str(developmentCertificate())
        return RenewableContext(path)

    def _check(self, option: str, make: Any, *args: object) -> Any:
        """What C{make} makes.

        @raise usage.UsageError: it can't, and says why.
        """
        try:
            return make(*args)
        except (ListenError, PasswordFileError, CertificateError) as error:
            raise usage.UsageError(f"--{option}: {error}") from None
        except OSError as error:
            raise usage.UsageError(f"--{option}: {error.strerror}") from None

    def _checkThatSomeoneCanSend(self) -> None:
        """What could only refuse everybody is a mistake."""
        kinds = {parseDescription(text).kind for text in self["listen"]}
        secured = self.tls is not None or bool(kinds & TLS_KINDS)
        if self["require-tls"] and not secured:
            raise usage.UsageError("--require-tls: needs --starttls, or ssl: to listen")
        if self["require-login"] and self["auth"] is None:
            raise usage.UsageError("--require-login: needs --auth")
        if self["auth"] is not None and not (secured or self["login-in-clear"]):
            raise usage.UsageError(
                "--auth: logins are offered under TLS: give --starttls as well, or "
                "--login-in-clear"
            )
