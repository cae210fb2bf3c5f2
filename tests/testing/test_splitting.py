"""A server that takes segments for messages is found out."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.lines import LineProtocol
from protocols.testing import Transcript, everySplit
from protocols.testing.splitting import _segments
from tests.testing.samples import Echo, Recorder, factoryOf


class Reversing(LineProtocol):
    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line[::-1])
        if line == b"quit":
            self.loseConnection()


class EverySplitTests(SynchronousTestCase):
    def failure(self, protocol: type[Recorder], data: bytes, **options: Any) -> str:
        error = self.assertRaises(
            AssertionError, everySplit, lambda: factoryOf(protocol), data, **options
        )
        return str(error)

    def test_same(self) -> None:
        said = everySplit(lambda: factoryOf(Reversing), b"ab\r\nquit\r\nlate\r\n")
        self.assertEqual(said, Transcript(b"ba\r\ntiuq\r\n", disconnecting=True))

    def test_end(self) -> None:
        said = everySplit(lambda: factoryOf(Reversing), b"ab\r\nrest", end=True)
        self.assertEqual(said, Transcript(b"ba\r\n", disconnecting=True))

    def test_aNewFactoryEachTime(self) -> None:
        built: list[object] = []

        def make() -> Any:
            built.append(factoryOf(Echo))
            return built[-1]

        everySplit(make, b"abc", cuts=3)
        self.assertEqual(len(set(map(id, built))), 5)

    def test_byteByByte(self) -> None:
        class Segments(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(data + b"|")

        self.assertEqual(
            self.failure(Segments, b"abc"),
            "byte by byte (segments of 1, 1, 1 octets): octet 1 of what was written "
            "differs: b'a|b|c|', and b'abc|' when said whole",
        )

    def test_randomCut(self) -> None:
        class Pairs(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(b"!" if len(data) == 2 else b"")

        message = self.failure(Pairs, b"x" * 100)
        self.assertRegex(message, r"^random cut \d+ \(segments of .* octets\): octet 0")
        self.assertEqual(message, self.failure(Pairs, b"x" * 100))
        everySplit(lambda: factoryOf(Pairs), b"x" * 100, cuts=0)

    def test_otherSeed(self) -> None:
        class Sizes(Recorder):
            def dataReceived(self, data: bytes) -> None:
                if 1 < len(data) < 100:
                    self.transport.write(str(len(data)).encode())

        zero, one = (self.failure(Sizes, b"x" * 100, seed=n) for n in (0, 1))
        self.assertNotEqual(zero, one)

    def test_close(self) -> None:
        class Short(Recorder):
            def dataReceived(self, data: bytes) -> None:
                if len(data) == 1:
                    self.transport.loseConnection()

        self.assertIn(
            "disconnecting is True, and False when said whole",
            self.failure(Short, b"abc"),
        )

    def test_abort(self) -> None:
        class Short(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.loseConnection()
                if len(data) == 1:
                    self.transport.abortConnection()

        self.assertIn("aborted is True, and False", self.failure(Short, b"abc"))

    def test_longCutsAreShortened(self) -> None:
        class Counting(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(str(len(data)).encode())

        self.assertIn("1, 1, ... octets)", self.failure(Counting, b"x" * 30))

    @given(st.binary(max_size=200), st.integers(1, 50), st.integers())
    def test_segments(self, data: bytes, longest: int, seed: int) -> None:
        segments = _segments(data, longest, Random(seed))
        self.assertEqual(b"".join(segments), data)
        self.assertTrue(all(0 < len(segment) <= longest for segment in segments))
