"""Rung 2: a subclass with one hook.

With this file's folder on the path::

    PYTHONPATH=examples twistd -n echo --protocol echo_upper.Upper
    printf 'hello\\n' | nc -N 127.0.0.1 7007
"""

from __future__ import annotations

from protocols.tcpecho import EchoProtocol


class Upper(EchoProtocol):
    """Shouts back."""

    def echoed(self, data: bytes) -> bytes:
        return data.upper()
