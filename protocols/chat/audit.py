"""What operators have done: one line of JSON each, for who has to know later.

::

    {"time": "2026-03-01T12:00:00.250Z", "by": "ann", "act": "ban",
     "whom": "*!*@192.0.2.7", "room": "#lobby", "reason": "flood", "until": null}
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone

from twisted.logger import Logger

# Characters of a value; what is longer is somebody's text, and its beginning is
# enough to know which.
MAX_TEXT = 1000

Plain = str | int | float | bool | None
"""A value of a line."""


class AuditLog:
    """Writes down acts, in a file and in the log.

    A line is one write behind the end of the file, so it is there as a whole or
    not at all, whoever else writes. The file is for its owner alone. Who rotates
    it moves it away, and has L{reload} called (SIGHUP).

    @param path: of the file, appended to; with an empty one there is the log only.
    @param now: tells the seconds since 1970.
    @raise OSError: the file can't be opened.
    """

    log = Logger()

    def __init__(self, path: str, now: Callable[[], float]) -> None:
        self._path = path
        self._now = now
        self._file = -1
        self.reload()

    def record(
        self,
        by: str,
        act: str,
        whom: str = "",
        room: str = "",
        reason: str = "",
        **more: Plain,
    ) -> None:
        """Somebody has done something; never raises for a disk.

        @param by: who; their account, if they have one.
        @param act: what, in a word: C{kick}, C{ban}, C{topic}.
        @param more: what else is to be known, such as C{until}.
        """
        said = {"by": by, "act": act, "whom": whom, "room": room, "reason": reason}
        fields = {name: _bounded(value) for name, value in {**said, **more}.items()}
        line = json.dumps({"time": self._time(), **fields})
        self.log.info("Operator's act: {line}", line=line, **fields)
        if self._file >= 0:
            try:
                os.write(self._file, line.encode() + b"\n")
            except OSError as error:
                self.log.error("The audit can't be written: {why}", why=str(error))

    def reload(self) -> None:
        """Open the file anew.

        @raise OSError: it can't be opened; the one that was open stays so.
        """
        if self._path:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            old, self._file = self._file, os.open(self._path, flags, 0o600)
            _close(old)

    def close(self) -> None:
        """No more lines in the file."""
        old, self._file = self._file, -1
        _close(old)

    def _time(self) -> str:
        moment = datetime.fromtimestamp(self._now(), timezone.utc)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bounded(value: Plain) -> Plain:
    return value[:MAX_TEXT] if isinstance(value, str) else value


def _close(file: int) -> None:
    if file >= 0:
        os.close(file)
