"""What workers log becomes part of the log of the first process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twisted.logger import LogEvent, LogLevel

# Octets of what a worker tells in one line: more than the longest event that is
# written, of MOST_ENTRIES fields of LONGEST_TEXT (protocols.logs), ever has.
LONGEST_LINE = 1 << 20

# What an event of L{protocols.logs} always has; its own fields are the others.
_BASE = frozenset(("time", "level", "namespace", "text", "error", "traceback"))


def eventOf(told: Mapping[str, Any], number: int) -> LogEvent:
    """The event that a worker has told of, as one of our own.

    @param told: what L{protocols.logs.jsonLine} wrote.
    @param number: of the worker: it stands in the text and is a field, C{worker}.
    """
    event = {key: value for key, value in told.items() if key not in _BASE}
    traceback = told.get("traceback")
    event.update(
        log_time=_secondsOf(told["time"]),
        log_level=LogLevel.levelWithName(told["level"]),
        log_namespace=told["namespace"],
        log_format="worker {worker}: {log_text}",
        log_text=told["text"] + (f"\n{traceback}" if traceback else ""),
        worker=number,
    )
    return event


def _secondsOf(text: str | None) -> float:
    """Seconds since 1970; some events have no time, and begin with it."""
    if text is None:
        return 0.0
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
