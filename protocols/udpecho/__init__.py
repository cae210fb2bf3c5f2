"""UDP datagram echo, RFC 862, that can't be made into a loop or a reflector."""

from protocols.udpecho.client import EchoDatagramClient, EchoRefusedError
from protocols.udpecho.protocol import EchoDatagramProtocol

__all__ = ["EchoDatagramClient", "EchoDatagramProtocol", "EchoRefusedError"]
