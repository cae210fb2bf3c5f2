"""STARTTLS (RFC 3207): TLS on a connection that began without."""

from __future__ import annotations

from typing import Any

from protocols.smtp import replies
from protocols.smtp.commands import Command
from protocols.smtp.extension import Extension


def starttls(protocol: Any, argument: str) -> None:
    """STARTTLS (section 4).

    What came behind it in the clear might be taken for something said under TLS;
    so whoever sends that is shown out, also where speaking too soon is forgiven
    otherwise.
    """
    if protocol.session.tls:
        protocol.reply(replies.TLS_IS_ON)
    elif protocol.pipelined:
        protocol.leave(replies.NOT_YET_ASKED)
    else:
        protocol.reply(replies.READY_FOR_TLS)
        protocol.secure()


def _offer(protocol: Any) -> str:
    """Section 4.2: not again under TLS."""
    offered = protocol.factory.tls is not None and not protocol.session.tls
    return "STARTTLS" if offered else ""


STARTTLS = Extension(
    _offer,
    commands={
        "STARTTLS": Command(
            starttls, "none", junk=True, offered=lambda p: p.factory.tls is not None
        )
    },
)
