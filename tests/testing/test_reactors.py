"""Reactors beside the global one."""

from __future__ import annotations

import os
import sys
from typing import Any
from unittest import mock, skipUnless

from twisted.internet.interfaces import IReactorCore, IReactorTCP, IReactorThreads
from twisted.internet.protocol import Factory
from twisted.internet.selectreactor import SelectReactor
from twisted.internet.ssl import PrivateCertificate
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python import threadable
from twisted.trial.unittest import SynchronousTestCase

from protocols.testing import selfSigned
from protocols.testing.reactors import closeDescriptors, makeReactor, run

DESCRIPTORS = "/proc/self/fd"


class MakeReactorTests(SynchronousTestCase):
    def reactor(self) -> Any:
        reactor = makeReactor()
        self.addCleanup(closeDescriptors, reactor)
        return reactor

    def test_provides(self) -> None:
        for interface in (IReactorCore, IReactorTCP, IReactorThreads):
            self.assertTrue(interface.providedBy(self.reactor()))

    def test_notTheGlobalOne(self) -> None:
        self.assertIsNot(self.reactor(), sys.modules.get("twisted.internet.reactor"))
        self.assertIsNot(self.reactor(), self.reactor())

    def test_withoutEPoll(self) -> None:
        module = "twisted.internet.epollreactor"
        with mock.patch.dict(sys.modules, {module: None}):
            self.assertIsInstance(self.reactor(), SelectReactor)


class RunTests(SynchronousTestCase):
    def test_inThisThread(self) -> None:
        before = threadable.ioThread
        reactor = makeReactor()
        reactor.callWhenRunning(reactor.stop)
        run(reactor)
        closeDescriptors(reactor)
        self.assertEqual(threadable.ioThread, before)

    def test_clockOfTLS(self) -> None:
        """TLS goes by the reactor of its thread while that runs, only then."""
        reactor = makeReactor()
        options = PrivateCertificate.loadPEM(selfSigned()).options()
        used: list[Any] = []

        def begin() -> None:
            used.append(TLSMemoryBIOFactory(options, False, Factory())._clock)

        reactor.callWhenRunning(begin)
        reactor.callWhenRunning(reactor.stop)
        run(reactor)
        closeDescriptors(reactor)
        begin()
        self.assertIs(used[0], reactor)
        self.assertIs(used[1], sys.modules["twisted.internet.reactor"])

    @skipUnless(os.path.isdir(DESCRIPTORS), f"needs {DESCRIPTORS}")
    def test_closeDescriptors(self) -> None:
        before = os.listdir(DESCRIPTORS)
        reactor = makeReactor()
        self.assertGreater(len(os.listdir(DESCRIPTORS)), len(before))
        closeDescriptors(reactor)
        self.assertEqual(os.listdir(DESCRIPTORS), before)
