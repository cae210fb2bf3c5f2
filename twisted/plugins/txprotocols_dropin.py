"""What C{twistd} offers of txprotocols; nothing of it is imported until used."""

from twisted.application.service import ServiceMaker

echo = ServiceMaker(
    "txprotocols echo",
    "protocols.tcpecho.tap",
    "TCP echo (RFC 862): every octet comes back.",
    "echo",
)
udpecho = ServiceMaker(
    "txprotocols udpecho",
    "protocols.udpecho.tap",
    "UDP echo (RFC 862) that is no reflector.",
    "udpecho",
)
