"""L{protocols.workerchannel}: what goes down to a worker and comes up."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ProcessDone
from twisted.internet.task import Clock
from twisted.logger import LogEvent, capturedLogs, formatEvent
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.workerchannel import LAST_WORDS, WorkerChannel
from protocols.workerlogs import LONGEST_LINE
from tests.workers import Transport, end, ready, taskOf, tell


class Supervisor:
    def __init__(self) -> None:
        self.told: list[object] = []
        self.events: list[LogEvent] = []

    def publish(self, event: LogEvent) -> None:
        self.events.append(event)

    def workerReady(self, channel: Any) -> None:
        self.told.append("ready")

    def workerEnded(self, channel: Any, reason: Any) -> None:
        self.told.append(reason.value)


EVENT = (
    '{"time": "2026-03-01T12:00:00.250Z", "level": "warn", "namespace": "a.b",'
    ' "text": "hello"}'
)


class ChannelTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.supervisor = Supervisor()
        self.channel = WorkerChannel(taskOf(), self.supervisor, self.clock)
        self.transport: Any = Transport(self.clock, 77)

    def start(self) -> None:
        self.channel.makeConnection(self.transport)

    def test_itsTaskFirst(self) -> None:
        self.start()
        self.channel.say("drain")
        expected = taskOf().toLine() + b"drain\n"
        self.assertEqual(self.transport.said, {0: expected})

    def test_beforeItRuns(self) -> None:
        self.channel.say("drain")
        self.channel.kill()
        self.assertIsNone(self.channel.pid)

    def test_toOneThatEnds(self) -> None:
        """Its pipe is closed, and its end not told yet."""
        self.start()
        self.transport.closed = True
        self.channel.say("drain")
        self.transport.pid = None
        self.channel.kill()
        self.assertEqual(self.transport.signals, [])

    def test_kill(self) -> None:
        self.start()
        self.channel.kill()
        self.assertEqual((self.channel.pid, self.transport.signals), (77, ["KILL"]))

    def test_linesInWhateverPieces(self) -> None:
        data = (EVENT + '\n{"state": "READY=1"}\n{"failed": "no"}\n').encode()
        for size in range(1, len(data) + 1):
            self.setUp()
            self.start()
            for place in range(0, len(data), size):
                self.channel.childDataReceived(3, data[place : place + size])
            (event,) = self.supervisor.events
            self.assertEqual(formatEvent(event), "worker 1: hello")
            self.assertEqual(self.supervisor.told, ["ready"])
            self.assertTrue(self.channel.isReady)
            self.assertEqual(self.channel.failed, "no")

    def test_fieldsOfEventsMayHaveAnyName(self) -> None:
        event = EVENT[:-1] + ', "state": "READY=1", "failed": "no"}'
        tell(self.channel, event)
        self.assertEqual((self.supervisor.told, self.channel.failed), ([], ""))
        self.assertEqual(self.supervisor.events[0]["state"], "READY=1")

    def test_otherStatesAreItsOwn(self) -> None:
        for state in ("RELOADING=1", "STOPPING=1"):
            tell(self.channel, f'{{"state": "{state}"}}')
        self.assertEqual((self.supervisor.told, self.supervisor.events), ([], []))

    def test_whatIsNoLineOfOurs(self) -> None:
        """A worker's own code may write to any descriptor; nothing ends by it."""
        with capturedLogs() as events:
            for text in ("nonsense", "[1]", "3", '{"time": 3}', '{"level": "odd"}'):
                tell(self.channel, text)
        self.assertEqual(len(events), 5)
        ready(self.channel)
        self.assertEqual(self.supervisor.told, ["ready"])

    def test_longestLine(self) -> None:
        """What is longer is dropped, and not kept until its end."""
        piece = b"x" * 65536
        for _ in range(2 * LONGEST_LINE // len(piece)):
            self.channel.childDataReceived(3, piece)
        kept = sum(len(each.tail) for each in self.channel._reading.values())
        self.assertLessEqual(kept, LONGEST_LINE + 1)
        tell(self.channel, "")
        ready(self.channel)
        self.assertEqual(self.supervisor.told, ["ready"])

    def test_oneLineTooLongAtOnce(self) -> None:
        with capturedLogs() as events:
            self.channel.childDataReceived(1, b"x" * (LONGEST_LINE + 1) + b"\nshort\n")
        self.assertEqual(list(map(formatEvent, events)), ["worker 1: short"])

    def test_whatItPrints(self) -> None:
        with capturedLogs() as events:
            self.channel.childDataReceived(1, b"out\xff\n")
            self.channel.childDataReceived(2, b"err {0}\n")
        said = [formatEvent(event) for event in events]
        self.assertEqual(said, ["worker 1: out\\xff", "worker 1: err {0}"])

    def test_end(self) -> None:
        self.start()
        end(self.channel)
        self.assertIsInstance(self.supervisor.told[0], ProcessDone)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_lastWords(self) -> None:
        """Who dies does not end the line."""
        self.start()
        with capturedLogs() as events:
            self.channel.childDataReceived(2, b"one\nFatal error")
            end(self.channel)
        said = [formatEvent(event) for event in events]
        self.assertEqual(said, ["worker 1: one", "worker 1: Fatal error"])

    def test_pipesThatSomebodyElseHasOpen(self) -> None:
        self.start()
        self.channel.processExited(Failure(ProcessDone(0)))
        self.clock.advance(LAST_WORDS)
        self.assertTrue(self.transport.closed)
        self.channel.processEnded(Failure(ProcessDone(0)))
        self.assertEqual(len(self.supervisor.told), 1)
