"""L{protocols.lean.reactor}: its turns, its time, and how it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.internet.epollreactor import EPollReactor
from twisted.plugin import getPlugins
from twisted.python import context
from twisted.python.log import ILogContext
from twisted.trial.unittest import SynchronousTestCase

from protocols import lean
from protocols.lean import installIfUsable, reactor, selfcheck
from protocols.lean.reactor import LeanReactor, UnusableError
from tests.lean.conversations import LeanCase

ROOT = Path(__file__).parents[2]
TIMEOUT = 60


class TurnCase(SynchronousTestCase):
    """With a reactor whose clock and polls are ours."""

    def setUp(self) -> None:
        self.now = 1000.0
        self.slept: list[Any] = []
        self.reactor: Any = LeanReactor()
        self.addCleanup(self.reactor.discard)
        self.reactor.seconds = lambda: self.now
        self.reactor.round = self.slept.append
        self.reactor.running = True

    def turn(self) -> Any:
        self.reactor._turn()
        return self.slept[-1]


class TurnTests(TurnCase):
    def test_nothingToDo(self) -> None:
        self.assertIsNone(self.turn())

    def test_untilTheNextCall(self) -> None:
        called: list[int] = []
        self.reactor.callLater(2.5, called.append, 1)
        self.assertEqual(self.turn(), 2.5)
        self.now += 1
        self.assertEqual(self.turn(), 1.5)
        self.now += 1.5
        self.assertIsNone(self.turn())
        self.assertEqual(called, [1])

    def test_notForEver(self) -> None:
        """epoll_wait takes milliseconds in 31 bits."""
        self.reactor.callLater(1e9, list)
        self.assertEqual(self.turn(), 2147483)
        self.assertEqual(self.turn(), 2147483)

    def test_fromThread(self) -> None:
        called: list[int] = []
        self.reactor.callFromThread(called.append, 1)
        self.turn()
        self.assertEqual(called, [1])

    def test_stopping(self) -> None:
        """No sleep any more."""
        self.reactor.running = False
        self.assertEqual(self.turn(), 0)

    def test_sooner(self) -> None:
        call = self.reactor.callLater(9, list)
        self.turn()
        call.reset(3)
        self.assertEqual(self.turn(), 3)

    def test_mistake(self) -> None:
        """One that reaches the main loop is logged, and the loop goes on."""
        rounds = iter([ZeroDivisionError, None])

        def iteration(timeout: Any) -> None:
            mistake = next(rounds)
            if mistake:
                raise mistake
            self.reactor._started = False

        self.reactor.round = iteration
        self.reactor._started = True
        self.reactor.mainLoop()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class RunTests(LeanCase):
    def test_stoppedWhileItSends(self) -> None:
        """Who stops it when his connection ends is not left asleep."""
        made = self.reactor
        self.protocol.connectionLost = lambda reason: made.stop()
        late = made.callLater(TIMEOUT, made.crash)
        made.callWhenRunning(made.callLater, 0, self.transport.loseConnection)
        made.run(installSignalHandlers=False)
        self.assertFalse(late.called)
        late.cancel()

    def test_log(self) -> None:
        """While it runs, what is logged bears the name of who is served."""
        seen: list[str] = []

        def note(data: bytes = b"") -> None:
            seen.append(context.get(ILogContext)["system"])

        def act(data: bytes) -> None:
            note()
            self.reactor.callLater(0, note)
            self.reactor.callLater(0, self.reactor.stop)

        self.protocol.act = act
        self.theirs.sendall(b"x")
        prefix = self.transport.logPrefix()
        self.reactor.run(installSignalHandlers=False)
        self.assertEqual(seen, [prefix, "-"])

    def test_interruptedByAStop(self) -> None:
        """What was written in the same breath is sent before all is closed."""

        def act(data: bytes) -> None:
            self.transport.write(b"bye")
            self.reactor.stop()

        self.protocol.act = act
        self.theirs.sendall(b"x")
        self.reactor.run(installSignalHandlers=False)
        self.assertEqual(self.heard(), b"bye")


class InstallTests(SynchronousTestCase):
    def test_kind(self) -> None:
        self.assertTrue(issubclass(LeanReactor, EPollReactor))

    def test_faulty(self) -> None:
        """One line tells what is wrong, and nothing is installed."""
        with patch.object(selfcheck, "fault", lambda: "nothing is sent"):
            error = self.assertRaises(UnusableError, reactor.install)
        said = "the lean reactor can not be used: nothing is sent"
        self.assertEqual(str(error), said)

    def test_ifUsable(self) -> None:
        """Not with a fault, nor without epoll, nor beside another reactor."""
        with patch.object(selfcheck, "fault", lambda: "nothing is sent"):
            self.assertFalse(installIfUsable())
        with patch.dict("sys.modules", {"protocols.lean.reactor": None}):
            with patch.object(lean, "reactor", create=True):
                del lean.reactor
                self.assertFalse(installIfUsable())
        said = self.run_(
            "from protocols.lean import installIfUsable\n"
            "print(installIfUsable(), installIfUsable())\n"
        )
        self.assertEqual(said, "True False")

    def run_(self, program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=TIMEOUT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def test_install(self) -> None:
        """Importing it installs nothing."""
        program = (
            "import sys\n"
            "from protocols.lean.reactor import install\n"
            "assert 'twisted.internet.reactor' not in sys.modules\n"
            "install()\n"
            "from twisted.internet import reactor\n"
            "print(type(reactor).__name__)\n"
        )
        self.assertEqual(self.run_(program), "LeanReactor")

    def test_plugin(self) -> None:
        from twisted.application.reactors import IReactorInstaller

        names = [each.shortName for each in getPlugins(IReactorInstaller)]
        self.assertEqual(names.count("lean"), 1)

    def test_twistd(self) -> None:
        """C{twistd --reactor=lean} finds it."""
        program = (
            "from twisted.scripts.twistd import ServerOptions\n"
            "ServerOptions().parseOptions(['--reactor=lean'])\n"
            "from twisted.internet import reactor\n"
            "print(type(reactor).__module__)\n"
        )
        self.assertEqual(self.run_(program), "protocols.lean.reactor")
