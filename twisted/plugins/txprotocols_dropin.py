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
chat = ServiceMaker(
    "txprotocols chat",
    "protocols.chat.tap",
    "A line chat with rooms, for nc and telnet.",
    "chat",
)
smtp = ServiceMaker(
    "txprotocols smtp",
    "protocols.smtp.tap",
    "A mail receiver (SMTP, RFC 5321) that loses nothing.",
    "smtp",
)
suite = ServiceMaker(
    "txprotocols suite",
    "protocols.suite.tap",
    "All of them from one TOML file.",
    "suite",
)
