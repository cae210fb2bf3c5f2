"""A port that looks whether there are descriptors left before it accepts."""

from __future__ import annotations

import fcntl
import os
import resource
import sys
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.accepting import (
    ACCEPTS,
    PART,
    PAUSE,
    SPARE,
    acceptable,
    pauseWhenFull,
)


class Port:
    """What there is of a port of Twisted's."""

    connected = True
    numberAccepts = 1000

    def __init__(self, case: Case) -> None:
        self._case = case
        self.did: list[object] = []

    def fileno(self) -> int:
        return self._case.known

    def doRead(self) -> None:
        self.did.append(self.numberAccepts)

    def stopReading(self) -> None:
        self.did.append("stop")

    def startReading(self) -> None:
        self.did.append("start")


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.known = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, self.known)

    def allow(self, most: int) -> None:
        """Have the process be one that may have so many descriptors."""
        self.patch(resource, "getrlimit", lambda which: (most, most))


class DescriptorTests(Case):
    def test_enough(self) -> None:
        for most in (900, resource.RLIM_INFINITY):
            self.allow(most)
            self.assertEqual(acceptable(self.known), ACCEPTS)

    def test_few(self) -> None:
        """Of few in all a part is enough, but for those that are spared."""
        most = self._few()
        self.allow(most)
        self.assertEqual(acceptable(self.known), most // PART - SPARE)

    def test_hardlyAny(self) -> None:
        """The first of those at the top is in use."""
        most = self._few()
        self.allow(most)
        used = fcntl.fcntl(self.known, fcntl.F_DUPFD, most - most // PART)
        self.addCleanup(os.close, used)
        self.assertEqual(acceptable(self.known), 0)

    def test_none(self) -> None:
        """Nothing may be opened, or the kernel says no."""
        for most in (0, 1 << 30):
            self.allow(most)
            self.assertEqual(acceptable(self.known), 0)

    def test_anotherSystem(self) -> None:
        """Where there is no such limit to be asked for, it does not matter."""
        modules: Any = sys.modules
        self.addCleanup(modules.__setitem__, "fcntl", fcntl)
        modules["fcntl"] = None
        self.allow(0)
        self.assertEqual(acceptable(self.known), ACCEPTS)

    def test_nothingIsLeftOpen(self) -> None:
        before = os.listdir("/proc/self/fd")
        acceptable(self.known)
        self.assertEqual(os.listdir("/proc/self/fd"), before)

    def _few(self) -> int:
        """A limit at which what is looked at is free."""
        used = {int(each) for each in os.listdir("/proc/self/fd")}
        return next(n for n in range(100, 320, PART) if n - n // PART not in used)


class PortTests(Case):
    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()
        self.port: Any = pauseWhenFull(Port(self), "chat", self.clock)

    def test_accepts(self) -> None:
        """So many in a turn; never more than the port would by itself."""
        self.allow(900)
        self.port.doRead()
        self.port.numberAccepts = 3
        self.port.doRead()
        self.assertEqual(self.port.did, [ACCEPTS, 3])

    def test_pauses(self) -> None:
        self.allow(0)
        self.port.doRead()
        self.assertEqual(self.port.did, ["stop"])
        self.clock.advance(PAUSE)
        self.assertEqual(self.port.did, ["stop", "start"])

    def test_closedMeanwhile(self) -> None:
        self.allow(0)
        self.port.doRead()
        self.port.connected = False
        self.clock.advance(PAUSE)
        self.assertEqual(self.port.did, ["stop"])

    def test_withoutADescriptor(self) -> None:
        """Ports of tests, and of other reactors, stay as they are."""
        port = object()
        self.assertIs(pauseWhenFull(port, "chat", self.clock), port)
