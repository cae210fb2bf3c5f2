"""C{twistd smtp}."""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar

from twisted.application.service import IService
from twisted.python import usage

from protocols.options import ListenOptions, Number
from protocols.service import serveStreams
from protocols.smtp.delivery import MemoryDelivery
from protocols.smtp.factory import SMTPFactory
from protocols.smtp.policy import MAX_RECIPIENTS, MAX_SIZE, Policy, PolicyError
from protocols.smtp.schema import SchemaError
from protocols.smtp.store import SQLiteDelivery


class Options(ListenOptions):
    """Options of the mail receiver."""

    synopsis = "[options]"
    longdesc = "Receive mail (SMTP, RFC 5321) and keep it."
    defaultListen = "tcp:7025:interface=127.0.0.1"
    defaultProtocol = "protocols.smtp.SMTPProtocol"
    policy: Policy
    optParameters: ClassVar[list[Any]] = [
        [
            "store",
            None,
            "memory",
            (
                "Where mail is kept: 'memory' (the newest 1000 messages, gone at the "
                "end), or the path of an SQLite file."
            ),
        ],
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

    def postOptions(self) -> None:
        """Check, and make C{policy}."""
        super().postOptions()
        limits = {
            "maxSize": self["max-size"],
            "maxRecipients": self["max-recipients"],
            "lineEndings": self["line-endings"],
        }
        if self["hostname"] is not None:
            limits["hostname"] = self["hostname"]
        try:
            self.policy = Policy(**limits)
        except PolicyError as error:
            option = "hostname" if "host" in str(error) else "line-endings"
            raise usage.UsageError(f"--{option}: {error}") from None


def openDelivery(store: str, reactor: Any) -> Any:
    """The delivery that C{--store} names.

    @raise SystemExit: it can't be opened; the text says why, in one line.
    """
    if store == "memory":
        return MemoryDelivery()
    try:
        return SQLiteDelivery(store, reactor)
    except (OSError, sqlite3.Error, SchemaError) as error:
        raise SystemExit(f"smtp: --store {store!r}: {error}") from None


def makeService(options: Any, reactor: Any = None) -> IService:
    """The mail receiver, from parsed L{Options}."""
    if reactor is None:
        from twisted.internet import reactor
    delivery = openDelivery(options["store"], reactor)
    factory = SMTPFactory(delivery, policy=options.policy)
    factory.protocol = options["protocol"]
    return serveStreams("smtp", factory, options, reactor)
