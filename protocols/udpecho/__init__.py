"""UDP datagram echo, RFC 862, that can't be made into a loop or a reflector."""

from protocols.udpecho.protocol import EchoDatagramProtocol

__all__ = ["EchoDatagramProtocol"]
