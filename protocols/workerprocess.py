"""A worker: C{python -m protocols.workerprocess}, started by L{protocols.workers}.

It runs the service that it is told to run, as C{twistd -n} would, but for where
its sockets come from and where its log goes. It is told its end by a word; or by
the end of the pipe, when the first process has died.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import sleep
from typing import IO, Any

from protocols.workerlimits import shareOf
from protocols.workertask import ABORT, DRAIN, METRICS, RELOAD, Task

# Seconds in which a worker whose first process has died closes what it has open.
ORPHAN_TIME = 2.0


class Worker:
    """What a service in a worker needs to know; its options have it as C{worker}.

    @ivar task: the worker's task.
    @param told: takes lines for the first process.
    """

    def __init__(self, task: Task, told: IO[str], reactor: Any) -> None:
        self.task = task
        self._toldTo = told
        self._reactor = reactor
        self._process: Any = None

    def processService(self, reactor: Any) -> Any:
        """What takes the place of L{protocols.process.ProcessService}."""
        from protocols.workersignals import WorkerProcessService

        self._process = WorkerProcessService(reactor, self.tell)
        return self._process

    def tell(self, *states: str) -> None:
        """Tell the first process what would be told systemd."""
        for state in states:
            self.write(state=state)

    def write(self, **told: str) -> None:
        """Write a line for the first process."""
        with suppress(OSError):  # there may be nobody any more who listens
            self._toldTo.write(json.dumps(told) + "\n")
            self._toldTo.flush()

    def listen(self, words: IO[bytes]) -> None:
        """Do what the first process says, until there is none; in a thread, since
        a reactor that is stuck would not notice.
        """
        for word in words:
            self._reactor.callFromThread(self.do, word.decode().strip())
        self._reactor.callFromThread(self.do, ABORT)
        self._reactor.callFromThread(self.do, DRAIN)
        sleep(ORPHAN_TIME)
        os._exit(1)

    def do(self, word: str) -> None:
        """Do what a word says."""
        process = self._process
        actions = {
            DRAIN: process.drain,
            ABORT: process.abort,
            RELOAD: process.reload,
            METRICS: process.logMetrics,
        }
        actions.get(word, lambda: None)()


def main() -> None:  # pragma: no cover - in a process of its own: tests/live
    """Be a worker."""
    words = os.fdopen(os.dup(0), "rb")
    task = Task.fromLine(words.readline())
    prepare(task)
    told = open(task.channel, "w", encoding="utf-8")  # noqa: SIM115 - to the end
    from twisted.python.reflect import namedModule

    if hasattr(namedModule(task.reactor), "install"):
        namedModule(task.reactor).install()
    from twisted.internet import reactor

    worker = Worker(task, told, reactor)
    Thread(target=worker.listen, args=(words,), daemon=True).start()
    try:
        start(worker, reactor, told)
    except (Exception, SystemExit) as error:
        worker.write(failed=str(error) or type(error).__name__)
        raise
    reactor.run()


def prepare(task: Task) -> None:  # pragma: no cover - as above
    """Have the process as its task wants it, before any module of Twisted's looks.

    Nothing that a service starts is to have our pipes.
    """
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.set_inheritable(task.channel, False)
    sys.path[:] = task.path
    del os.environ["PYTHONPATH"]
    if task.pythonPath is not None:
        os.environ["PYTHONPATH"] = task.pythonPath
    if task.systemd:
        os.environ["LISTEN_PID"] = str(os.getpid())
        os.environ["LISTEN_FDS"] = str(len(task.systemd))
        os.environ["LISTEN_FDNAMES"] = ":".join(task.systemd)


def start(worker: Worker, reactor: Any, told: Any) -> None:
    """Start the service; the log goes to the first process.

    @raise SystemExit: it can't start; the text says why.
    """
    from twisted.logger import globalLogBeginner

    from protocols.logs import JSONLinesObserver
    from protocols.workerports import InheritedPorts

    globalLogBeginner.beginLoggingTo([JSONLinesObserver(told, "debug")])
    InheritedPorts(reactor, worker.task.sockets).install()
    with inFolder(worker.task.folder):
        service = makeService(worker)
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    service.privilegedStartService()
    service.startService()


@contextmanager
def inFolder(path: str) -> Iterator[None]:
    """Be there for a while, if one can be."""
    before = os.getcwd()
    with suppress(OSError):
        os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def makeService(worker: Worker) -> Any:
    """The service of the worker's task."""
    from twisted.application.service import IServiceMaker
    from twisted.plugin import getPlugins

    task = worker.task
    makers: Any = getPlugins(IServiceMaker)
    (maker,) = [each for each in makers if each.tapname == task.tapname][:1]
    options = maker.options()
    options.worker = worker
    options.parseOptions(task.arguments)
    limits = getattr(options, "limits", None)
    if limits is not None:
        options.limits = shareOf(limits, task.number, task.count)
    return maker.makeService(options)


if __name__ == "__main__":  # pragma: no cover - as above
    main()
