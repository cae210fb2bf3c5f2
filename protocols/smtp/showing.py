"""Mail in a terminal, which must not obey it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from email import message_from_bytes
from email.policy import default
from typing import Any

from protocols.smtp.reading import Stored

HEADINGS = ("ID", "RECEIVED", "FROM", "TO", "SIZE", "SUBJECT")
# Columns that a field of a table has at most.
_WIDTH = 30
# Fields of the header that are shown; the rest is in `raw`.
_FIELDS = ("From", "To", "Cc", "Date", "Subject", "Message-ID", "Reply-To")


def plain(text: str) -> str:
    """C{text} without what a terminal would obey: control characters, and letters
    that turn the direction of others.
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def factsOf(stored: Stored) -> dict[str, Any]:
    """A message as a plain object, for JSON."""
    envelope = stored.envelope
    return {
        "id": stored.id,
        "received": _when(envelope.receivedAt).isoformat(),
        "sender": envelope.sender,
        "recipients": list(envelope.recipients),
        "subject": stored.subject,
        "size": stored.size,
        "inboxes": list(stored.inboxes),
        "lint": sorted(stored.lint),
        "peer": envelope.peer,
        "helo": envelope.helo,
        "login": envelope.login,
        "listener": envelope.listener,
        "protocol": envelope.protocol,
    }


def tableOf(found: list[Stored]) -> list[str]:
    """A line for each message, below headings."""
    rows = [HEADINGS, *map(_rowOf, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        "  ".join(text.ljust(widths[at]) for at, text in enumerate(row)).rstrip()
        for row in rows
    ]


def shown(stored: Stored, content: bytes) -> str:
    """A message to be read: envelope, header, text, attachments."""
    parsed: Any = message_from_bytes(content, policy=default)
    lines = [*_envelope(stored), "", *_header(parsed), "", *_body(parsed)]
    return "\n".join(plain(line) for line in lines).rstrip()


def _rowOf(stored: Stored) -> tuple[str, ...]:
    envelope = stored.envelope
    first, *others = envelope.recipients or ("",)
    to = f"{first} +{len(others)}" if others else first
    fields = (envelope.sender or "<>", to)
    return (
        str(stored.id),
        f"{_when(envelope.receivedAt):%Y-%m-%d %H:%M:%S}",
        *(_short(plain(each)) for each in fields),
        str(stored.size),
        plain(stored.subject),
    )


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _envelope(stored: Stored) -> Iterator[str]:
    envelope = stored.envelope
    yield f"envelope: {envelope.sender or '<>'} to {', '.join(envelope.recipients)}"
    by = f", as {envelope.login}" if envelope.login else ""
    yield (
        f"received: {_when(envelope.receivedAt):%Y-%m-%d %H:%M:%S} UTC from"
        f" {envelope.peer or 'this host'} ({envelope.helo}) by {envelope.protocol}{by}"
    )
    if stored.lint:
        yield f"odd:      {', '.join(sorted(stored.lint))}"


def _header(parsed: Any) -> Iterator[str]:
    for name in _FIELDS:
        for value in _valuesOf(parsed, name):
            yield f"{name}: {value}"


def _valuesOf(parsed: Any, name: str) -> list[str]:
    """What the header says; the library may stumble over what is none."""
    try:
        return [str(value) for value in parsed.get_all(name, [])]
    except Exception:  # noqa: BLE001 - of the parser, by hostile input
        return ["(not to be read)"]


def _body(parsed: Any) -> Iterator[str]:
    try:
        body = parsed.get_body(("plain", "html"))
        text = "" if body is None else str(body.get_content())
        attached = [_nameOf(part) for part in parsed.iter_attachments()]
    except Exception:  # noqa: BLE001 - likewise
        text, attached = "(not to be read; see raw)", []
    yield from text.splitlines()
    for name in attached:
        yield f"[attached: {name}]"


def _nameOf(part: Any) -> str:
    return f"{part.get_filename() or 'no name'} ({part.get_content_type()})"
