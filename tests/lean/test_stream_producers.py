"""L{protocols.lean.stream}: producers are told what Twisted tells them."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import connectionDone

from tests.lean.conversations import LeanCase, Talker


class Producer:
    def __init__(self) -> None:
        self.events: list[str] = []

    def pauseProducing(self) -> None:
        self.events.append("pause")

    def resumeProducing(self) -> None:
        self.events.append("resume")

    def stopProducing(self) -> None:
        self.events.append("stop")


class Pulled(Producer):
    """Writes a piece each time that it is asked to."""

    def __init__(self, transport: Any, pieces: list[bytes]) -> None:
        super().__init__()
        self.transport, self.pieces = transport, pieces

    def resumeProducing(self) -> None:
        if self.pieces:
            self.transport.write(self.pieces.pop(0))
        else:
            self.transport.unregisterProducer()


class ProducerTests(LeanCase):
    def test_pushed(self) -> None:
        """Paused above 64 KiB that are not sent yet, and resumed below."""
        producer = Producer()
        self.transport.registerProducer(producer, True)
        self.transport.write(b"x" * (1 << 16))
        self.assertEqual(producer.events, [])
        self.transport.write(b"x")
        self.assertEqual(producer.events, ["pause"])
        self.turn()
        self.assertEqual(self.heard(), b"x" * (1 << 16) + b"x")
        self.assertEqual(producer.events, ["pause", "resume"])

    def test_notResumedTooEarly(self) -> None:
        """The kernel has not taken all."""
        producer = Producer()
        self.transport.registerProducer(producer, True)
        self.transport.write(bytes(1 << 22))
        self.turn()
        self.assertEqual(producer.events, ["pause"])
        while self.polled():
            self.heard()
            self.turn()
        self.assertEqual(producer.events, ["pause", "resume"])

    def test_pulled(self) -> None:
        """One piece after the other, and the reactor does not sleep meanwhile."""
        pieces = [b"a", b"b", b"c", b"d"]
        self.transport.registerProducer(Pulled(self.transport, pieces), False)
        self.transport.loseConnection()
        self.reactor.iterate(None)
        self.reactor.iterate(None)
        self.turn(3)
        self.assertEqual((self.heard(), self.isEnded()), (b"abcd", True))
        self.protocol.lost.trap(ConnectionDone)

    def test_stopped(self) -> None:
        producer = Producer()
        self.transport.registerProducer(producer, True)
        self.transport.abortConnection()
        self.turn()
        self.assertEqual(producer.events, ["stop"])

    def test_abortedAndWrittenTo(self) -> None:
        """Nobody asks for more, and nothing is sent or polled for."""
        producer = Producer()
        self.transport.registerProducer(producer, False)
        self.turn()
        producer.events.clear()
        self.transport.abortConnection()
        self.transport.write(b"late")
        self.reactor.sendWritten()
        self.assertEqual((producer.events, self.polled()), ([], set()))
        self.turn()
        self.assertEqual((producer.events, self.heard()), (["stop"], b""))

    def test_oneEndsTheOther(self) -> None:
        """Lost, on behalf of another, while its turn to be sent to had come."""
        other = Talker()
        self.connect(other)

        def resume() -> None:
            other.transport.connectionLost(connectionDone)

        producer, others = Producer(), Producer()
        producer.resumeProducing = resume  # type: ignore[method-assign]
        self.transport.registerProducer(producer, True)
        other.transport.registerProducer(others, True)
        for transport in (self.transport, other.transport):
            transport.write(bytes(1 << 17))
        self.turn()
        self.assertEqual(others.events, ["pause", "stop"])

    def test_mistake(self) -> None:
        """A producer that raises ends the connection, and it is logged."""

        def resume() -> None:
            raise KeyError

        producer = Producer()
        self.transport.registerProducer(producer, True)
        producer.resumeProducing = resume  # type: ignore[method-assign]
        self.transport.write(bytes(1 << 17))
        self.turn()
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
        self.protocol.lost.trap(KeyError)

    def test_unregistered(self) -> None:
        """From then on it is plain again."""
        self.transport.registerProducer(Producer(), True)
        self.transport.write(b"one ")
        self.transport.unregisterProducer()
        self.transport.write(b"two")
        self.turn()
        self.assertEqual((self.heard(), self.sends), (b"one two", 1))
