"""Conversations: scripts, time, and what a protocol did."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.protocols.basic import FileSender
from twisted.protocols.policies import WrappingFactory
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol
from protocols.testing import (
    Advance,
    Conversation,
    Transcript,
    WriteAfterCloseError,
    converse,
)
from tests.testing.samples import Echo, HalfCloser, Recorder, factoryOf


class ConverseTests(SynchronousTestCase):
    def test_oneSegment(self) -> None:
        self.assertEqual(converse(factoryOf(Echo), b"hi"), Transcript(b"hi"))

    def test_manySegments(self) -> None:
        factory = factoryOf(Echo)
        self.assertEqual(converse(factory, iter([b"a", b"b"])), Transcript(b"ab"))

    def test_close(self) -> None:
        """What comes after the close is not delivered."""
        said = converse(factoryOf(Echo), [b"bye.", b"late"], end=True)
        self.assertEqual(said, Transcript(b"bye", disconnecting=True))

    def test_abort(self) -> None:
        """A peer that reads at once gets nothing of the call that aborts."""
        said = converse(factoryOf(Echo), [b"a", b"b!", b"late"])
        self.assertEqual(said, Transcript(b"a", disconnecting=True, aborted=True))

    def test_endIsNotAClose(self) -> None:
        """Their end is not ours: it does not count as disconnecting."""
        self.assertEqual(converse(factoryOf(Echo), b"a", end=True), Transcript(b"a"))

    def test_refused(self) -> None:
        """A factory may build nothing; the port then closes the connection."""

        class Refusing:
            def buildProtocol(self, addr: object) -> None:
                return None

        said = converse(Refusing(), [b"hi"], end=True)
        self.assertEqual(said, Transcript(b"", disconnecting=True))
        conversation = Conversation(Refusing())
        conversation.reset()
        self.assertIsNone(conversation.protocol)

    def test_peer(self) -> None:
        class Greeting(Recorder):
            def connectionMade(self) -> None:
                self.transport.write(self.transport.getPeer().host.encode())

        peer = IPv6Address("TCP", "2001:db8::1", 5)
        self.assertEqual(
            converse(factoryOf(Greeting), [], peer=peer).written, b"2001:db8::1"
        )

    def test_wrapped(self) -> None:
        said = converse(WrappingFactory(factoryOf(Echo)), [b"a", b"b.", b"c"])
        self.assertEqual(said, Transcript(b"ab", disconnecting=True))

    def test_anErrorReachesTheTest(self) -> None:
        class Failing(Recorder):
            def dataReceived(self, data: bytes) -> None:
                raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, converse, factoryOf(Failing), b"x")


class BackPressureTests(SynchronousTestCase):
    def test_heldBackWhilePaused(self) -> None:
        protocols: list[Recorder] = []

        class Pausing(Recorder):
            def dataReceived(self, data: bytes) -> None:
                super().dataReceived(data)
                protocols.append(self)
                self.transport.pauseProducing()

        def resume() -> None:
            self.assertEqual(protocols[-1].received, b"a")
            protocols[-1].transport.resumeProducing()

        converse(factoryOf(Pausing), [b"a", b"b", b"c", resume])
        self.assertEqual(protocols[-1].received, b"ab")

    def test_aPullProducerIsDrivenToItsEnd(self) -> None:
        from io import BytesIO

        content = bytes(range(256)) * 1000

        class Sending(Recorder):
            def connectionMade(self) -> None:
                sent: Deferred[Any] = FileSender().beginFileTransfer(
                    BytesIO(content), self.transport
                )
                sent.addCallback(lambda _: self.transport.loseConnection())

        said = converse(factoryOf(Sending), [])
        self.assertEqual(said, Transcript(content, disconnecting=True))

    def test_aPushProducerThatNeverStops(self) -> None:
        class Chargen(Recorder):
            def connectionMade(self) -> None:
                self.transport.registerProducer(self, True)
                self.resumeProducing()

            def pauseProducing(self) -> None:
                self.paused = True

            def resumeProducing(self) -> None:
                self.paused = False
                while not self.paused:
                    self.transport.write(b"x" * 60)

        self.patch(_conversationModule(), "MAX_STEPS", 10)
        with self.assertRaisesRegex(AssertionError, "never stops to write"):
            converse(factoryOf(Chargen), [])


class LateWriteTests(SynchronousTestCase):
    def test_raised(self) -> None:
        class Late(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.loseConnection()
                self.transport.write(data)

        self.assertRaises(WriteAfterCloseError, converse, factoryOf(Late), b"x")

    def test_raisedEvenIfCaught(self) -> None:
        """A protocol that reports all errors of its hooks can't hide it."""

        class Late(LineProtocol):
            def lineReceived(self, line: bytes) -> None:
                self.loseConnection()
                self.sendLine(line)

        with self.assertRaisesRegex(WriteAfterCloseError, "hidden"):
            converse(factoryOf(Late), b"hidden\r\n")
        self.assertEqual(len(self.flushLoggedErrors(WriteAfterCloseError)), 1)


