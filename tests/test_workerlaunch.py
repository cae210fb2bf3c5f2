"""L{protocols.workerlaunch}, and how L{protocols.process} waits for workers."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols import process
from protocols.service import serveStreams
from protocols.workerlaunch import Launch, environmentOf
from protocols.workersockets import SharedPort
from protocols.workertask import FIRST_DESCRIPTOR
from tests.workers import Reactor, parsed, ready


class SystemdTests(SynchronousTestCase):
    def test_environment(self) -> None:
        """Whom systemd speaks to is the first process alone."""
        given = {"NOTIFY_SOCKET": "/x", "LISTEN_FDNAMES": "a", "HOME": "/home"}
        found = environmentOf(given)
        self.assertEqual(found.pop("PYTHONPATH"), os.pathsep.join(sys.path))
        self.assertEqual(found, {"HOME": "/home"})

    def test_socketsLieWhereSystemdHasThem(self) -> None:
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
