"""Lines of one chunk that a protocol takes together: C{linesReceived}."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport

from tests.linereceivers import LineTestCase, Quiet, factoryOf

# What the receiver is told: the same however it was taken.
WORDS = [b"a", b"b", b"slow", b"raise", b"x" * 21, b"", b"hold", b"fired", b"bye"]


class Together(Quiet):
    """Takes the plain lines at the beginning of a chunk together."""

    plain = (b"a", b"b", b"")

    def connectionMade(self) -> None:
        super().connectionMade()
        self.asked: list[list[bytes]] = []

    def linesReceived(self, lines: list[bytes]) -> int:
        self.asked.append(lines)
        taken = 0
        for line in lines:
            if line not in self.plain:
                break
            self.lineReceived(line)
            taken += 1
        return taken


def told(kind: Any, chunks: list[bytes]) -> tuple[list[Any], bytes]:
    """What a receiver has seen and said, with all waits ended at once."""
    proto: Any = factoryOf(kind).buildProtocol(None)
    transport = StringTransport()
    proto.makeConnection(transport)
    for chunk in chunks:
        proto.dataReceived(chunk)
        while proto.timeStands:
            while proto.waiting:
                proto.waiting.pop(0).callback(None)
            proto.resumeLines()
    return proto.seen, transport.value()


class TogetherTests(LineTestCase):
    protocol = Together

    @given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), max_size=6))
    def test_asOneByOne(self, chunks: list[list[bytes]]) -> None:
        cut = [b"".join(line + b"\r\n" for line in chunk) for chunk in chunks]
        self.assertEqual(told(Together, cut), told(Quiet, cut))

    @given(st.lists(st.sampled_from(WORDS), max_size=9), st.integers(1, 9))
    def test_wheneverItIsCut(self, lines: list[bytes], size: int) -> None:
        data = b"".join(line + b"\r\n" for line in lines)
        cut = [data[at : at + size] for at in range(0, len(data), size)]
        self.assertEqual(told(Together, cut), told(Quiet, [data]))

    def test_askedOnceForAChunk(self) -> None:
        self.feed(b"a\r\nhold\r\nb\r\na")
        self.assertEqual(self.proto.asked, [[b"a", b"hold", b"b"]])
        self.proto.resumeLines()
        self.assertEqual(self.proto.seen, [b"a", b"hold", b"b"])
        self.feed(b"\r\nb\r\n")
        self.assertEqual(self.proto.asked[1:], [[b"a", b"b"]])

    def test_notForOne(self) -> None:
        """It would cost more."""
        self.feed(b"a\r\n")
        self.feed(b"a\r\nb")
        self.feed(b"\r\n")
        self.assertEqual((self.proto.asked, self.proto.seen), ([], [b"a"] * 2 + [b"b"]))

    def test_notWhatIsTooLong(self) -> None:
        self.feed(b"a\r\n" + b"x" * 21 + b"\r\nb\r\n")
        self.assertEqual(self.proto.asked, [])
        self.assertEqual(self.proto.seen, [b"a", "too long", b"b"])

    def test_notWhileSomethingWaits(self) -> None:
        """Order is kept: what comes meanwhile is asked for when it has ended."""
        self.feed(b"slow\r\n")
        self.feed(b"a\r\nb\r\n")
        self.assertEqual(self.proto.asked, [])
        self.proto.waiting[0].callback(None)
        self.assertEqual(self.proto.asked, [[b"a", b"b"]])
        self.assertEqual(self.transport.value(), b"late slow\r\nok a\r\nok b\r\n")

    def test_itRaises(self) -> None:
        """Nothing is lost: each line is delivered by itself."""

        def fail(lines: list[bytes]) -> int:
            raise ValueError("a hook's own mistake")

        self.proto.linesReceived = fail
        self.feed(b"a\r\nb\r\n")
        self.assertEqual(self.proto.seen, [ValueError, b"a", b"b"])

    def test_itHolds(self) -> None:
        waiting: Deferred[None] = Deferred()

        def hold(lines: list[bytes]) -> int:
            self.proto.holdFor(waiting)
            return 1

        self.proto.linesReceived = hold
        self.feed(b"a\r\nb\r\n")
        self.assertEqual(self.proto.seen, [])
        waiting.callback(None)
        self.assertEqual(self.proto.seen, [b"b"])

    def test_itEnds(self) -> None:
        """What is behind it is dropped, and what it says it took is no matter."""

        def leave(lines: list[bytes]) -> int:
            self.proto.loseConnection()
            return 1

        self.proto.linesReceived = leave
        self.feed(b"a\r\nb\r\n")
        self.assertEqual(self.proto.seen, [])
        self.assertTrue(self.transport.disconnecting)

    def test_timeCountsFromIt(self) -> None:
        """Lines that are taken together are lines that have come in time."""
        self.proto.lineTimeout = 10
        self.proto.setTimeout(10)
        for _ in range(3):
            self.clock.advance(6)
            self.feed(b"a\r\nb\r\n")
        self.assertFalse(self.transport.disconnecting)
        self.clock.advance(11)
        self.assertTrue(self.transport.disconnecting)
