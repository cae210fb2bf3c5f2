"""The receiving half, and the order of events, which is that of a socket."""

from __future__ import annotations

import errno
import socket
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IConsumer, IPushProducer, ITCPTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from protocols.testing import BackPressureTransport, Conversation, runningInThread
from tests.testing.samples import Echo, HalfCloser, Recorder, factoryOf


def connected(protocol: Any) -> BackPressureTransport:
    transport = BackPressureTransport()
    transport.connect(protocol)
    return transport


class InterfaceTests(SynchronousTestCase):
    def test_provides(self) -> None:
        for interface in (ITCPTransport, IConsumer, IPushProducer):
            self.assertTrue(verifyObject(interface, BackPressureTransport()))

    def test_addresses(self) -> None:
        peer = IPv4Address("TCP", "192.0.2.9", 1)
        host = IPv4Address("TCP", "192.0.2.8", 2)
        transport = BackPressureTransport(peer=peer, host=host)
        self.assertEqual((transport.getPeer(), transport.getHost()), (peer, host))
        other = BackPressureTransport()
        self.assertNotEqual(other.getPeer(), other.getHost())

    def test_options(self) -> None:
        transport = BackPressureTransport()
        self.assertFalse(transport.getTcpNoDelay() or transport.getTcpKeepAlive())
        transport.setTcpNoDelay(True)
        self.assertEqual(
            (transport.getTcpNoDelay(), transport.getTcpKeepAlive()), (True, False)
        )
        transport.setTcpKeepAlive(True)
        self.assertTrue(transport.getTcpKeepAlive())


class ReceivingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.protocol = HalfCloser()
        self.transport = connected(self.protocol)

    def test_segmentsStayApart(self) -> None:
        self.transport.deliver(b"a")
        self.transport.deliver(b"")
        self.transport.deliver(b"b")
        self.assertEqual(self.protocol.events, ["made", b"a", b"b"])

    def test_heldWhilePaused(self) -> None:
        self.transport.pauseProducing()
        self.transport.deliver(b"ab")
        self.transport.deliver(b"c")
        self.transport.deliverEnd()
        self.assertEqual(self.transport.held, 3)
        self.assertEqual(self.protocol.events, ["made"])
        self.transport.resumeProducing()
        self.assertEqual(self.protocol.events, ["made"])
        self.transport.turn()
        self.assertEqual(self.protocol.events, ["made", b"ab", b"c", "readLost"])
        self.assertEqual(self.transport.held, 0)

    def test_notDeliveredWhileClosing(self) -> None:
        """Twisted stops reading in C{loseConnection}; nothing resumes it."""
        self.transport.write(b"x")
        self.transport.loseConnection()
        self.transport.resumeProducing()
        self.transport.deliver(b"late")
        self.transport.read()
        self.assertEqual(self.protocol.events, ["made", "ConnectionDone"])

    def test_neverWithinItself(self) -> None:
        class Resuming(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.resumeProducing()
                self.transport.turn()
                super().dataReceived(data)

        protocol = Resuming()
        transport = connected(protocol)
        transport.pauseProducing()
        transport.deliver(b"1")
        transport.deliver(b"2")
        transport.resumeProducing()
        transport.turn()
        self.assertEqual(protocol.events, ["made", b"1", b"2"])

    def test_swappedProtocol(self) -> None:
        """A wrapper may put another protocol in its place."""
        other = Recorder()
        self.transport.protocol = other
        self.transport.deliver(b"x")
        self.transport.reset()
        self.assertEqual(other.events, [b"x", "ConnectionLost"])
        self.assertEqual(self.protocol.events, ["made"])

    def test_stopProducing(self) -> None:
        self.transport.stopProducing()
        self.transport.turn()
        self.assertEqual(self.protocol.events, ["made", "ConnectionDone"])


class EndTests(SynchronousTestCase):
    def test_halfCloseable(self) -> None:
        protocol = HalfCloser()
        transport = connected(protocol)
        transport.deliverEnd()
        transport.deliverEnd()
        transport.write(b"answer")
        self.assertEqual(protocol.events, ["made", "readLost"])
        self.assertEqual(transport.read(), b"answer")

    def test_notHalfCloseable(self) -> None:
        """What was not read by then is lost, as on a socket."""
        protocol = Recorder()
        transport = connected(protocol)
        transport.write(b"unread")
        transport.deliverEnd()
        self.assertEqual(protocol.events, ["made", "ConnectionDone"])
        self.assertEqual(transport.read(), b"")

    def test_nothingBehindIt(self) -> None:
        transport = connected(HalfCloser())
        transport.deliverEnd()
        self.assertRaises(ValueError, transport.deliver, b"x")

    def test_reset(self) -> None:
        protocol = HalfCloser()
        transport = connected(protocol)
        transport.pauseProducing()
        transport.deliver(b"lost")
        transport.reset()
        transport.reset()
        self.assertEqual(protocol.events, ["made", "ConnectionLost"])

    def test_restless(self) -> None:
        class Restless(Recorder):
            def resumeProducing(self) -> None:
                self.transport.write(b"x")
                self.transport.read()

        protocol = Restless()
        transport = connected(protocol)
        with self.assertRaisesRegex(AssertionError, "has not come to rest"):
            transport.registerProducer(protocol, False)
            transport.turn()


class AsASocketTests(SynchronousTestCase):
    """The same events, on a socket and in memory."""

    def assertSame(self, protocol: type[Recorder], said: bytes) -> list[Any]:
        """The peer hears the greeting, says this, hears all, half-closes."""
        conversation = Conversation(factoryOf(protocol))
        expected = [conversation.heard()]
        conversation.say(said)
        expected.append(conversation.heard())
        conversation.end()
        expected.append(conversation.heard())
        events = self.onSocket(protocol, said, expected)
        self.assertEqual(conversation.protocol.events, events)
        return events

    def onSocket(
        self, protocol: type[Recorder], said: bytes, expected: list[bytes]
    ) -> list[Any]:
        greeting, answer, farewell = expected
        built = protocol()
        factory = factoryOf(protocol)
        factory.buildProtocol = lambda addr: built
        with runningInThread(factory) as server:
            client = socket.create_connection((server.host, server.port), 10)
            self.addCleanup(client.close)
            self.assertEqual(_read(client, len(greeting)), greeting)
            client.sendall(said)
            self.assertEqual(_read(client, len(answer)), answer)
            _end(client)
            self.assertEqual(_read(client, 65536), farewell)
            server.call(lambda: built.ended)
        return built.events

    def test_theirEnd(self) -> None:
        self.assertEqual(self.assertSame(Echo, b"hi")[-1], "ConnectionDone")

    def test_ourEnd(self) -> None:
        self.assertEqual(self.assertSame(Echo, b"hi.")[-1], "ConnectionDone")

    def test_abort(self) -> None:
        self.assertEqual(self.assertSame(Echo, b"hi!")[-1], "ConnectionAborted")

    def test_halfClose(self) -> None:
        class Answering(HalfCloser):
            def readConnectionLost(self) -> None:
                super().readConnectionLost()
                self.transport.write(b"bye")
                self.transport.loseConnection()

        events = self.assertSame(Answering, b"hi")
        self.assertEqual(events, ["made", b"hi", "readLost", "ConnectionDone"])

    def test_ourHalfCloseFirst(self) -> None:
        class Ending(HalfCloser):
            def connectionMade(self) -> None:
                super().connectionMade()
                self.transport.write(b"all")
                self.transport.loseWriteConnection()

            def readConnectionLost(self) -> None:
                super().readConnectionLost()
                self.transport.loseConnection()

        events = self.assertSame(Ending, b"hi")
        self.assertIn("writeLost", events)

    def test_wordsBeforeEnd(self) -> None:
        """C{connectionLost} comes after the call that closes has returned."""

        class Closing(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.loseConnection()
                self.events.append("closed")

        self.assertEqual(
            self.assertSame(Closing, b"hi"), ["made", "closed", "ConnectionDone"]
        )


def _read(client: socket.socket, size: int) -> bytes:
    """C{size} octets, or fewer up to the end; a reset counts as one."""
    heard = b""
    try:
        while len(heard) < size and (data := client.recv(size - len(heard))):
            heard += data
    except ConnectionResetError:
        pass
    return heard


def _end(client: socket.socket) -> None:
    """Half-close, if the other side has not closed altogether."""
    try:
        client.shutdown(socket.SHUT_WR)
    except OSError as error:
        if error.errno not in (errno.ENOTCONN, errno.ECONNRESET):
            raise
