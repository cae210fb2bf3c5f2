"""The service behind `--log-json`: opens the file, and opens it anew on reload."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

from twisted.application.service import Service
from twisted.logger import ILogObserver, LogEvent, LogPublisher, globalLogPublisher
from zope.interface import implementer

from protocols.logs import JSONLinesObserver

STANDARD_OUTPUT = "-"


@implementer(ILogObserver)
class LogFileService(Service):
    """Writes the log events of the process to a file, one JSON object a line.

    It begins before the services that it stands in front of and goes on until the
    reactor has ended, so that the ends of drained connections are in the file too.
    A reload opens the file anew: whoever rotates it moves it away and sends SIGHUP.

    @param where: A path, appended to; `-` is standard output.
    @param reactor: Tells when the process ends.
    @param publisher: Where the events come from.
    """

    def __init__(
        self,
        where: str,
        reactor: Any,
        publisher: LogPublisher = globalLogPublisher,
    ) -> None:
        self.setName("log")
        self._where = where
        self._reactor = reactor
        self._publisher = publisher
        self._stream: TextIO | None = None
        self._tell: Callable[[LogEvent], None] = lambda event: None

    def startService(self) -> None:
        """Open the file, and begin.

        @raise SystemExit: It can not be opened; the text says why.
        """
        super().startService()
        if self._stream is None:
            try:
                self.reload()
            except (OSError, ValueError) as error:
                raise SystemExit(f"--log-json: {error}") from None
            self._publisher.addObserver(self)
            self._reactor.addSystemEventTrigger("after", "shutdown", self.close)

    def reload(self) -> None:
        """Open the file anew.

        @raise OSError: It can not be opened; the one that was open stays so.
        @raise ValueError: It is no path.
        """
        old, self._stream = self._stream, openLog(self._where)
        self._tell = JSONLinesObserver(self._stream)
        if old is not None and old is not sys.stdout:
            old.close()

    def close(self) -> None:
        """No more events."""
        self._publisher.removeObserver(self)
        if self._stream is not None and self._stream is not sys.stdout:
            self._stream.close()
        self._stream = None

    def __call__(self, event: LogEvent) -> None:
        """Write one event: the service is itself the observer, whatever is open."""
        self._tell(event)


def openLog(where: str) -> TextIO:
    """The file, to be appended to.

    @raise OSError: It can not be opened.
    @raise ValueError: It is no path.
    """
    if where == STANDARD_OUTPUT:
        return sys.stdout
    return open(where, "a", encoding="utf-8")
