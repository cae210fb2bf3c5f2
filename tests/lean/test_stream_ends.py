"""L{protocols.lean.stream}: how connections end, which is as Twisted's do."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer

from tests.lean.conversations import LeanCase, Talker


class EndTests(LeanCase):
    def test_close(self) -> None:
        """Behind what was written; that more is written is no matter."""

        def act(data: bytes) -> None:
            self.transport.write(b"bye")
            self.transport.loseConnection()
            self.assertIsNone(self.protocol.lost, "not while it is receiving")

        self.protocol.act = act
        self.receive()
        self.assertEqual((self.heard(), self.isEnded()), (b"bye", True))
        self.protocol.lost.trap(ConnectionDone)

    def test_closeWithNothingToSay(self) -> None:
        self.transport.loseConnection()
        self.assertIsNone(self.protocol.lost)
        self.turn()
        self.protocol.lost.trap(ConnectionDone)
        self.assertTrue(self.isEnded())

    def test_closeWithMuchToSay(self) -> None:
        """More than the kernel takes: closed when all has been sent."""
        transport, octets = self.transport, bytes(1 << 22)
        transport.write(octets)
        transport.loseConnection()
        self.turn()
        self.assertTrue(transport.disconnecting)
        heard = 0
        while self.protocol.lost is None:
            heard += len(self.heard())
            self.turn()
        while more := len(self.heard()):
            heard += more
        self.assertEqual(heard, len(octets))

    def test_abort(self) -> None:
        """At once, and what was written is not sent."""

        def act(data: bytes) -> None:
            self.transport.write(b"before")
            self.transport.abortConnection()
            self.transport.write(b"after")
            self.assertIsNone(self.protocol.lost)

        self.protocol.act = act
        self.receive()
        self.turn()
        self.protocol.lost.trap(ConnectionAborted)
        self.assertEqual(self.heard(), b"")

    def test_mistake(self) -> None:
        """It is logged under the connection's name, and ends the connection."""
        prefix = self.transport.logPrefix()
        events: list[Any] = []
        from twisted.python import log

        log.addObserver(events.append)
        self.addCleanup(log.removeObserver, events.append)

        def act(data: bytes) -> None:
            raise KeyError(data)

        self.protocol.act = act
        self.receive()
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
        self.protocol.lost.trap(KeyError)
        self.assertIn(prefix, [event["system"] for event in events if event["isError"]])

    def test_mistakeInConnectionLost(self) -> None:
        def lost(reason: Any) -> None:
            raise KeyError

        self.protocol.connectionLost = lost  # type: ignore[method-assign]
        self.theirs.close()
        self.turn()
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
        self.assertEqual(self.reactor.getReaders(), [self.reactor.waker])

    def test_theyClose(self) -> None:
        self.theirs.close()
        self.turn()
        self.protocol.lost.trap(ConnectionDone)

    def test_theyAreGone(self) -> None:
        """That nothing can be sent is found at the end of the turn."""
        self.transport.pauseProducing()
        self.theirs.close()
        self.transport.write(b"x")
        self.turn()
        self.protocol.lost.trap(ConnectionLost)

    def test_reset(self) -> None:
        """An error of reading ends the connection."""
        self.transport.write(b"x")
        self.turn()
        self.theirs.close()  # with an octet unread
        self.turn()
        self.protocol.lost.trap(ConnectionLost, ConnectionDone)
        self.assertEqual(self.reactor.getReaders(), [self.reactor.waker])

    def test_nothingIsSentLater(self) -> None:
        """Lost while it was listed."""

        def act(data: bytes) -> None:
            self.transport.write(b"late")
            raise KeyError

        self.protocol.act = act
        self.receive()
        self.flushLoggedErrors(KeyError)
        self.transport.write(b"later")
        self.turn()
        self.assertEqual(self.heard(), b"")


@implementer(IHalfCloseableProtocol)
class HalfTalker(Talker):
    readEnded = writeEnded = False

    def readConnectionLost(self) -> None:
        self.readEnded = True

    def writeConnectionLost(self) -> None:
        self.writeEnded = True


class HalfCloseTests(LeanCase):
    protocol: Any

    def talker(self) -> Any:
        return HalfTalker()

    def test_ours(self) -> None:
        """FIN behind what was written; nothing can be written any more."""
        self.transport.write(b"bye")
        self.transport.loseWriteConnection()
        self.turn()
        self.assertEqual((self.heard(), self.isEnded()), (b"bye", True))
        self.assertTrue(self.protocol.writeEnded)
        self.transport.write(b"more")
        self.receive(b"still there")
        self.assertEqual(self.protocol.heard, b"still there")

    def test_theirs(self) -> None:
        """We may go on to write, and then close."""
        self.theirs.shutdown(1)
        self.turn()
        self.assertTrue(self.protocol.readEnded)
        self.assertIsNone(self.protocol.lost)
        self.transport.write(b"one")
        self.turn()
        self.transport.write(b"two")
        self.transport.loseConnection()
        self.turn()
        self.assertEqual((self.heard(), self.isEnded()), (b"onetwo", True))
        self.protocol.lost.trap(ConnectionDone)
