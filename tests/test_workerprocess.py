"""L{protocols.workerprocess}, L{protocols.workersignals}: the worker's side."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
from dataclasses import replace
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.error import ReactorNotRunning
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from protocols import process, workerprocess
from protocols.service import DatagramService, StreamService
from protocols.workerprocess import ORPHAN_TIME, Worker, makeService, start
from protocols.workersignals import WorkerProcessService
from protocols.workertask import Task


class Reactor(MemoryReactorClock):
    """Runs at once what comes from another thread."""

    running_ = True

    def callFromThread(self, f: Any, *args: Any, **kw: Any) -> None:
        f(*args, **kw)

    def stop(self) -> None:
        if not self.running_:
            raise ReactorNotRunning
        self.running_ = False

    def listenUNIX(self, *args: Any, **kw: Any) -> None:
        raise AssertionError("nobody listens on UNIX sockets here")

    def listenUDP(self, *args: Any, **kw: Any) -> None:
        raise AssertionError("nobody listens for datagrams here")


LISTEN = "--listen=tcp:0:interface=127.0.0.1"


def taskOf(*words: str) -> Task:
    arguments = ["--workers=2", LISTEN, *words]
    return Task(2, 2, "echo", arguments, "x", [], "/", None, 3)


class WorkerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.installed: dict[int, Any] = {}
        self.patch(signal, "signal", self.installed.__setitem__)
        self.patch(process, "notifySystemd", self.fail)
        self.reactor: Any = Reactor()
        self.told = io.StringIO()
        self.worker = Worker(taskOf(), self.told, self.reactor)

    def states(self) -> list[str]:
        return [json.loads(line)["state"] for line in self.told.getvalue().splitlines()]

    def begin(self) -> Any:
        own = self.worker.processService(self.reactor)
        own.privilegedStartService()
        own.startService()
        for hook, args, kw in self.reactor.whenRunningHooks:
            hook(*args, **kw)
        return own

    def test_tellsTheFirstProcess_notSystemd(self) -> None:
        own = self.begin()
        self.worker.do("reload")
        own.stopService()
        states = self.states()
        self.assertTrue(states[1].startswith("RELOADING=1\nMONOTONIC_USEC="))
        del states[1]
        self.assertEqual(states, ["READY=1", "READY=1", "STOPPING=1"])

    def test_signalsDrain_howeverOften(self) -> None:
        """They go to all processes: a second one means nothing."""
        own = self.begin()
        aborts: list[object] = []
        own.abort = lambda: aborts.append(1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            self.installed[number](number, None)
        self.assertEqual((self.reactor.running_, aborts), (False, []))

    def test_words(self) -> None:
        own = self.begin()
        asked: list[str] = []
        for name in ("drain", "abort", "reload", "logMetrics"):
            self.patch(own, name, lambda name=name: asked.append(name))
        for word in ("drain", "abort", "reload", "metrics", "nonsense", ""):
            self.worker.do(word)
        self.assertEqual(asked, ["drain", "abort", "reload", "logMetrics"])

    def test_anOrphanEnds(self) -> None:
        """In good order if it can, and in any case."""
        done: list[object] = []
        self.patch(self.worker, "do", done.append)
        self.patch(workerprocess, "sleep", done.append)
        self.patch(os, "_exit", lambda status: done.append(("exit", status)))
        self.worker.listen(io.BytesIO(b"reload\n"))
        expected = ["reload", "abort", "drain", ORPHAN_TIME, ("exit", 1)]
        self.assertEqual(done, expected)

    def test_drainTwice(self) -> None:
        own = WorkerProcessService(self.reactor, self.worker.tell)
        own.drain()
        own.drain()
        self.assertFalse(self.reactor.running_)


class ServiceTests(SynchronousTestCase):
    def workerOf(self, *words: str, told: Any = None) -> Worker:
        return Worker(taskOf(*words), told or io.StringIO(), installed)

    def test_theServiceThatTwistdWouldMake(self) -> None:
        """With the limits that are its share."""
        together: Any = makeService(self.workerOf("--max-connections=5"))
        own, service = together
        self.assertIsInstance(own, WorkerProcessService)
        self.assertIsInstance(service, StreamService)
        self.assertEqual(service._limits.maxConnections, 2)
        self.assertEqual(service._limits.acceptRate, 500)

    def test_datagramsHaveNoLimits(self) -> None:
        task = replace(taskOf(), tapname="udpecho", arguments=["--listen=udp:0"])
        together: Any = makeService(Worker(task, io.StringIO(), installed))
        self.assertIsInstance(list(together)[1], DatagramService)

    def test_start(self) -> None:
        """It logs to the first process, and ends with the reactor."""
        from twisted import logger

        observers: list[Any] = []
        self.patch(logger, "globalLogBeginner", self)
        self.beginLoggingTo = observers.extend
        places: list[str] = []

        def make(worker: Worker) -> _Service:
            places.append(os.getcwd())
            return service

        self.patch(workerprocess, "makeService", make)
        service, reactor, told = _Service(), Reactor(), io.StringIO()
        start(self.workerOf(), reactor, told)
        self.assertEqual(service.done, ["privilegedStartService", "startService"])
        self.assertEqual(places, ["/"])
        self.assertNotEqual(os.getcwd(), "/")
        self.assertEqual(
            reactor.triggers["before"]["shutdown"], [(service.stopService, (), {})]
        )
        observers[0]({"log_format": "hello"})
        self.assertEqual(json.loads(told.getvalue())["text"], "hello")

    def test_folderThatIsGone(self) -> None:
        before = os.getcwd()
        with workerprocess.inFolder("/no/such/folder"):
            self.assertEqual(os.getcwd(), before)

    def test_nobodyListens(self) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with contextlib.suppress(OSError), open(writing, "w") as told:
            self.workerOf(told=told).tell("STOPPING=1")

    def test_failure(self) -> None:
        told = io.StringIO()
        self.workerOf(told=told).write(failed="no store")
        self.assertEqual(told.getvalue(), '{"failed": "no store"}\n')


class _Service:
    def __init__(self) -> None:
        self.done: list[str] = []

    def privilegedStartService(self) -> None:
        self.done.append("privilegedStartService")

    def startService(self) -> None:
        self.done.append("startService")

    def stopService(self) -> None:
        self.done.append("stopService")
