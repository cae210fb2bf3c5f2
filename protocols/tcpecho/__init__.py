"""TCP echo, RFC 862: whatever comes goes back."""

from protocols.tcpecho.client import EchoClient, EchoClosedError
from protocols.tcpecho.protocol import EchoFactory, EchoProtocol

__all__ = ["EchoClient", "EchoClosedError", "EchoFactory", "EchoProtocol"]
