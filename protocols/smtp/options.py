"""The options of C{twistd smtp}."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.python import usage

from protocols.certificates import DEVELOPMENT, developmentCertificate
from protocols.listening import ListenError, parseDescription, streamEndpoint
from protocols.options import ListenOptions, Number
from protocols.sasl import PasswordFile, PasswordFileError
from protocols.smtp.faults import FaultError, FaultRules
from protocols.smtp.inboxes import InboxError, Inboxes
from protocols.smtp.policy import MAX_RECIPIENTS, MAX_SIZE, Policy, PolicyError
from protocols.smtp.retention import Retention
from protocols.starttls import CertificateError, RenewableContext
from protocols.tls import TLS_KINDS
from protocols.workeroptions import WorkerOptions

SECONDS_OF_A_DAY = 86_400.0

_MISTAKES = (ListenError, PasswordFileError, CertificateError, InboxError, FaultError)

# The word of --auth that stands for everybody.
ANYBODY = "any"

_KEPT = [
    "store",
    None,
    "memory",
    (
        "Where mail is kept: 'memory' (the newest 1000 messages, gone at the "
        "end), 'discard' (nowhere), the path of an SQLite file, maildir:FOLDER, or "
        "postgresql://..."
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


_BOUNDED: list[list[Any]] = [
    [
        "keep-messages",
        None,
        None,
        "Messages that are kept, the newest; default: 1000 in memory, else all.",
        Number("keep-messages", "messages", 1),
    ],
    [
        "keep-octets",
        None,
        None,
        "Octets that are kept; default: 268435456 in memory, else all.",
        Number("keep-octets", "octets", 1),
    ],
    [
        "keep-days",
        None,
        None,
        "Days that a message is kept; default: for ever.",
        Number("keep-days", "days", 0.001, whole=False),
    ],
    [
        "fault-seed",
        None,
        0,
        "Seed of the probabilities of --fault.",
        Number("fault-seed", "one seed or another"),
    ],
]


class Options(WorkerOptions, ListenOptions):
    """Options of the mail receiver.

    @ivar policy: the L{Policy} asked for, after parsing.
    @ivar tls: what STARTTLS needs, or C{None}.
    @ivar inboxes: the L{Inboxes} asked for.
    @ivar retention: the L{Retention} asked for, or C{None}.
    @ivar faults: the L{FaultRules} asked for.
    """

    synopsis = "[options]"
    longdesc = "Receive mail (SMTP, RFC 5321) and keep it."
    defaultListen = "tcp:7025:interface=127.0.0.1"
    defaultProtocol = "protocols.smtp.SMTPProtocol"
    policy: Policy
    tls: RenewableContext | None = None
    inboxes: Inboxes
    retention: Retention | None
    faults: FaultRules
    optParameters: ClassVar[list[Any]] = [_KEPT, *_TAKEN, *_SECURED, *_BOUNDED]
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
        "pop3": (
            "Endpoint to read the kept mail at by POP3, for those of --auth; may be "
            "given more than once."
        ),
        "inbox": (
            "Rule of an inbox, NAME=to:PATTERN, NAME=login:PATTERN or "
            "NAME=listener:PATTERN, where {} in NAME is what matched; may be given "
            "more than once, and the first that fits counts."
        ),
        "fault": (
            "Fault to happen, for those who test what sends mail, such as "
            "'RCPT to=*@x.example reply=451 probability=0.3'; may be "
            "given more than once."
        ),
    }

    def __init__(self) -> None:
        super().__init__()
        for option in ("lmtp", "pop3", "inbox", "fault"):
            self[option] = []

    def opt_lmtp(self, description: str) -> None:
        """Where to listen for LMTP; repeatable."""
        self["lmtp"].append(description)

    def opt_pop3(self, description: str) -> None:
        """Where to listen for POP3; repeatable."""
        self["pop3"].append(description)

    def opt_inbox(self, rule: str) -> None:
        """A rule of an inbox; repeatable."""
        self["inbox"].append(rule)

    def opt_fault(self, rule: str) -> None:
        """A fault to happen; repeatable."""
        self["fault"].append(rule)

    def postOptions(self) -> None:
        """Check, and make what the options stand for."""
        super().postOptions()
        for option in ("lmtp", "pop3"):
            for description in self[option]:
                self._check(option, streamEndpoint, None, description)
        self.inboxes = self._check("inbox", Inboxes.fromTexts, self["inbox"])
        seed = int(self["fault-seed"])
        self.faults = self._check("fault", FaultRules.fromTexts, self["fault"], seed)
        self.retention = self._retention()
        self.policy = self._policy()
        if self["starttls"] is not None:
            self.tls = self._check("starttls", self._context)
        if self["auth"] not in (None, ANYBODY):
            self._check("auth", PasswordFile, self["auth"])
        self._checkThatMailIsFound()
        self._checkThatSomeoneCanSend()

    def _retention(self) -> Retention | None:
        asked = [self[f"keep-{what}"] for what in ("messages", "days", "octets")]
        if not any(asked):
            return None
        messages, days, octets = (each or 0 for each in asked)
        return Retention(int(messages), days * SECONDS_OF_A_DAY, int(octets))

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
        except _MISTAKES as error:
            raise usage.UsageError(f"--{option}: {error}") from None
        except OSError as error:
            raise usage.UsageError(f"--{option}: {error.strerror}") from None

    def _checkThatMailIsFound(self) -> None:
        """Memory is each worker's own: nobody would know where to look."""
        if self["workers"] > 1 and self["store"] == "memory":
            raise usage.UsageError(
                "--workers: needs a --store that processes can share: the path of an "
                "SQLite file, maildir:FOLDER, postgresql://... or discard"
            )

    def _checkThatSomeoneCanSend(self) -> None:
        """What could only refuse everybody is a mistake."""
        kinds = {parseDescription(text).kind for text in self["listen"]}
        secured = self.tls is not None or bool(kinds & TLS_KINDS)
        if self["require-tls"] and not secured:
            raise usage.UsageError("--require-tls: needs --starttls, or ssl: to listen")
        if self["pop3"] and (self["auth"] is None or self["store"] == "discard"):
            raise usage.UsageError("--pop3: needs --auth, and a store that keeps mail")
        if self["require-login"] and self["auth"] is None:
            raise usage.UsageError("--require-login: needs --auth")
        if self["auth"] is not None and not (secured or self["login-in-clear"]):
            raise usage.UsageError(
                "--auth: logins are offered under TLS: give --starttls as well, or "
                "--login-in-clear"
            )
