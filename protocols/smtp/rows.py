"""Messages as rows of the SQLite store, there and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from protocols.smtp.message import Envelope
from protocols.smtp.parameters import MailParameters, RecipientParameters

COLUMNS = (
    *("received", "sender", "peer", "helo", "parameters", "lint", "size"),
    *("login", "listener", "protocol", "recipientParameters"),
)
_NONE = MailParameters()


def rowOf(envelope: Envelope, size: int, lint: frozenset[str]) -> tuple[object, ...]:
    """The values of L{COLUMNS}."""
    return (
        envelope.receivedAt,
        envelope.sender,
        envelope.peer,
        envelope.helo,
        _written(envelope.parameters),
        " ".join(sorted(lint)),
        size,
        envelope.login,
        envelope.listener,
        envelope.protocol,
        _allWritten(envelope.recipientParameters),
    )


def envelopeOf(row: Sequence[Any], recipients: tuple[str, ...]) -> Envelope:
    """The envelope of the values of L{COLUMNS}."""
    received, sender, peer, helo, parameters, _, _, login, listener, protocol, said = (
        row
    )
    return Envelope(
        sender,
        recipients,
        peer,
        helo,
        _read(parameters),
        received,
        _allRead(said),
        login,
        listener,
        protocol,
    )


def _written(parameters: MailParameters) -> str:
    """Most say nothing, and then there is nothing to be written."""
    if parameters == _NONE:
        return ""
    said = {name: value for name, value in vars(parameters).items() if value}
    return json.dumps(said, default=str)


@lru_cache(256)
def _read(text: str) -> MailParameters:
    return MailParameters(**json.loads(text)) if text else _NONE


def _allWritten(every: tuple[RecipientParameters, ...]) -> str:
    if not every:
        return ""
    return json.dumps([asdict(each) for each in every], default=str)


def _allRead(text: str) -> tuple[RecipientParameters, ...]:
    every = json.loads(text) if text else ()
    return tuple(
        RecipientParameters(tuple(each["notify"]), each["orcpt"], each["others"])
        for each in every
    )
