"""L{protocols.lean.polling}: what is served, and what is polled for."""

from __future__ import annotations

import os
from typing import Any
from unittest.mock import patch

from twisted.internet.error import ConnectionDone, ConnectionFdescWentAway

from protocols.lean.sending import IDLE, POLLED
from tests.lean.conversations import LeanCase, Talker


class Plain:
    """A descriptor of somebody else's."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.reads = 0
        self.why: Any = None
        self.lost: Any = None

    def fileno(self) -> int:
        return self.number

    def logPrefix(self) -> str:
        return "plain"

    def doRead(self) -> Any:
        self.reads += 1
        os.read(self.number, 10)
        return self.why

    def connectionLost(self, reason: Any) -> None:
        self.lost = reason


class RoundTests(LeanCase):
    @patch("protocols.lean.polling.MOST_EVENTS", 2)
    def test_manyAreServedInSeveral(self) -> None:
        """Nobody is passed over: who was not served is first in the next round."""
        plains = [self.ready() for _ in range(5)]
        served = []
        for _ in range(3):
            self.turn()
            served.append(sum(each.reads for each in plains))
        self.assertEqual(served, [2, 4, 5])

    def ready(self) -> Plain:
        """One that has something to be read."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        plain = Plain(reading)
        self.reactor.addReader(plain)
        self.addCleanup(self.reactor.removeReader, plain)
        os.write(writing, b"x")
        return plain


class OtherDescriptorTests(LeanCase):
    def setUp(self) -> None:
        super().setUp()
        reading, self.writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, self.writing)
        self.plain = Plain(reading)
        self.reactor.addReader(self.plain)
        self.addCleanup(self.reactor.removeReader, self.plain)

    def test_read(self) -> None:
        os.write(self.writing, b"x")
        self.turn()
        self.turn()
        self.assertEqual(self.plain.reads, 1)

    def test_ended(self) -> None:
        os.write(self.writing, b"x")
        self.plain.why = ConnectionDone()
        self.turn()
        self.plain.lost.trap(ConnectionDone)
        self.assertNotIn(self.plain, self.reactor.getReaders())

    def test_mistake(self) -> None:
        os.write(self.writing, b"x")
        self.plain.doRead = lambda: 1 / 0  # type: ignore[method-assign]
        self.turn()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.plain.lost.trap(ZeroDivisionError)

    def test_mistakeAtTheEnd(self) -> None:
        os.write(self.writing, b"x")
        self.plain.why = ConnectionDone()
        self.plain.connectionLost = lambda reason: 1 / 0  # type: ignore
        self.turn()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_numberGone(self) -> None:
        """Somebody closed it behind the reactor's back."""
        os.write(self.writing, b"x")
        number, self.plain.number = self.plain.number, -1
        self.turn()
        self.plain.lost.trap(ConnectionFdescWentAway)
        self.plain.number = number


class EventTests(LeanCase):
    def test_removedMeanwhile(self) -> None:
        """An event of one that another has paused in the same round."""
        other = Talker()
        theirs = self.connect(other)

        def act(data: bytes) -> None:
            for each in (self.protocol, other):
                each.transport.pauseProducing()

        self.protocol.act = other.act = act
        theirs.sendall(b"x")
        self.receive(b"x")
        self.assertEqual(self.protocol.heard + other.heard, b"x")

    def test_interrupted(self) -> None:
        """By a signal whose handler raised: the round is over, and no more."""

        class Poller:
            def poll(self, timeout: float, most: int) -> Any:
                raise InterruptedError

        with patch.object(self.reactor, "_poller", Poller()):
            self.reactor.doPoll(0)

    def test_keyboardInterrupt(self) -> None:
        """It goes up from C{connectionLost}, and through a round, as in Twisted."""

        def lost(reason: Any) -> None:
            raise KeyboardInterrupt

        self.protocol.connectionLost = lost  # type: ignore[method-assign]
        self.theirs.shutdown(1)
        self.assertRaises(KeyboardInterrupt, self.turn)

    def test_keyboardInterruptWhileClosing(self) -> None:
        def lost(reason: Any) -> None:
            raise KeyboardInterrupt

        self.protocol.connectionLost = lost  # type: ignore[method-assign]
        self.transport.pauseProducing()
        self.fillAndClose()
        self.assertRaises(KeyboardInterrupt, self.turn)

    def test_keyboardInterruptWhileSending(self) -> None:
        """Those whose turn to be sent to had not come are sent to later."""
        other = Talker()
        theirs = self.connect(other)

        def lost(reason: Any) -> None:
            raise KeyboardInterrupt

        self.protocol.connectionLost = lost  # type: ignore[method-assign]
        self.transport.loseConnection()
        other.transport.write(b"later")
        self.assertRaises(KeyboardInterrupt, self.turn)
        self.assertEqual(self.heard(theirs), b"")
        self.turn()
        self.assertEqual(self.heard(theirs), b"later")

    def fillAndClose(self) -> None:
        self.transport.write(bytes(1 << 22))
        self.turn()
        self.theirs.close()


class SetTests(LeanCase):
    """Which descriptors a reactor has, for those who ask it."""

    def test_writers(self) -> None:
        """Listed or polled for, it is one that wants to write."""
        self.assertEqual(self.reactor.getWriters(), [])
        self.transport.write(b"x")
        self.assertEqual(self.reactor.getWriters(), [self.transport])
        self.turn()
        self.assertEqual(self.reactor.getWriters(), [])
        self.transport.write(bytes(1 << 22))
        self.turn()
        self.assertEqual(self.reactor.getWriters(), [self.transport])

    def test_addedByOthers(self) -> None:
        """Who polls for a stream himself is not told in vain for ever."""
        self.reactor.addWriter(self.transport)
        self.assertEqual(self.transport._sending, POLLED)
        self.transport.write(b"x")
        self.turn(2)
        self.assertEqual((self.heard(), self.polled()), (b"x", set()))

    def test_removedByOthers(self) -> None:
        self.transport.write(bytes(1 << 22))
        self.turn()
        self.reactor.removeWriter(self.transport)
        self.assertEqual(self.transport._sending, IDLE)
        self.transport.write(b"x")
        self.assertEqual(self.reactor.getWriters(), [self.transport])

    def test_stopWriting(self) -> None:
        """Listed, and then not to be written to."""
        self.transport.write(b"x")
        self.transport.stopWriting()
        self.turn()
        self.assertEqual(self.sends, 0)

    def test_removeAll(self) -> None:
        """One that is only listed is among them; the reactor's own are not."""
        self.transport.pauseProducing()
        self.transport.write(b"x")
        self.assertEqual(self.reactor.removeAll(), [self.transport])
        self.turn()
        self.assertEqual(self.heard(), b"")

    def test_removeAllThatIsRead(self) -> None:
        self.assertEqual(self.reactor.removeAll(), [self.transport])
        self.receive()
        self.assertEqual(self.protocol.heard, b"")
