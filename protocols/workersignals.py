"""Signals and words in a worker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.error import ReactorNotRunning

from protocols.process import ProcessService


class WorkerProcessService(ProcessService):
    """Tells the first process what would be told systemd, and ends by its words.

    A second signal does not end connections at once, as it does in a process that
    is alone: systemd and terminals send their signals to all processes, and the
    first process tells each as well. What is meant by a second one it says.

    @param tell: tells the first process.
    """

    def __init__(self, reactor: Any, tell: Callable[..., object]) -> None:
        super().__init__(reactor)
        self._tellFirst = tell

    def drain(self) -> None:
        """Begin to end; that it has begun already is no mistake."""
        self._ending = True
        with suppress(ReactorNotRunning):
            self._reactor.stop()

    def _end(self, number: int, frame: object) -> None:
        self._soon(self.drain)

    def _tell(self, *states: str) -> None:
        self._tellFirst(*states)
