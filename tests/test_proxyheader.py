"""L{protocols.proxyheader}: haproxy's proxy-protocol.txt, sections 2.1 and 2.2."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.proxyheader import (
    MAX_HEADER,
    MAX_LINE,
    ProxyHeader,
    ProxyHeaderError,
    parseProxyHeader,
)

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LINE = b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"


def block(command: int, family: int, rest: bytes, size: int | None = None) -> bytes:
    """A header of version 2."""
    size = len(rest) if size is None else size
    return SIGNATURE + struct.pack("!BBH", command, family, size) + rest


FOUR = b"\xc0\0\2\1" + b"\xc0\0\2\2" + struct.pack("!HH", 56324, 443)
SIX = b"\x20\1\x0d\xb8" + bytes(11) + b"\1" + bytes(16) + struct.pack("!HH", 1, 2)

GOOD = {
    LINE: ("192.0.2.1", 56324),
    b"PROXY TCP6 2001:db8::1 ::1 1 65535\r\n": ("2001:db8::1", 1),
    b"PROXY UNKNOWN\r\n": ("", 0),
    b"PROXY UNKNOWN ffff:f:f ::1 x y\r\n": ("", 0),
    block(0x21, 0x11, FOUR): ("192.0.2.1", 56324),
    block(0x21, 0x21, SIX): ("2001:db8::1", 1),
    block(0x21, 0x11, FOUR + b"\x04\0\1x"): ("192.0.2.1", 56324),
    block(0x20, 0x00, b""): ("", 0),
    block(0x20, 0x11, FOUR): ("", 0),
    block(0x21, 0x31, bytes(216)): ("", 0),
}
BAD = (
    *(b"NOOP\r\n", b"X", b"\r\n\r\nX", b"PROXY\r\n", b"proxy TCP4"),
    b"PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 65536\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
    b"PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n",
    b"PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n",
    b"PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
    b"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
    b"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
    b"PROXY UNKNOWNS\r\n",
    b"PROXY \xff\r\n",
    b"PROXY TCP4 " + b"1" * MAX_LINE,
    block(0x11, 0x11, FOUR),
    block(0x22, 0x11, FOUR),
    block(0x21, 0x11, FOUR[:-1]),
    block(0x21, 0x21, FOUR),
    block(0x21, 0x11, b"", MAX_HEADER),
)


COMMANDS, FAMILIES = st.sampled_from((0x20, 0x21)), st.sampled_from((0x11, 0x21))


class HeaderTests(SynchronousTestCase):
    def test_good(self) -> None:
        """Whole; what stands behind it is not touched."""
        for octets, (host, port) in GOOD.items():
            expected = ProxyHeader(len(octets), host, port)
            self.assertEqual(parseProxyHeader(octets), expected, octets)
            self.assertEqual(parseProxyHeader(octets + LINE), expected, octets)

    def test_everyCut(self) -> None:
        for octets in GOOD:
            for length in range(len(octets)):
                self.assertIsNone(parseProxyHeader(octets[:length]), octets[:length])

    def test_bad(self) -> None:
        for octets in BAD:
            with self.assertRaises(ProxyHeaderError, msg=octets):
                parseProxyHeader(octets)

    def test_longestLine(self) -> None:
        """107 octets and no more."""
        start = b"PROXY UNKNOWN "
        for more, good in {0: True, 1: False}.items():
            line = start.ljust(MAX_LINE - 2 + more, b"x") + b"\r\n"
            if good:
                self.assertEqual(parseProxyHeader(line), ProxyHeader(MAX_LINE))
            else:
                self.assertRaises(ProxyHeaderError, parseProxyHeader, line)

    @given(
        st.binary()
        | st.builds(bytes.__add__, st.sampled_from((b"PROXY ", SIGNATURE)), st.binary())
        | st.builds(
            block,
            st.sampled_from((0x20, 0x21)),
            st.sampled_from((0x11, 0x21)),
            st.binary(),
        )
    )
    def test_onlyOneErrorEscapes(self, octets: bytes) -> None:
        try:
            header = parseProxyHeader(octets)
        except ProxyHeaderError as error:
            self.assertTrue(str(error))
        else:
            self.assertTrue(header is None or header.length <= len(octets))
