"""Test protocols without a socket, and clients that block with one."""

from __future__ import annotations

from protocols.testing.certificates import selfSigned
from protocols.testing.conversation import Advance, Conversation, Transcript, converse
from protocols.testing.datagrams import FakeDatagramTransport
from protocols.testing.outgoing import HIGH_WATER, WriteAfterCloseError
from protocols.testing.pairs import Pair, connectedPair
from protocols.testing.splitting import everySplit
from protocols.testing.threads import Running, runningInThread
from protocols.testing.transports import BackPressureTransport

__all__ = [
    "HIGH_WATER",
    "Advance",
    "BackPressureTransport",
    "Conversation",
    "FakeDatagramTransport",
    "Pair",
    "Running",
    "Transcript",
    "WriteAfterCloseError",
    "connectedPair",
    "converse",
    "everySplit",
    "runningInThread",
    "selfSigned",
]