class Timed(Recorder):
    """Says C{tick} three seconds after it was connected."""

    factory: Any

    def connectionMade(self) -> None:
        self.factory.clock.callLater(3, self.tick)

    def tick(self) -> None:
        self.transport.write(b"tick")


class TimeTests(SynchronousTestCase):
    def test_clockOfItsOwn(self) -> None:
        """As a service does, it lends a clock to a factory that has none."""
        factory = factoryOf(Timed, clock=None)
        self.assertEqual(converse(factory, [Advance(2.9)]).written, b"")
        self.assertIsInstance(factory.clock, Clock)
        self.assertEqual(converse(factory, [Advance(2), Advance(1)]).written, b"tick")

    def test_givenClock(self) -> None:
        clock = Clock()
        factory = factoryOf(Timed, clock=None)
        self.assertEqual(converse(factory, [Advance(3)], clock=clock).written, b"tick")
        self.assertIs(factory.clock, clock)
        self.assertEqual(clock.seconds(), 3)

    def test_noClockWanted(self) -> None:
        factory = factoryOf(Echo)
        converse(factory, [b"x", Advance(1)])
        self.assertFalse(hasattr(factory, "clock"))

    def test_calls(self) -> None:
        answer: Deferred[bytes] = Deferred()

        class Asking(LineProtocol):
            async def lineReceived(self, line: bytes) -> None:
                self.sendLine(line + b" " + await answer)

        said = converse(
            factoryOf(Asking),
            [b"a\r\nb\r\n", lambda: answer.callback(b"is a letter")],
        )
        self.assertEqual(said.written, b"a is a letter\r\nb is a letter\r\n")


class ConversationTests(SynchronousTestCase):
    def test_heard(self) -> None:
        conversation = Conversation(factoryOf(Echo))
        conversation.say(b"a")
        conversation.say(b"b")
        self.assertEqual(conversation.heard(), b"ab")
        conversation.say(b"c")
        self.assertEqual(conversation.heard(), b"c")
        self.assertEqual(conversation.heard(), b"")
        self.assertEqual(conversation.transcript, Transcript(b"abc"))

    def test_heardWithoutASegment(self) -> None:
        conversation = Conversation(factoryOf(Recorder))
        conversation.protocol.transport.write(b"by the way")
        self.assertEqual(conversation.heard(), b"by the way")

    def test_end(self) -> None:
        conversation = Conversation(factoryOf(HalfCloser))
        conversation.end()
        conversation.end()
        self.assertEqual(conversation.protocol.events, ["made", "readLost"])

    def test_reset(self) -> None:
        conversation = Conversation(factoryOf(HalfCloser))
        conversation.reset()
        conversation.reset()
        conversation.end()
        conversation.say(b"not sent")
        self.assertEqual(conversation.protocol.events, ["made", "ConnectionLost"])


def _conversationModule() -> Any:
    from protocols.testing import conversation

    return conversation
