"""L{protocols.workers}, L{protocols.workerlaunch}, L{protocols.workeroptions}."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from twisted.logger import capturedLogs, formatEvent
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from protocols import process, workers
from protocols.options import DatagramOptions, ListenOptions
from protocols.process import ProcessService
from protocols.service import (
    CannotServeError,
    StreamService,
    serveDatagrams,
    serveStreams,
)
from protocols.workerlaunch import environmentOf
from protocols.workeroptions import MOST_WORKERS, WorkerOptions
from protocols.workers import KILL_AFTER, WorkersService, leaveWith, serveWorkers
from protocols.workertask import FIRST_DESCRIPTOR
from tests.workers import Reactor, end, ready

LISTEN = "--listen=tcp:0:interface=127.0.0.1"


class Options(WorkerOptions, ListenOptions):
    defaultListen = "tcp:0:interface=127.0.0.1"
    defaultProtocol = "twisted.internet.protocol.Protocol"


class Datagrams(WorkerOptions, DatagramOptions):
    defaultListen = "udp:0:interface=127.0.0.1"
    defaultProtocol = "twisted.internet.protocol.DatagramProtocol"


class Twistd(usage.Options):
    """What C{twistd} leaves of itself in a service's options."""

    subCommand = "echo"


def parsed(*words: str, kind: Any = Options) -> Any:
    options = kind()
    options.parent = Twistd()
    options.parseOptions(list(words))
    return options


class OptionTests(SynchronousTestCase):
    def test_default(self) -> None:
        self.assertEqual(parsed()["workers"], 1)

    def test_impossible(self) -> None:
        for text in ("0", "-1", "x", "1.5", str(MOST_WORKERS + 1), ""):
            error = self.assertRaises(usage.UsageError, parsed, "--workers", text)
            expected = "--workers: expected a whole number of processes, 1 to 256"
            self.assertEqual(str(error), f"{expected}, got {text!r}")

    def test_aConnectionForEach(self) -> None:
        words = ("--workers=4", "--max-connections")
        self.assertRaises(usage.UsageError, parsed, *words, "3")
        for fine in ("4", "0"):
            self.assertEqual(parsed(*words, fine)["workers"], 4)

    def test_elsewhere(self) -> None:
        self.patch(os, "name", "nt")
        self.assertRaises(usage.UsageError, parsed, "--workers=2")
        self.assertEqual(parsed("--workers=1")["workers"], 1)

    def test_whatWasSaid(self) -> None:
        words = ["--workers=2", "--listen", "tcp:1", "--drain-timeout=3"]
        self.assertEqual(parsed(*words).arguments, words)

    def test_ofTheProcess(self) -> None:
        self.patch(sys, "argv", ["this", "--workers=3"])
        options = Options()
        options.parseOptions()
        self.assertEqual(options.arguments, ["--workers=3"])


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


class SystemdTests(SynchronousTestCase):
    def test_environment(self) -> None:
        """Whom systemd speaks to is the first process alone."""
        given = {"NOTIFY_SOCKET": "/x", "LISTEN_FDNAMES": "a", "HOME": "/home"}
        found = environmentOf(given)
        self.assertEqual(found.pop("PYTHONPATH"), os.pathsep.join(sys.path))
        self.assertEqual(found, {"HOME": "/home"})

    def test_socketsLieWhereSystemdHasThem(self) -> None:
        from protocols.workerlaunch import Launch
        from protocols.workersockets import SharedPort

        class Held:
            def __init__(self, number: int) -> None:
                self.number = number

            def fileno(self) -> int:
                return self.number

        def port(key: str, number: int) -> SharedPort:
            return SharedPort(key, [Held(number)], lambda: None)

        ports = [
            port("tcp 25 ", 50),
            port("systemd:domain=INET:name=mail", 51),
            port("systemd:domain=INET:index=1", 52),
        ]
        task, descriptors = Launch("x", [], ".", 2, self).taskOf(1, ports)
        self.assertEqual(task.systemd, ["unknown", "unknown", "mail"])
        self.assertEqual(descriptors[FIRST_DESCRIPTOR + 1], 52)
        self.assertEqual(descriptors[FIRST_DESCRIPTOR + 2], 51)
        self.assertEqual(task.channel, FIRST_DESCRIPTOR + 3)
        self.assertEqual(task.sockets, {"tcp 25 ": [FIRST_DESCRIPTOR + 4]})
        self.assertNotIn(FIRST_DESCRIPTOR, descriptors)


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


class ReadinessTests(SynchronousTestCase):
    """L{protocols.process}: systemd is told what holds for all workers."""

    def setUp(self) -> None:
        self.states: list[str] = []
        self.patch(process, "notifySystemd", lambda *states: self.states.extend(states))
        self.patch(signal, "signal", lambda number, action: None)
        self.reactor = Reactor()
        options = parsed("--workers=2")
        self.together: Any = serveStreams("echo", object(), options, self.reactor)
        self.together.startService()
        self.addCleanup(self.together.stopService)
        for hook, args, kw in self.reactor.whenRunningHooks:
            hook(*args, **kw)

    def test_readyWhenAllServe(self) -> None:
        first, second = self.reactor.channels
        ready(first)
        self.assertEqual(self.states, [])
        ready(second)
        self.assertEqual(self.states, ["READY=1"])

    def test_reloadedWhenAllHave(self) -> None:
        for channel in self.reactor.channels:
            ready(channel)
        own, _ = self.together
        own.reload()
        self.assertEqual(len(self.states), 2)
        self.assertTrue(self.states[1].startswith("RELOADING=1"))
        for channel in self.reactor.channels:
            ready(channel)
        self.assertEqual(self.states[2:], ["READY=1"])

    def test_metricsOfEach(self) -> None:
        own, _ = self.together
        own.logMetrics()
        words = [channel.transport.words for channel in self.reactor.channels]
        self.assertEqual(words, [["metrics"], ["metrics"]])
