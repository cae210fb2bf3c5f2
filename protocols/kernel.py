"""What the kernel knows about a connection, so that nobody has to count it.

Linux keeps for each TCP connection how many octets went each way and how long
it has been quiet. Asking when the answer is needed (a few times in a
connection's life) costs one system call of about a microsecond; counting in
Python would cost a call for every segment received or written.

Source: C{struct tcp_info} in Linux C{include/uapi/linux/tcp.h}; the fields up to
C{tcpi_bytes_retrans} have their place since Linux 4.19 (2018). Elsewhere, and
for sockets that are not TCP, L{readStats} answers C{None}.
"""

from __future__ import annotations

import array
import socket
import struct
from typing import Any, NamedTuple

# tcpi_state; last_data_sent, -, last_data_recv (ms); bytes_received;
# notsent_bytes; bytes_sent, bytes_retrans.
_TCP_INFO = struct.Struct("=B43xI4xI72xQ8xI52xQQ")
_TCP_INFO_OPTION: int | None = getattr(socket, "TCP_INFO", None)

# CLOSE_WAIT, LAST_ACK, CLOSING and TIME_WAIT: the peer's FIN has come, and
# Linux counts it as an octet received.
_AFTER_FIN = frozenset((6, 8, 9, 11))

# A peer that vanished without a word is found after 60 s + 4 * 15 s of silence,
# and, when we have something to say to it, 120 s after it stopped to
# acknowledge (RFC 5482's user time-out).
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 60, 15, 4
USER_TIMEOUT = 120_000

_TUNING: tuple[tuple[int, str, int], ...] = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_NODELAY", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", KEEPALIVE_IDLE),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", KEEPALIVE_INTERVAL),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", KEEPALIVE_COUNT),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", USER_TIMEOUT),
)
_OPTIONS = [
    (level, getattr(socket, name), value)
    for level, name, value in _TUNING
    if hasattr(socket, name)
]


class Stats(NamedTuple):
    """What has gone over a connection so far.

    @ivar bytesIn: octets received from the peer, on the wire (under TLS: of
        records, not of plain text).
    @ivar bytesOut: octets handed to the kernel for the peer, likewise.
    @ivar idle: seconds since octets last went either way.
    """

    bytesIn: int
    bytesOut: int
    idle: float


def readStats(sock: socket.socket) -> Stats | None:
    """Ask the kernel; C{None} where it can't say (no TCP, no Linux, closed)."""
    if _TCP_INFO_OPTION is None:
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO_OPTION, _TCP_INFO.size)
    except OSError:
        return None
    if len(info) < _TCP_INFO.size:
        return None
    state, sent, received, bytesIn, unsent, out, again = _TCP_INFO.unpack(info)
    bytesIn -= state in _AFTER_FIN
    return Stats(bytesIn, out - again + unsent, min(sent, received) / 1000)


def queuedInput(sock: socket.socket) -> int:
    """Octets that have arrived and were not read yet; 0 where unknown."""
    try:
        import fcntl
        import termios

        count = array.array("i", [0])
        fcntl.ioctl(sock.fileno(), termios.FIONREAD, count)
    except (ImportError, OSError, ValueError):
        return 0
    return count[0]


def tune(sock: socket.socket) -> None:
    """Keepalive on, and small writes sent at once (no Nagle, RFC 896).

    An option that a socket doesn't know (UNIX, another system) is left out.
    """
    for level, option, value in _OPTIONS:
        try:
            sock.setsockopt(level, option, value)
        except OSError:
            return


def socketTransport(transport: Any) -> Any:
    """The innermost transport, which has the socket; C{None} without one.

    TLS and the PROXY protocol each put a transport of their own around it.
    """
    while getattr(transport, "transport", None) is not None:
        transport = transport.transport
    held = isinstance(getattr(transport, "socket", None), socket.socket)
    return transport if held else None
