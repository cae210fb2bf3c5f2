"""L{protocols.process}: signals, and what systemd hears."""

from __future__ import annotations

import signal
from typing import Any

from twisted.application.service import MultiService, Service
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from protocols import process
from protocols.process import ProcessService


class Noting(Service):
    """Notes what it is asked to do."""

    name = "noting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def reload(self) -> None:
        self.asked.append("reload")

    def abort(self) -> None:
        self.asked.append("abort")

    def snapshot(self) -> dict[str, object]:
        return {"counters": {"accepted": 7}}


class Failing(Noting):
    name = "failing"

    def reload(self) -> None:
        raise ValueError("no such certificate")


class SignalReactor(MemoryReactorClock):
    """Runs at once what comes from a signal handler."""

    wasStopped = False

    def stop(self) -> None:
        self.wasStopped = True

    def callFromThread(self, f: Any, *args: Any, **kw: Any) -> None:
        f(*args, **kw)


class ProcessTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.installed: dict[int, Any] = {}
        self.reactorHandled: list[int] = []
        self.told: list[str] = []
        self.patch(signal, "signal", self.install)
        self.patch(process, "notifySystemd", lambda *states: self.told.extend(states))
        self.reactor: Any = SignalReactor()
        self.root = MultiService()
        self.noting = Noting()
        self.process = ProcessService(self.reactor)
        self.process.setServiceParent(self.root)
        self.noting.setServiceParent(self.root)

    def install(self, number: int, handler: Any) -> Any:
        previous = self.installed.get(number, self.handledByReactor)
        self.installed[number] = handler
        return previous

    def handledByReactor(self, number: int, frame: Any) -> None:
        self.reactorHandled.append(number)

    def start(self) -> None:
        self.root.privilegedStartService()
        self.root.startService()
        for what, args, kw in self.reactor.whenRunningHooks:
            what(*args, **kw)

    def send(self, number: int) -> None:
        self.installed[number](number, None)

    def test_readyOnceTheReactorRuns(self) -> None:
        self.root.startService()
        self.assertEqual((self.told, self.installed), ([], {}))

    def test_hangupNeverKills(self) -> None:
        """Not even one that comes before the reactor runs."""
        self.root.privilegedStartService()
        self.assertEqual(set(self.installed), {signal.SIGHUP, signal.SIGUSR1})
        self.send(signal.SIGHUP)
        self.assertEqual(self.noting.asked, ["reload"])

    def test_secondSignalEndsAtOnce(self) -> None:
        self.start()
        self.send(signal.SIGINT)
        self.assertEqual(self.reactorHandled, [signal.SIGINT])
        self.assertEqual(self.noting.asked, [])
        self.send(signal.SIGTERM)
        self.assertEqual(self.noting.asked, ["abort"])
        self.assertEqual(self.reactorHandled, [signal.SIGINT])
        self.assertFalse(self.reactor.wasStopped)

    def test_endingInOrderIsNoFailure(self) -> None:
        """The reactor's own handler would have twistd end by SIGTERM, not with 0."""
        self.start()
        self.send(signal.SIGTERM)
        self.assertEqual((self.reactorHandled, self.noting.asked), ([], []))
        self.assertTrue(self.reactor.wasStopped)

    def test_reload(self) -> None:
        self.start()
        self.send(signal.SIGHUP)
        self.assertEqual(self.noting.asked, ["reload"])
        self.assertEqual(self.told[0], "READY=1")
        self.assertTrue(self.told[1].startswith("RELOADING=1\nMONOTONIC_USEC="))
        self.assertEqual(self.told[2:], ["READY=1"])

    def test_reloadThatFails(self) -> None:
        """It is logged, and the other services are reloaded all the same."""
        failing = Failing()
        failing.setServiceParent(self.root)
        self.root.services.reverse()
        self.start()
        self.send(signal.SIGHUP)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.assertEqual(self.noting.asked, ["reload"])

    def test_metrics(self) -> None:
        self.start()
        with capturedLogs() as events:
            self.send(signal.SIGUSR1)
        (event,) = [event for event in events if event.get("event") == "snapshot"]
        self.assertEqual(event["service"], "noting")
        self.assertEqual(event["snapshot"], {"counters": {"accepted": 7}})

    def test_oneOfManyActs(self) -> None:
        """Services that each bring one may be put together into a suite."""
        other = MultiService()
        ProcessService(self.reactor).setServiceParent(other)
        other.setServiceParent(self.root)
        self.start()
        self.assertEqual(len(self.reactor.whenRunningHooks), 1)

    def test_stopping(self) -> None:
        self.start()
        self.process.stopService()
        self.assertEqual(self.told, ["READY=1", "STOPPING=1"])

    def test_restingOneSaysNothing(self) -> None:
        self.root.startService()
        self.process.stopService()
        self.assertEqual(self.told, [])

    def test_notInTheMainThread(self) -> None:
        def refuse(number: int, handler: Any) -> None:
            raise ValueError("signal only works in main thread")

        self.patch(signal, "signal", refuse)
        self.start()
        self.assertEqual(self.told, ["READY=1"])
