"""L{protocols.workerteam}: workers are kept alive, and spoken to together."""

from __future__ import annotations

from signal import SIGKILL

from twisted.logger import LogEvent, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from protocols.workerlaunch import Launch
from protocols.workerrestarts import MOST_DEATHS, STEADY
from protocols.workerteam import RELOAD_TIME, Team
from tests.workers import Reactor, end, ready, tell


class TeamTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.gaveUp: list[str] = []
        self.events: list[LogEvent] = []
        launch = Launch("echo", ["--listen=x"], ".", 2, self.reactor)
        self.team = Team(launch, self.reactor, self.gaveUp.append, self.events.append)

    def start(self, *, ready_: bool = True) -> None:
        self.team.start([])
        if ready_:
            for channel in self.reactor.channels:
                ready(channel)

    def words(self) -> list[list[str]]:
        return [channel.transport.words for channel in self.reactor.channels]

    def test_readyWhenAllAre(self) -> None:
        self.start(ready_=False)
        done = self.team.whenReady()
        first, second = self.reactor.channels
        ready(second)
        self.assertNoResult(done)
        ready(first)
        self.successResultOf(done)

    def test_anotherAtOnce(self) -> None:
        self.start()
        self.reactor.advance(STEADY)
        with capturedLogs() as events:
            end(self.reactor.channels[0], SIGKILL)
        self.assertEqual(
            [formatEvent(event) for event in events],
            ["Worker 1 ended after 10.0 s (signal 9); another starts in 0 s"],
        )
        self.reactor.advance(0)
        self.assertEqual([each.number for each in self.reactor.channels], [1, 2, 1])
        self.assertEqual(sorted(self.team.workers), [1, 2])

    def test_againAndAgain(self) -> None:
        """Ever later, and then no more; each death is logged once."""
        self.start()
        moments = []
        with capturedLogs() as events:
            while not self.gaveUp:
                end(self.reactor.channels[-1], status=3)
                while not self.gaveUp and 2 not in self.team.workers:
                    self.reactor.advance(0.5)
                moments.append(self.reactor.seconds())
        self.assertEqual(moments, [0.5, 1.5, 3.5, 7.5, 15.5, 15.5])
        self.assertEqual(self.gaveUp, ["worker 2 dies again and again: status 3"])
        ends = [event for event in events if "lived" in event]
        self.assertEqual(len(ends), MOST_DEATHS)

    def test_oneThatNeverStarted(self) -> None:
        """What a first start fails of, the next would fail of, too."""
        self.start(ready_=False)
        first, second = self.reactor.channels
        tell(first, '{"failed": "smtp: no such store"}')
        end(first, status=1)
        end(second, status=1)
        why = "worker 1 did not start: smtp: no such store"
        self.assertEqual(self.gaveUp, [why])
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_withoutAReason(self) -> None:
        self.start(ready_=False)
        end(self.reactor.channels[1])
        self.assertEqual(self.gaveUp, ["worker 2 did not start: status 0"])

    def test_noProcessCanBeStarted(self) -> None:
        self.start()
        self.reactor.failing = True
        end(self.reactor.channels[0], SIGKILL)
        self.reactor.advance(0)
        self.assertEqual(len(self.gaveUp), 1)
        self.assertIn("Resource temporarily unavailable", self.gaveUp[0])
        self.assertEqual(sorted(self.team.workers), [2])

    def test_end(self) -> None:
        self.start()
        done = self.team.end()
        self.assertEqual(self.words(), [["drain"], ["drain"]])
        end(self.reactor.channels[0])
        self.assertNoResult(done)
        end(self.reactor.channels[1], SIGKILL)
        self.successResultOf(done)
        self.reactor.advance(100)
        self.assertEqual((len(self.reactor.channels), self.gaveUp), (2, []))

    def test_endWhileOneIsWaitedFor(self) -> None:
        self.start()
        end(self.reactor.channels[0], SIGKILL)
        self.team.end()
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_endWithoutAny(self) -> None:
        self.successResultOf(self.team.end())

    def test_kill(self) -> None:
        self.start()
        self.team.kill()
        signals = [channel.transport.signals for channel in self.reactor.channels]
        self.assertEqual(signals, [["KILL"], ["KILL"]])

    def test_reload(self) -> None:
        self.start()
        done = self.team.reload()
        self.assertEqual(self.words(), [["reload"], ["reload"]])
        ready(self.reactor.channels[0])
        self.assertNoResult(done)
        ready(self.reactor.channels[1])
        self.successResultOf(done)

    def test_reloadOfOneThatDies(self) -> None:
        """The one that comes has read everything anew."""
        self.start()
        done = self.team.reload()
        ready(self.reactor.channels[0])
        end(self.reactor.channels[1], SIGKILL)
        self.successResultOf(done)

    def test_reloadThatTakesTooLong(self) -> None:
        self.start()
        with capturedLogs() as events:
            done = self.team.reload()
            ready(self.reactor.channels[0])
            self.reactor.advance(RELOAD_TIME)
        self.successResultOf(done)
        self.assertEqual(
            [formatEvent(event) for event in events],
            ["Workers that did not reload in time: [2]"],
        )
        ready(self.reactor.channels[1])

    def test_reloadTwice(self) -> None:
        """The second waits for what the first waits for."""
        self.start()
        both = [self.team.reload(), self.team.reload()]
        for channel in self.reactor.channels:
            ready(channel)
        for done in both:
            self.successResultOf(done)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_reloadWhileStarting(self) -> None:
        """Nobody is told that we are ready before we are."""
        self.start(ready_=False)
        done = self.team.whenReady()
        self.team.reload()
        self.assertNoResult(done)

    def test_whatTheyLog(self) -> None:
        self.start()
        tell(
            self.reactor.channels[1],
            '{"time": null, "level": "info", "namespace": "a", "text": "b"}',
        )
        self.assertEqual([formatEvent(e) for e in self.events], ["worker 2: b"])
