"""L{protocols.linebuffer}: the same lines however the octets are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.linebuffer import LineBuffer

LIMIT = 8
pieces = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"bb", b"ccccc"]))


def taken(buffer: LineBuffer) -> list[bytes | int]:
    """All that can be taken now; over-long lines as the word for it."""
    got: list[bytes | int] = []
    while True:
        if buffer.split():
            got += [line if len(line) <= LIMIT else -1 for line in buffer.lines]
        elif buffer.overlong():
            got.append(-1)
        else:
            return got


def reference(data: bytes) -> list[bytes | int]:
    """Line by line, as one would write it without a thought for speed."""
    *lines, rest = data.split(b"\r\n")
    got: list[bytes | int] = [line if len(line) <= LIMIT else -1 for line in lines]
    return [*got, -1] if len(rest) > LIMIT + 1 else got


class LineBufferTests(SynchronousTestCase):
    @given(pieces)
    def test_anyCutting(self, cuts: list[bytes]) -> None:
        buffer = LineBuffer(b"\r\n", LIMIT)
        got: list[bytes | int] = []
        for piece in cuts:
            buffer.feed(piece)
            got += taken(buffer)
            self.assertLessEqual(len(buffer.tail), LIMIT + 1)
        self.assertEqual(got, reference(b"".join(cuts)))

    @given(pieces)
    def test_whole(self, cuts: list[bytes]) -> None:
        buffer = LineBuffer(b"\r\n", LIMIT)
        buffer.feed(b"".join(cuts))
        self.assertEqual(taken(buffer), reference(b"".join(cuts)))

    @given(st.binary(max_size=40))
    def test_clearReturnsItAsItCame(self, data: bytes) -> None:
        buffer = LineBuffer(b"\n", 100)
        buffer.feed(data)
        buffer.split()
        self.assertEqual(buffer.clear(), data)
        self.assertFalse(buffer)

    def test_stopsBetweenLines(self) -> None:
        buffer = LineBuffer(b"\n", LIMIT)
        buffer.feed(b"a\nb\nc")
        self.assertTrue(buffer.split())
        self.assertEqual(next(buffer.lines), b"a")
        self.assertTrue(buffer.hasLines)
        self.assertEqual(buffer.clear(), b"b\nc")

    def test_skip(self) -> None:
        """Lines that were taken in another way; what is cleared stays away."""
        buffer = LineBuffer(b"\n", LIMIT)
        buffer.feed(b"a\nb\nc\nd")
        self.assertEqual(buffer.split(), [b"a", b"b", b"c"])
        buffer.skip(0)
        buffer.skip(2)
        self.assertEqual(list(buffer.lines), [b"c"])
        buffer.skip(1)
        self.assertEqual((buffer.hasLines, buffer.tail), (False, b"d"))

    def test_checked(self) -> None:
        """C{checked} spares the delivery a look at every line's length."""
        buffer = LineBuffer(b"\n", 3)
        for data, checked in (
            (b"aaa\n", True),
            (b"a\naaaa\n", False),
            (b"a\nb\n", True),
        ):
            buffer.feed(data)
            buffer.split()
            self.assertEqual(buffer.checked, checked)
            list(buffer.lines)
