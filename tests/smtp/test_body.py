"""L{protocols.smtp.body} against a reference that goes line by line."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.body import Body

PIECES = (
    b"\r",
    b"\n",
    b".",
    b"\r\n",
    b"a",
    b"\r\n.\r\n",
    b"\0",
    b"bb",
    b"\xe9",
    b"\r\n.",
)
LINE = 6


def reference(data: bytes) -> tuple[bytes, bytes, set[str]] | None:
    """Content, rest and faults as RFC 5321 has them; C{None} without an end."""
    end = (b"\r\n" + data).find(b"\r\n.\r\n")
    if end < 0:
        return None
    text, rest = data[:end], data[end + 3 :]
    lines = text.split(b"\r\n")[:-1]
    faults = set()
    for line in lines:
        length = len(line) + 2 - line.startswith(b".")
        faults |= {"bare-cr"} if b"\r" in line else set()
        faults |= {"bare-lf"} if b"\n" in line else set()
        faults |= {"nul"} if b"\0" in line else set()
        faults |= {"8bit"} if not line.isascii() else set()
        faults |= {"long-line"} if length > LINE and b"\n" not in line else set()
    content = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)
    return content, rest, faults


def fed(data: bytes, sizes: list[int]) -> tuple[bytes, bytes, set[str]] | None:
    """The same of a L{Body} that is fed segments of these sizes, in turn."""
    body = Body(10_000, LINE)
    position = number = 0
    while position < len(data):
        size = sizes[number % len(sizes)]
        rest = body.feed(data[position : position + size])
        position, number = position + size, number + 1
        assert len(body._carry) <= 4
        if rest is not None:
            body.flush()
            return body.finished().read(), rest + data[position:], body.faults
    return None


class ReferenceTests(SynchronousTestCase):
    def check(self, data: bytes, sizes: list[int]) -> None:
        expected, found = reference(data), fed(data, sizes)
        if expected is None or found is None:
            self.assertEqual(found, expected)
            return
        self.assertEqual(found[:2], expected[:2])
        strange = {"bare-lf"} & expected[2]
        ignored = {"long-line"} if strange else set()
        self.assertEqual(found[2] - ignored, expected[2] - ignored)

    @given(st.lists(st.sampled_from(PIECES)), st.lists(st.integers(1, 9), min_size=1))
    def test_anyCut(self, pieces: list[bytes], sizes: list[int]) -> None:
        self.check(b"".join(pieces) + b"\r\n.\r\nREST", sizes)
        self.check(b"".join(pieces), sizes)

    def test_manyCuts(self) -> None:
        """100,000 cases, the same each time."""
        random = Random(5321)
        for _ in range(100_000):
            data = b"".join(random.choices(PIECES, k=random.randint(0, 12)))
            self.check(
                data + b"\r\n.\r\n", [random.randint(1, 7), random.randint(1, 7)]
            )


class SizeTests(SynchronousTestCase):
    def test_size(self) -> None:
        """Un-stuffed, with each CRLF (RFC 1870, section 6.1)."""
        body = Body(100)
        self.assertEqual(body.feed(b"..a\r\n.b\r\n.\r\nNOOP"), b"NOOP")
        self.assertEqual((body.size, body.finished().read()), (7, b".a\r\nb\r\n"))

    def test_large(self) -> None:
        """It goes to a file, and comes back the same."""
        body = Body(1 << 24)
        data = bytes(range(32, 127)) * 8 + b"\r\n"
        for _ in range(1000):
            self.assertIsNone(body.feed(data))
        body.feed(b".\r\n")
        self.assertEqual(body.finished().read(), data * 1000)
        body.close()
