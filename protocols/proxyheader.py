"""The header of the PROXY protocol, versions 1 and 2. Pure.

Source: "The PROXY protocol", haproxy's doc/proxy-protocol.txt; sections are its.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

# Section 2.1: the longest line of version 1, with CRLF.
MAX_LINE = 107

# Octets of a header of version 2: addresses take 36 at most, and the rest are
# extensions that we skip; nginx takes as many.
MAX_HEADER = 4096

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = struct.Struct("!12sBBH")
_LINE = re.compile(
    r"PROXY (TCP4|TCP6) (\S+) (\S+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})"
)

# Section 2.2: version and command; family and transport.
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _TCP6 = 0x11, 0x21


class ProxyHeaderError(ValueError):
    """What came first is no header; the text says what is wrong with it."""


@dataclass(frozen=True)
class ProxyHeader:
    """A header.

    @ivar length: octets that it takes.
    @ivar host: the client's literal address; empty if the proxy speaks for itself
        (C{LOCAL}), or does not say (C{UNKNOWN}).
    @ivar port: the client's.
    """

    length: int
    host: str = ""
    port: int = 0


def parseProxyHeader(data: bytes) -> ProxyHeader | None:
    """The header that C{data} begins with; C{None} if more of it has to come.

    @raise ProxyHeaderError: it does not begin with one.
    """
    if data[: len(_SIGNATURE)] == _SIGNATURE[: len(data)]:
        return _second(data)
    if data[:6] == b"PROXY "[: len(data)]:
        return _first(data)
    raise ProxyHeaderError("there is no header")


def _first(data: bytes) -> ProxyHeader | None:
    """Section 2.1: a line of text."""
    line, end, _ = data[:MAX_LINE].partition(b"\r\n")
    if not end:
        if len(data) >= MAX_LINE:
            raise ProxyHeaderError("the line is too long")
        return None
    text = line.decode("ascii", "replace")
    if re.match(r"PROXY UNKNOWN(?: |$)", text):
        return ProxyHeader(len(line) + 2)
    found = _LINE.fullmatch(text)
    if found is None:
        raise ProxyHeaderError("the line is malformed")
    kind = IPv4Address if found[1] == "TCP4" else IPv6Address
    try:
        host, _ = str(kind(found[2])), kind(found[3])
    except ValueError:
        raise ProxyHeaderError("an address is none") from None
    ports = int(found[4]), int(found[5])
    if max(ports) > 65535:
        raise ProxyHeaderError("a port is none")
    return ProxyHeader(len(line) + 2, host, ports[0])


def _second(data: bytes) -> ProxyHeader | None:
    """Section 2.2: a block of octets."""
    if len(data) < _FIXED.size:
        return None
    _, command, family, size = _FIXED.unpack_from(data)
    length = _FIXED.size + size
    if length > MAX_HEADER:
        raise ProxyHeaderError("the header is too long")
    if command not in (_LOCAL, _PROXY):
        raise ProxyHeaderError("neither version nor command are known")
    if len(data) < length:
        return None
    block = data[_FIXED.size : length]
    if command == _LOCAL or family not in (_TCP4, _TCP6):
        return ProxyHeader(length)
    octets = 4 if family == _TCP4 else 16
    if size < 2 * octets + 4:
        raise ProxyHeaderError("the header is too short for its addresses")
    kind = socket.AF_INET if family == _TCP4 else socket.AF_INET6
    host = socket.inet_ntop(kind, block[:octets])
    (port,) = struct.unpack_from("!H", block, 2 * octets)
    return ProxyHeader(length, host, port)
