"""The first process's end of what connects it with one worker.

Down go words, one a line. Up come lines of JSON: an event of the log; or
C{{"state": ...}}, what would be told systemd; or C{{"failed": ...}}, why the
worker could not start. What the worker prints comes by pipes of its own.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.linebuffer import LineBuffer
from protocols.workerlogs import LONGEST_LINE, eventOf
from protocols.workertask import Task

# Seconds after a worker's end in which its last words are read: somebody else,
# whom it has started, may have its pipes open for ever.
LAST_WORDS = 1.0


class WorkerChannel(ProcessProtocol):
    """One worker.

    @param task: its task.
    @param supervisor: is told C{workerReady(channel)}, C{workerEnded(channel,
        reason)}; its C{publish(event)} takes log events.
    @param reactor: an C{IReactorTime}.
    @ivar started: when it was started, in seconds of the reactor.
    @ivar isReady: whether it has told that it listens.
    @ivar failed: why it could not start; empty if it has not told.
    """

    log = Logger()

    def __init__(self, task: Task, supervisor: Any, reactor: Any) -> None:
        self.task = task
        self.number = task.number
        self.started = reactor.seconds()
        self.isReady = False
        self.failed = ""
        self._supervisor = supervisor
        self._reactor = reactor
        self._reading: dict[int, LineBuffer] = {}
        self._givingUp: Any = None

    @property
    def pid(self) -> int | None:
        """The number of its process, while that lives."""
        return self.transport.pid if self.transport is not None else None

    def connectionMade(self) -> None:
        """It runs: tell it its task."""
        self._write(self.task.toLine())

    def say(self, word: str) -> None:
        """Tell it a word of L{protocols.workertask}."""
        self._write(word.encode() + b"\n")

    def kill(self) -> None:
        """End it in any case."""
        if self.transport is not None and self.pid is not None:
            self.transport.signalProcess("KILL")

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Octets have come by one of its pipes."""
        buffer = self._reading.setdefault(childFD, LineBuffer(b"\n", LONGEST_LINE))
        buffer.feed(data)
        while buffer.split():
            for line in buffer.lines:
                if len(line) <= LONGEST_LINE:
                    self._lineReceived(childFD, line)
        buffer.overlong()

    def processExited(self, reason: Failure) -> None:
        """It has ended; its last words may still be under way."""
        self._givingUp = self._reactor.callLater(LAST_WORDS, self._closePipes)

    def processEnded(self, reason: Failure) -> None:
        """It has ended, and all that it said has been read."""
        if self._givingUp is not None and self._givingUp.active():
            self._givingUp.cancel()
        for childFD, buffer in self._reading.items():
            if rest := buffer.clear():
                self._lineReceived(childFD, rest)
        self._supervisor.workerEnded(self, reason)

    def _closePipes(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()

    def _lineReceived(self, childFD: int, line: bytes) -> None:
        if childFD != self.task.channel:
            text = line.decode("utf-8", "backslashreplace")
            self.log.info("worker {worker}: {text}", worker=self.number, text=text)
            return
        try:
            self._told(json.loads(line))
        except Exception:  # noqa: BLE001 - somebody else wrote to its descriptor
            self.log.debug("worker {worker}: a line is lost", worker=self.number)

    def _told(self, told: dict[str, Any]) -> None:
        if "text" in told:
            self._supervisor.publish(eventOf(told, self.number))
        elif "failed" in told:
            self.failed = told["failed"]
        elif told["state"] == "READY=1":
            self.isReady = True
            self._supervisor.workerReady(self)

    def _write(self, data: bytes) -> None:
        with suppress(KeyError):  # it has closed the pipe: it is ending
            if self.transport is not None:
                self.transport.writeToChild(0, data)
