"""Names of messages and of folders in a Maildir. Pure.

A message's unique name is C{SECONDS.MmicrosecondsPprocessQcount.HOST,S=octets}
(D. J. Bernstein, "Using maildir format"; C{S=} is of Maildir++), to which mail
programs add C{:2,FLAGS}. Its number is in it: the microseconds since 1970.
"""

from __future__ import annotations

import re
from hashlib import sha256

from protocols.smtp.reading import INBOX

# Octets of a file's name (POSIX has NAME_MAX of 255 on the usual file systems).
MAX_FOLDER = 255
_CUT = 200

_MICROSECONDS = 1_000_000
_NUMBERED = re.compile(r"(\d{1,12})\.M(\d{1,6})P")


class Names:
    """Makes unique names, whose numbers rise even if the clock goes back.

    @param host: the name of this host.
    @param process: the number of this process.
    @param last: the highest number that there is.
    """

    def __init__(self, host: str, process: int, last: int = 0) -> None:
        # The description's own octal escapes for what a name can't hold.
        self._host = host.replace("/", r"\057").replace(":", r"\072")
        self._process = process
        self._last = last
        self._count = 0

    def next(self, now: float, size: int) -> tuple[int, str]:
        """A number, and the name that has it.

        @param now: seconds since 1970.
        @param size: octets of the message.
        """
        self._last = max(self._last + 1, int(now * _MICROSECONDS))
        self._count += 1
        seconds, micros = divmod(self._last, _MICROSECONDS)
        who = f"P{self._process}Q{self._count}.{self._host}"
        return self._last, f"{seconds}.M{micros:06d}{who},S={size}"


def uniqueOf(fileName: str) -> str:
    """The unique name, without the flags that mail programs add."""
    return fileName.partition(":")[0]


def numberOf(unique: str, modified: int) -> int:
    """The number of a message, which other programs need not have named as we do.

    @param modified: nanoseconds since 1970 of its file; what was copied has whole
        seconds of it, and is told apart by its name.
    """
    if found := _NUMBERED.match(unique):
        return int(found[1]) * _MICROSECONDS + int(found[2])
    seconds, rest = divmod(modified, 1_000_000_000)
    digest = int(sha256(unique.encode(errors="surrogateescape")).hexdigest(), 16)
    micros = rest // 1000 if rest else digest % _MICROSECONDS
    return seconds * _MICROSECONDS + micros


def receivedAt(number: int) -> float:
    """When the message of that number came, in seconds since 1970."""
    return number / _MICROSECONDS


def folderOf(inbox: str) -> str:
    """The subfolder of an inbox, as Maildir++ names it; empty for the first."""
    if inbox == INBOX:
        return ""
    name = f".{inbox}"
    if len(name.encode()) <= MAX_FOLDER:
        return name
    start = name.encode()[:_CUT].decode(errors="ignore")
    return f"{start}~{sha256(inbox.encode()).hexdigest()[:16]}"


def inboxOf(folder: str) -> str:
    """The inbox of a subfolder."""
    return folder[1:] or INBOX
