"""Telnet's own octets (RFC 854, RFC 855, RFC 1143)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.telnet import SubnegotiationError, TelnetFilter


def filtered(*chunks: bytes) -> tuple[bytes, bytes]:
    """Text and answers of all chunks."""
    telnet = TelnetFilter()
    parts = [telnet.feed(chunk) for chunk in chunks]
    return b"".join(text for text, _ in parts), b"".join(said for _, said in parts)


class TelnetTests(SynchronousTestCase):
    def test_inEveryCut(self) -> None:
        for data, expected in {
            b"\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0hello\n": (
                b"hello\n",
                b"\xff\xfe\x1f",
            ),
            b"\xff\xfd\x01\xff\xfd\x01\xff\xfd\x03a": (
                b"a",
                b"\xff\xfc\x01\xff\xfc\x03",
            ),
            b"\xff\xfe\x01\xff\xfc\x01a": (b"a", b""),
            b"a\xff\xffb": (b"a\xffb", b""),
            b"a\xff\xf1b": (b"ab", b""),
            b"\xff\xfa\x18a\xff\xffb\xff\xf0c": (b"c", b""),
            b"hi\r\n\r\x00a\nb\x00c\rd": (b"hi\n\na\nbc\rd", b""),
        }.items():
            self.assertEqual(filtered(data), expected)
            self.assertEqual(
                filtered(*(data[i : i + 1] for i in range(len(data)))), expected
            )
            for cut in range(len(data)):
                self.assertEqual(filtered(data[:cut], data[cut:]), expected)

    def test_carriageReturnThatWaits(self) -> None:
        self.assertEqual(filtered(b"hi\r")[0], b"hi")
        self.assertEqual(filtered(b"hi\r", b"\n")[0], b"hi\n")
        self.assertEqual(filtered(b"hi\r", b"\r", b"x")[0], b"hi\r\rx")

    def test_subnegotiationWithoutEnd(self) -> None:
        telnet = TelnetFilter()
        telnet.feed(b"\xff\xfa\x18")
        with self.assertRaises(SubnegotiationError):
            for _ in range(1 << 20):
                telnet.feed(b"x" * 100)

    @given(st.lists(st.binary(max_size=5)))
    def test_anyCut(self, chunks: list[bytes]) -> None:
        self.assertEqual(filtered(*chunks), filtered(b"".join(chunks)))

    @given(st.binary().filter(lambda data: not {0, 13, 255} & set(data)))
    def test_plainTextGoesThrough(self, data: bytes) -> None:
        self.assertEqual(filtered(data), (data, b""))
