"""Log events written down: one JSON object a line for machines, one plain line for us.

Both observers are told the same rules.  They never raise: a log that cannot be
written must not take the service with it.  They never break a line: what a stranger
put into an event (line ends, terminal escapes) is escaped before it is written.

A JSON line, here broken for the page::

    {"time": "2026-03-01T12:00:00.250Z", "level": "info",
     "namespace": "protocols.guard", "text": "echo: 127.0.0.1 went after 3.1 s",
     "service": "echo", "bytesIn": 512, "reason": "closed"}

The first four keys stand in each line, `error` and `traceback` in that of a failure;
all others are the event's own fields, as far as they are plain values.
"""

from __future__ import annotations

import json
import math
import re
import time
from contextlib import suppress
from datetime import datetime, timezone
from typing import TextIO

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent
from twisted.python.failure import Failure
from zope.interface import implementer

# Characters of one text value. Docker's and containerd's log drivers cut a line at
# 16 KiB; a longer value is nearly always somebody's input and not a message.
LONGEST_TEXT = 16384
# Bits of a whole number that is written as one. Readers keep 53; 256 leaves room
# for digests, and is far below the 4300 digits at which Python itself refuses.
LONGEST_NUMBER = 256
# Levels of dicts and lists inside a field: a metrics snapshot has five.
DEEPEST = 6
# Entries of one dict or list inside a field: a snapshot has some dozens.
MOST_ENTRIES = 1000

_LEGACY = frozenset(
    ["message", "time", "system", "isError", "format", "failure", "why", "logLevel"]
)  # What twisted.python.log puts into an event for itself.
_RANKS = {level.name: rank for rank, level in enumerate(LogLevel.iterconstants())}
_BASE = ("time", "level", "namespace", "text", "error", "traceback")
_NOISE = re.compile(
    r"(?:Starting|Stopping) (?:factory|protocol) |[\w. ()]+ starting on |"
    r"\(.* Port .* Closed"
)


class NotPlainError(Exception):
    """A field's value has no plain form; the field is left out."""


@implementer(ILogObserver)
class JSONLinesObserver:
    """Writes each event as one JSON object on a line of its own, in ASCII.

    @param stream: Takes text; flushed after each line.
    @param least: Events below the level of this name are left out.
    """

    def __init__(self, stream: TextIO, least: str = "info") -> None:
        self._stream = stream
        self._least = _RANKS[least]

    def __call__(self, event: LogEvent) -> None:
        """Write one event; never raises."""
        with suppress(Exception):
            if _RANKS[_levelOf(event)] >= self._least:
                _write(self._stream, jsonLine(event))


@implementer(ILogObserver)
class PlainLinesObserver:
    """Writes each event as a short line for a person at a terminal.

    A failure's traceback follows its line, indented.  Twisted's notes on factories
    and ports that come and go are left out, and so is what is below C{least}.
    """

    def __init__(self, stream: TextIO, least: str = "info") -> None:
        self._stream = stream
        self._least = _RANKS[least]

    def __call__(self, event: LogEvent) -> None:
        """Write one event; never raises."""
        with suppress(Exception):
            if _RANKS[_levelOf(event)] >= self._least and not _isNoise(event):
                _write(self._stream, plainLines(event))


def jsonLine(event: LogEvent) -> str:
    """The event as one JSON object without a line end, in ASCII."""
    told: dict[str, object] = {
        "time": _isoTime(event.get("log_time")),
        "level": _levelOf(event),
        "namespace": str(event.get("log_namespace", "-")),
        "text": _cut(formatEvent(event)),
    }
    failure = event.get("log_failure")
    if isinstance(failure, Failure):
        told["error"] = _cut(_errorOf(failure))
        told["traceback"] = _cut(_tracebackOf(failure))
    return json.dumps({**told, **_fieldsOf(event)}, allow_nan=False)


def plainLines(event: LogEvent) -> str:
    """The event as `12:00:00 text`, with `warn: ` and worse named before the text."""
    level = _levelOf(event)
    worse = f"{level}: " if _RANKS[level] > _RANKS["info"] else ""
    lines = [f"{_localTime(event.get('log_time'))} {worse}{_cut(formatEvent(event))}"]
    failure = event.get("log_failure")
    if isinstance(failure, Failure):
        traceback = _cut(_tracebackOf(failure).rstrip("\n"))
        lines += [f"  {line}" for line in traceback.split("\n")]
    return "\n".join(_visible(line) for line in lines)


def plain(value: object, depth: int = 0) -> object:
    """The value as JSON knows it: octets become text, NaN and infinity their names.

    @raise NotPlainError: It, or what it holds, is none of str, bytes, int, float,
        bool, None, and dicts, lists and tuples of them, at most `DEEPEST` deep.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, bytes):
        return _cut(value[:LONGEST_TEXT].decode("utf-8", "backslashreplace"))
    if isinstance(value, int):
        return value if value.bit_length() <= LONGEST_NUMBER else _cut(hex(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    return _plainCollection(value, depth + 1)


def _plainCollection(value: object, depth: int) -> object:
    if depth > DEEPEST:
        raise NotPlainError("too deep")
    if isinstance(value, (list, tuple)):
        return [plain(each, depth) for each in value[:MOST_ENTRIES]]
    if isinstance(value, dict):
        entries = list(value.items())[:MOST_ENTRIES]
        return {str(plain(key, depth)): plain(each, depth) for key, each in entries}
    raise NotPlainError(type(value).__name__)


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _levelOf(event: LogEvent) -> str:
    name = getattr(event.get("log_level"), "name", "info")
    return name if name in _RANKS else "info"


def _fieldsOf(event: LogEvent) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in event.items():
        if name.startswith("log_") or name in _LEGACY:
            continue
        with suppress(Exception):
            fields[name + "_" if name in _BASE else name] = plain(value)
    return fields


def _errorOf(failure: Failure) -> str:
    with suppress(Exception):
        return f"{getattr(failure.type, '__name__', '?')}: {failure.getErrorMessage()}"
    return "an error that can not be shown"


def _tracebackOf(failure: Failure) -> str:
    with suppress(Exception):
        return failure.getTraceback()
    return "a traceback that can not be shown"


def _isNoise(event: LogEvent) -> bool:
    if _RANKS[_levelOf(event)] > _RANKS["info"]:
        return False
    if str(event.get("log_namespace")).startswith("twisted."):
        return True
    return _NOISE.match(formatEvent(event)) is not None


def _isoTime(when: object) -> str | None:
    with suppress(Exception):
        moment = datetime.fromtimestamp(float(when), timezone.utc)  # type: ignore[arg-type]
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return None


def _localTime(when: object) -> str:
    with suppress(Exception):
        return time.strftime("%H:%M:%S", time.localtime(float(when)))  # type: ignore[arg-type]
    return "--:--:--"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "..."


def _visible(text: str) -> str:
    """The text with what would move a cursor or end a line shown as escapes."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )
