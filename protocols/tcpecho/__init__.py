"""TCP echo, RFC 862: whatever comes goes back."""

from protocols.tcpecho.protocol import EchoFactory, EchoProtocol

__all__ = ["EchoFactory", "EchoProtocol"]
