"""L{protocols.workers}, L{protocols.workerlaunch}, L{protocols.workeroptions}."""

from __future__ import annotations

import os
from typing import Any

from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from protocols import workers
from protocols.options import ListenOptions
from protocols.process import ProcessService
from protocols.service import (
    CannotServeError,
    StreamService,
    serveDatagrams,
    serveStreams,
)
from protocols.workers import KILL_AFTER, WorkersService, leaveWith, serveWorkers
from tests.workers import Datagrams, Reactor, end, parsed, ready

LISTEN = "--listen=tcp:0:interface=127.0.0.1"


class ServiceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.left: list[int] = []
        self.patch(workers, "leaveWith", self.left.append)

    def serve(self, *words: str, serving: Any = serveStreams, **more: Any) -> Any:
        options = parsed("--workers=2", *words, **more)
        together = serving("echo", object(), options, self.reactor)
        _, service = together
        self.addCleanup(service.stopService)
        service._leave = self.left.append
        return service

    def started(self, *words: str, **more: Any) -> Any:
        service = self.serve(*words, **more)
        service.privilegedStartService()
        service.startService()
        for hook, args, kw in self.reactor.whenRunningHooks:
            hook(*args, **kw)
        return service

    def told(self, number: int) -> Any:
        return self.reactor.spawned[number - 1][1]

    def test_whatAWorkerIsGiven(self) -> None:
        """A pipe each way, what it prints, its channel, and its socket."""
        service = self.started("--drain-timeout=3")
        (shared,) = service.shared
        descriptors = self.told(1)["childFDs"]
        self.assertEqual(
            descriptors, {0: "w", 1: "r", 2: "r", 3: "r", 4: shared.descriptorOf(1)}
        )
        self.assertNotEqual(descriptors[4], self.told(2)["childFDs"][4])
        task = self.reactor.channels[1].task
        self.assertEqual((task.number, task.count, task.channel), (2, 2, 3))
        self.assertEqual(task.arguments, ["--workers=2", "--drain-timeout=3"])
        self.assertEqual(task.sockets, {shared.key: [4]})
        self.assertEqual((task.reactor, task.folder), ("tests.workers", os.getcwd()))
        self.assertEqual(
            self.told(2)["args"][1:], ["-m", "protocols.workerprocess", "echo", "2/2"]
        )

    def test_whatItSaysOnceAllServe(self) -> None:
        with capturedLogs() as events:
            service = self.started()
            for channel in self.reactor.channels:
                ready(channel)
        self.successResultOf(service.whenReady())
        said = [formatEvent(event) for event in events]
        expected = [f"Worker {n} is process {1000 + n}" for n in (1, 2)]
        self.assertEqual(said, [*expected, "echo: 2 workers serve"])

    def test_portsAreOpenedOnce(self) -> None:
        service = self.serve()
        service.privilegedStartService()
        shared = service.shared
        service.startService()
        self.assertIs(service.shared, shared)

    def test_stoppedBeforeTheReactorRuns(self) -> None:
        service = self.serve()
        service.startService()
        self.successResultOf(service.stopService())
        for hook, args, kw in self.reactor.whenRunningHooks:
            hook(*args, **kw)
        self.assertEqual(self.reactor.spawned, [])

    def test_takenPort(self) -> None:
        first = self.started()
        number = first.shared[0].sockets[0].getsockname()[1]
        listen = f"--listen=tcp:{number}:interface=127.0.0.1"
        second = self.serve(LISTEN, listen)
        error = self.assertRaises(CannotServeError, second.privilegedStartService)
        self.assertIn(f"port {number}: Address already in use", str(error))
        self.assertEqual(second.shared, [])

    def test_end(self) -> None:
        """First the ports are closed, then all drain, and then it is over."""
        service = self.started()
        (shared,) = service.shared
        done = service.stopService()
        self.assertEqual([each.fileno() for each in shared.sockets], [-1, -1])
        for channel in self.reactor.channels:
            self.assertEqual(channel.transport.words, ["drain"])
            self.assertNoResult(done)
            end(channel)
        self.successResultOf(done)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_whoDoesNotEndIsKilled(self) -> None:
        service = self.started("--drain-timeout=3")
        service.stopService()
        self.reactor.advance(3 + KILL_AFTER)
        first = self.reactor.channels[0].transport
        self.assertEqual(first.signals, [])
        self.reactor.advance(workers.ABORT_TIME)
        self.assertEqual(first.signals, ["KILL"])

    def test_whoDoesNotAbortIsKilled(self) -> None:
        service = self.started("--drain-timeout=3600")
        service.stopService()
        service.abort()
        self.reactor.advance(workers.ABORT_TIME + KILL_AFTER)
        first = self.reactor.channels[0].transport
        self.assertEqual((first.words, first.signals), (["drain", "abort"], ["KILL"]))
        service.abort()

    def test_words(self) -> None:
        service = self.started()
        service.abort()
        service.logMetrics()
        service.reload()
        words = [channel.transport.words for channel in self.reactor.channels]
        self.assertEqual(words, [["abort", "metrics", "reload"]] * 2)

    def test_givingUp(self) -> None:
        """In good order, and with status 1."""
        self.started()
        with capturedLogs() as events:
            end(self.reactor.channels[0], status=1)
        self.assertEqual(
            formatEvent(events[0]), "echo: worker 1 did not start: status 1"
        )
        self.assertEqual(events[0]["log_level"].name, "critical")
        self.assertEqual((self.left, self.reactor.hasStopped), ([1], True))

    def test_datagrams(self) -> None:
        service = self.serve(serving=serveDatagrams, kind=Datagrams)
        service.privilegedStartService()
        self.assertTrue(service.shared[0].key.startswith("udp 0 "))

    def test_withoutTwistd(self) -> None:
        options = parsed("--workers=2")
        options.parent = None
        error = self.assertRaises(
            SystemExit, serveWorkers, "echo", options, self.reactor
        )
        self.assertEqual(str(error), "echo: --workers needs twistd to start it")

    def test_inAWorker(self) -> None:
        """It serves itself, and the process is what the worker says it is."""

        class Worker:
            def processService(self, reactor: Any) -> Any:
                return ProcessService(reactor)

        options = parsed("--workers=2", "--log-json=/nowhere/at/all")
        options.worker = Worker()
        own, service = serveStreams("echo", object(), options, self.reactor)  # type: ignore[misc]
        self.assertIsInstance(service, StreamService)
        self.assertIsInstance(own, ProcessService)

    def test_optionsOfSomebodyElse(self) -> None:
        """A plugin's options need not know of workers."""

        class Plain(ListenOptions):
            defaultListen = "tcp:0"
            defaultProtocol = "twisted.internet.protocol.Protocol"

        options = parsed(kind=Plain)
        _, service = serveStreams("mine", object(), options, self.reactor)  # type: ignore[misc]
        self.assertNotIsInstance(service, WorkersService)


class LeaveTests(SynchronousTestCase):
    def test_atTheEndAndNotBefore(self) -> None:
        atEnd: list[Any] = []
        statuses: list[int] = []
        self.patch(workers.atexit, "register", atEnd.append)
        self.patch(os, "_exit", statuses.append)
        leaveWith(1)
        self.assertEqual(statuses, [])
        atEnd[0]()
        self.assertEqual(statuses, [1])
